"""Entries with the real bridge behind them, in the fake Resolve; no server is needed for these."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from resolve.acting import act
from resolve.fake.profiles import ALL
from resolve.fake.stage import stage
from resolve.luajit import LuaJIT, needs_luajit

from lav_client import resolve_entries
from lav_client.resolve_entries import Language
from lav_plugin.resolve.host import ResolveHost

FREE = [profile.name for profile in ALL if not profile.is_studio]


@pytest.fixture
def script(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LAV_HOME", str(tmp_path / "server"))
    talk = tmp_path / "talk"
    talk.mkdir()
    command = [sys.executable, "-P", "-m", "lav_client.entry", "bridge"]
    for name, text in resolve_entries.entries(Language.lua, command, talk):
        (tmp_path / name).write_text(text)
    return tmp_path / "Light-A-Video.lua"


@needs_luajit
@pytest.mark.parametrize("profile", FREE)
def test_an_empty_timeline_is_said_on_the_console(script, tmp_path, profile):
    scene = stage(profile)
    with LuaJIT(script, scene.resolve, tmp_path) as run:
        assert "Light-A-Video: No video clip is under the playhead" in run.output()
    assert not scene.world.is_modal
    assert not [path for path in (tmp_path / "talk").iterdir() if path.is_dir()]


@needs_luajit
def test_a_refusal_is_the_last_thing_that_is_said(script, tmp_path):
    scene = stage("21.1-free")
    scene.project.timeline = None
    with LuaJIT(script, scene.resolve, tmp_path) as run:
        said = run.output()
    assert said.startswith("Light-A-Video: No timeline is open in Resolve, so there is nothing")
    assert said.count("\n") == 1


@needs_luajit
def test_remove_take_gives_the_clip_its_original_back(script, tmp_path):
    scene = act(tmp_path)
    before = scene.shown()
    host = ResolveHost(scene.scene.resolve, str(tmp_path / "data" / "lav-bridge" / "resolve"))
    host.show(scene.id, scene.takes(scene.take()))
    assert scene.shown() != before
    remove = script.with_stem("Light-A-Video - Remove Take")
    with LuaJIT(remove, scene.scene.resolve, tmp_path) as run:
        assert "a.mov: the original is shown again." in run.output()
    assert scene.shown() == before
