"""Menu entries with a real `lav bridge` behind them: Check Setup, its transcript, and deaths."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from resolve.luajit import LuaJIT, needs_luajit
from resolve.project import Resolve

from lav_client import resolve_entries
from lav_client.resolve_entries import Language
from lav_server.hold import Hold

INSIDE = """
import runpy, sys
sys.path[:0] = sys.argv[2:]
from resolve.project import Resolve
runpy.run_path(sys.argv[1], {"resolve": Resolve(), "bmd": None}, "__main__")
"""
TESTS = Path(__file__).parents[1]

LANGUAGES = [Language.python, pytest.param(Language.lua, marks=needs_luajit)]


@pytest.fixture
def user(tmp_path, monkeypatch) -> Path:
    """Folders with spaces, quotes and letters beyond ASCII in their names."""
    home = tmp_path / 'Zoë\'s "disk"'
    monkeypatch.setenv("XDG_DATA_HOME", str(home))
    monkeypatch.setenv("LAV_HOME", str(home / "server"))
    return home / "lav-bridge" / "resolve-talk"


def entry(folder: Path, language: Language, talk: Path, *options: str) -> Path:
    """The installed file of the menu's first or second entry."""
    command = [sys.executable, "-P", "-m", "lav_client.entry", "bridge", *options]
    made = dict(resolve_entries.entries(language, command, talk))
    path = folder / f"Light-A-Video - Check Setup.{language}"
    path.write_text(made[path.name], encoding="utf-8")
    talk.mkdir(parents=True, exist_ok=True)
    return path


class Python:
    """The script as Resolve's Python runs it: with `resolve` among its globals."""

    def __init__(self, script: Path) -> None:
        words = [sys.executable, "-c", INSIDE, str(script), str(TESTS), *map(str, sys.path)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def __enter__(self) -> Python:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.output()

    def output(self, seconds: float = 30.0) -> str:
        said, _ = self.process.communicate(timeout=seconds)
        return said.decode() if said else ""


def started(script: Path, language: Language, folder: Path, resolve: Any = None) -> Any:
    if language == Language.python:
        return Python(script)
    return LuaJIT(script, resolve or Resolve(), folder)


def bridges(talk: Path) -> list[psutil.Process]:
    """Of this test's user."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        try:
            is_ours = "--host" in words and process.environ().get("XDG_DATA_HOME") == str(
                talk.parents[1]
            )
        except psutil.Error:
            continue
        if is_ours:
            found.append(process)
    return found


def wait_for(holds: Callable[[], Any], seconds: float = 30.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_check_setup_names_every_link(user, tmp_path, language):
    with started(entry(tmp_path, language, user), language, tmp_path) as run:
        said = run.output()
    assert "DaVinci Resolve 21.1.0.14, the free edition, page edit" in said
    assert f"Script: {'lua' if language == 'lua' else 'python'}, " in said
    assert f"LAV Bridge: 0.1.0, {sys.executable}" in said
    assert "'Film', 25 frames a second" in said
    assert "'Schnitt 日本' from 01:00:00:00, video tracks: 2" in said
    assert "3 read, under the playhead: 'a b'" in said
    assert "Server: none is running" in said
    assert "FAIL" not in said
    assert str(user / "resolve-answers.jsonl") in said
    wait_for(lambda: not list(user.glob("run-*/")))
    wait_for(lambda: not bridges(user))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_transcript_is_the_same_from_both(user, tmp_path, language):
    with started(entry(tmp_path, language, user), language, tmp_path) as run:
        run.output()
    path = user / "resolve-answers.jsonl"
    hello, *exchanges = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert hello["hello"]["contract"] == 1
    (clips,) = [one for one in exchanges if one["calls"][0][1] == "GetClipProperty"]
    pairs = dict(clips["values"][0]["="])
    assert pairs == {"File Path": "/footage/Zoë's cut/a b.mov", "FPS": "25"}
    (places,) = [one for one in exchanges if one["calls"][0][1] == "GetStart"]
    assert places["values"] == [90000, 90048, 90096]
    assert path.stat().st_mode & 0o077 == 0


@needs_luajit
def test_a_timeline_that_is_not_open_is_a_broken_link(user, tmp_path):
    script = entry(tmp_path, Language.lua, user)
    with LuaJIT(script, Resolve(has_timeline=False), tmp_path) as run:
        said = run.output()
    assert "FAIL  Timeline: No timeline is open. Open a project" in said
    assert "ok    Server" in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_entry_is_told_of_the_first(user, tmp_path, language):
    user.mkdir(parents=True)
    with Hold(user), started(entry(tmp_path, language, user), language, tmp_path) as run:
        assert "Light-A-Video is already open in Resolve." in run.output()


class Slow(Resolve):
    """It takes its time over its project."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    def GetProjectManager(self) -> Any:
        self.asked.set()
        time.sleep(1.5)
        return super().GetProjectManager()


@needs_luajit
def test_a_bridge_that_is_told_to_end_takes_its_folder_along(user, tmp_path):
    script = entry(tmp_path, Language.lua, user)
    script.write_text(script.read_text().replace("SILENCE = 15", "SILENCE = 3"))
    slow = Slow()
    with LuaJIT(script, slow, tmp_path) as run:
        assert slow.asked.wait(30)
        (bridge,) = bridges(user)
        (folder,) = (path for path in user.glob("run-*") if path.is_dir())
        bridge.terminate()  # a kill leaves the folder to Lua, below
        bridge.wait(20)
        assert not folder.exists()
        assert "LAV Bridge's process ended" in run.output()


@needs_luajit
def test_a_bridge_that_is_killed_is_noticed_by_lua_which_tidies(user, tmp_path):
    script = entry(tmp_path, Language.lua, user)
    script.write_text(script.read_text().replace("SILENCE = 15", "SILENCE = 3"))
    slow = Slow()
    with LuaJIT(script, slow, tmp_path) as run:
        assert slow.asked.wait(30)
        (bridge,) = bridges(user)
        bridge.kill()
        assert "LAV Bridge's process ended. Renders go on" in run.output()
        assert not [list(path.iterdir()) for path in user.glob("run-*") if path.is_dir()]


def test_a_bridge_that_is_killed_is_noticed_by_python_at_once(user, tmp_path):
    script = entry(tmp_path, Language.python, user)
    text = script.read_text().replace("if __name__", SLOW + "\nif __name__")
    script.write_text(text)
    with Python(script) as run:
        (bridge,) = wait_for(lambda: bridges(user))
        wait_for((tmp_path / "asked").exists)
        bridge.kill()
        assert "LAV Bridge's process ended. Renders go on" in run.output()


def test_a_bridge_ends_with_the_python_script(user, tmp_path):
    script = entry(tmp_path, Language.python, user)
    text = script.read_text().replace("if __name__", SLOW + "\nif __name__")
    script.write_text(text)
    with Python(script) as run:
        (bridge,) = wait_for(lambda: bridges(user))
        wait_for((tmp_path / "asked").exists)
        run.process.kill()
        bridge.wait(20)


SLOW = """
class Slow:
    def __init__(self, resolve):
        self.resolve = resolve

    def __getattr__(self, name):
        if name == "GetProjectManager":
            import pathlib, time
            pathlib.Path(__file__).with_name("asked").touch()
            time.sleep(3)
        return getattr(self.resolve, name)

resolve = Slow(resolve)
"""


def test_work_that_hangs_does_not_outlive_the_script_for_long(user):
    program = f"""
import threading, time
from pathlib import Path
from lav_client import resolve_bridge
from lav_client.resolve_link import Link
from lav_client.resolve_spool import Spool
resolve_bridge.GRACE = 0.1
link = Link(Spool(Path({str(user / "run-1")!r})))
threading.Thread(target=resolve_bridge._leave, args=(link,)).start()
link.gone.set()
time.sleep(60)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)
    assert user.is_dir()
    assert not (user / "run-1").exists()


def test_python_says_that_the_bridge_is_no_longer_there(tmp_path):
    gone = ["/nowhere/at all/python"]
    script = tmp_path / "entry.py"
    script.write_text(
        resolve_entries.baked(
            resolve_entries.source(Language.python), Language.python, gone, tmp_path
        )
    )
    with Python(script) as run:
        assert "/nowhere/at all/python cannot be started" in run.output()


def test_python_says_what_the_bridge_died_of(tmp_path):
    dies = tmp_path / "dies"
    dies.write_text("#!/bin/sh\necho first >&2\necho no such module >&2\nexit 1\n")
    dies.chmod(0o755)
    script = tmp_path / "entry.py"
    script.write_text(
        resolve_entries.baked(
            resolve_entries.source(Language.python), Language.python, [str(dies)], tmp_path
        )
    )
    with Python(script) as run:
        assert "no such module" in run.output()


def test_the_script_is_of_the_oldest_python_that_resolve_takes():
    import ast

    tree = ast.parse(resolve_entries.source(Language.python), feature_version=(3, 6))
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported - {"DaVinciResolveScript"} <= sys.stdlib_module_names


def test_the_bridge_does_not_inherit_resolve_s_own_libraries(tmp_path):
    said = tmp_path / "said"
    shows = tmp_path / "shows"
    shows.write_text(f"#!/bin/sh\nenv > {said}.part\nmv {said}.part {said}\n")
    shows.chmod(0o755)
    script = tmp_path / "entry.py"
    text = resolve_entries.source(Language.python)
    script.write_text(resolve_entries.baked(text, Language.python, [str(shows)], tmp_path))
    own = {"PYTHONHOME": "", "LD_LIBRARY_PATH": "/opt/resolve/libs", "PYTHONUTF8": "1"}
    words = [sys.executable, "-c", INSIDE, str(script), str(TESTS), *map(str, sys.path)]
    subprocess.run(words, env={**os.environ, **own}, check=True, capture_output=True)
    assert not any(f"\n{name}=" in said.read_text() for name in own)
