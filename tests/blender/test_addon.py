"""The add-on leaves nothing behind, whenever it is ended and whatever file is opened."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from blender import coded
from blender.conftest import Blender

pytestmark = [pytest.mark.blender, pytest.mark.timeout(300)]


def test_the_addon_can_be_started_and_ended_again_and_again(
    blender: Blender, tmp_path: Path
) -> None:
    told = blender.run("addon", tmp_path, case="again_and_again")
    assert not any(told["empty"][name] for name in ("settings", "state", "timer", "session"))
    assert told["empty"]["handlers"] == [0, 0]
    for made, is_gone in told["told"]:
        assert made["handlers"] == [1, 1]
        assert all(made[name] for name in ("settings", "state", "timer", "session"))
        assert {"Relight", "PreviewFrame", "MainPanel", "LavPreferences"} <= set(made["operators"])
        assert is_gone


def test_renders_go_on_while_the_addon_is_ended_or_another_file_is_open(
    blender: Blender, server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [sys.executable, "-P", "-m", "lav_client.entry", "--home", str(server.home), "bridge"]
    monkeypatch.setenv("LAV_BRIDGE", json.dumps(words))
    folder = server.folder / blender.name
    folder.mkdir()
    clip = coded.write(folder / "long.mp4", range(250))
    told = blender.run("addon", tmp_path, case="at_work", clip=str(clip))
    assert not told["ended"]["session"]
    assert not told["ended"]["timer"]
    assert told["offered"] == "resume"
    assert [one["is_there"] for one in told["takes"]] == [True]
    assert told["elsewhere"] == [True, 0], "the other file knows nothing of the render"
    assert told["back"] == "resume"
    assert [one["is_there"] for one in told["both"]] == [True, True]
    assert told["threads"] == 0
