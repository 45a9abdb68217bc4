"""`lav install resolve`: where it writes on each system, what it removes, what it leaves alone."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from resolve.luajit import PROGRAM, needs_luajit

from lav_client import resolve_entries, resolve_install, resolve_places
from lav_client.cli import run
from lav_client.health import resolve as health
from lav_client.health.check import State
from lav_engine.errors import LavError
from lav_server.hold import Hold

TITLES = "Light-A-Video", "Light-A-Video - Remove Take", "Light-A-Video - Check Setup"
LUA, PYTHON = ({f"{title}.{ending}" for title in TITLES} for ending in ("lua", "py"))
OLD = f'-- {resolve_entries.MARK} once\nlocal VERSION = "0.0.1"\n'


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Of a user who has started Resolve, on Linux."""
    home = tmp_path / 'Zoë\'s "home"'
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.delenv("LAV_HOME", raising=False)
    (home / ".local" / "share" / "DaVinciResolve").mkdir(parents=True)
    return home


@pytest.fixture
def utility(home) -> Path:
    return home / ".local" / "share" / "DaVinciResolve" / "Fusion" / "Scripts" / "Utility"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def told(capsys) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)


def test_all_entries_are_written_and_what_comes_next_is_said(utility, capsys):
    assert run(["install", "resolve"]) == 0
    assert names(utility) == LUA
    said = capsys.readouterr().err
    assert "Workspace > Scripts > Light-A-Video" in said
    assert "start Resolve anew" in said


@pytest.mark.parametrize(("system", "mine", "everyone"), [
    ("linux", "~/.local/share/DaVinciResolve", "/opt/resolve"),
    (
        "darwin",
        "~/Library/Application Support/Blackmagic Design/DaVinci Resolve",
        "/Library/Application Support/Blackmagic Design/DaVinci Resolve",
    ),
    (
        "win32",
        "/roaming/Blackmagic Design/DaVinci Resolve/Support",
        "/programdata/Blackmagic Design/DaVinci Resolve",
    ),
])  # fmt: skip
def test_each_system_s_folders_are_the_documented_ones(home, monkeypatch, system, mine, everyone):
    monkeypatch.setattr(sys, "platform", system)
    folders = resolve_places.scripts({"APPDATA": "/roaming", "PROGRAMDATA": "/programdata"})
    wanted = [mine.replace("~", str(home)), everyone]
    assert folders == [Path(folder) / "Fusion" / "Scripts" for folder in wanted]


def test_a_python_installation_replaces_the_lua_one_and_says_what_it_lacks(utility, capsys):
    assert run(["install", "resolve"]) == 0
    assert run(["install", "resolve", "--python"]) == 0
    assert names(utility) == PYTHON
    assert "21.1 and newer lists no Python scripts" in capsys.readouterr().err


@needs_luajit
def test_the_command_in_lua_is_the_whole_one(home, utility):
    assert run(["--home", str(home / "h'o"), "install", "resolve"]) == 0
    for name, task in zip(TITLES, ("relight", "remove", "check"), strict=True):
        text = (utility / f"{name}.lua").read_text().split("local CONTRACT")[0]
        program = "io.write(table.concat(BRIDGE, '|'), '|', SPOOL, '|', VERSION)"
        said = subprocess.run([PROGRAM, "-e", text + program], capture_output=True, check=True)
        start = [sys.executable, "-P", "-m", "lav_client.entry", "--home", str(home / "h'o")]
        talk = home / "data" / "lav-bridge" / "resolve-talk"
        end = ["bridge", "--host", "resolve", "--task", task, str(talk), version("lav-bridge")]
        assert said.stdout.decode().split("|") == [*start, *end]
        assert talk.is_dir()


def test_the_command_in_python_is_the_whole_one(utility):
    assert run(["install", "resolve", "--python", "--record"]) == 0
    said: dict[str, Any] = {"__name__": "entry"}
    exec((utility / "Light-A-Video.py").read_text(), said)
    assert said["BRIDGE"][-6:-2] == ["bridge", "--record", "--host", "resolve"]
    assert said["VERSION"] == version("lav-bridge")


def test_stale_copies_are_removed_and_others_files_are_not(utility, capsys):
    edit = utility.parent / "Edit"
    for folder in (utility, edit):
        folder.mkdir(parents=True)
        (folder / "Light-A-Video.py").write_text(OLD)
        (folder / "Light-A-Video notes.lua").write_text("-- mine")
        (folder / "Other.lua").write_text(OLD)
    (utility / "Light-A-Video.lua").write_text(OLD)
    assert run(["install", "resolve", "--json"]) == 0
    removed = {str(folder / "Light-A-Video.py") for folder in (utility, edit)}
    said = told(capsys)
    assert set(said["removed"]) == removed
    assert {Path(path).name for path in said["scripts"]} == LUA
    assert names(edit) == {"Light-A-Video notes.lua", "Other.lua"}
    assert resolve_entries.version_of(utility / "Light-A-Video.lua") == version("lav-bridge")


@pytest.mark.parametrize("is_link", [False, True])
def test_what_is_not_ours_is_never_written_over(utility, capsys, is_link):
    utility.mkdir(parents=True)
    path, theirs = utility / "Light-A-Video.lua", utility / "theirs"
    theirs.write_text(OLD)
    if is_link:
        path.symlink_to(theirs)
    else:
        path.write_text("-- another's")
    assert run(["install", "resolve"]) == 1
    assert "is not of LAV Bridge" in capsys.readouterr().err
    assert theirs.read_text() == OLD
    assert path.is_symlink() == is_link


def test_a_dry_run_changes_nothing(home, utility, capsys):
    assert run(["install", "resolve", "--dry-run"]) == 0
    assert "would be written" in capsys.readouterr().err
    assert not utility.exists()
    assert not (home / "data").exists()


def test_an_uninstallation_takes_ours_and_leaves_the_rest(home, utility, capsys):
    assert run(["install", "resolve"]) == 0
    (utility / "Other.lua").write_text("-- theirs")
    capsys.readouterr()
    assert run(["uninstall", "resolve", "--json"]) == 0
    assert {Path(path).name for path in told(capsys)["removed"]} == LUA
    assert names(utility) == {"Other.lua"}
    assert not (home / "data" / "lav-bridge" / "resolve-talk").exists()
    assert run(["uninstall", "resolve"]) == 0
    assert "nothing to do" in capsys.readouterr().err


def test_an_uninstallation_forgets_no_project(home, utility):
    assert run(["install", "resolve"]) == 0
    remembered = home / "data" / "lav-bridge" / "resolve" / "Film.json"
    remembered.parent.mkdir()
    remembered.write_text("{}")
    assert run(["uninstall", "resolve"]) == 0
    assert remembered.read_text() == "{}"


def test_an_uninstallation_takes_nothing_from_under_a_running_entry(home, utility):
    assert run(["install", "resolve"]) == 0
    talk = home / "data" / "lav-bridge" / "resolve-talk"
    with Hold(talk):
        assert run(["uninstall", "resolve"]) == 0
        assert talk.exists()


def test_without_resolve_a_folder_has_to_be_named(home, tmp_path, capsys):
    (home / ".local" / "share" / "DaVinciResolve").rmdir()
    assert run(["install", "resolve"]) == 1
    assert "--scripts" in capsys.readouterr().err
    assert run(["install", "resolve", "--scripts", str(tmp_path / "Scripts")]) == 0
    assert names(tmp_path / "Scripts" / "Utility") == LUA


def test_a_folder_that_cannot_be_written_is_named(utility, capsys):
    utility.parent.mkdir(parents=True)
    utility.write_text("a file")
    assert run(["install", "resolve"]) == 1
    said = capsys.readouterr().err
    assert str(utility) in said
    assert "cannot be changed" in said


def test_windows_lua_is_given_names_in_ascii_or_a_sentence(monkeypatch, tmp_path):
    words = [str(tmp_path / "python.exe"), "-P", "bridge"]
    assert resolve_places.command_for_lua(words) == words
    monkeypatch.setattr(sys, "platform", "win32")
    (tmp_path / "pythonw.exe").touch()
    monkeypatch.setattr(resolve_places, "_short", lambda word: word)
    assert resolve_places.command_for_lua(words)[0] == str(tmp_path / "pythonw.exe")
    for program in ("C:/Zoë/python.exe", 'C:/a"b/python.exe', "C:/50%/python.exe"):
        with pytest.raises(LavError, match="beyond A to Z"):
            resolve_places.command_for_lua([program])


def test_windows_lua_speaks_in_a_folder_of_ascii(monkeypatch, home):
    monkeypatch.setattr(sys, "platform", "win32")
    plain = {"LOCALAPPDATA": "/users/zoe", "PROGRAMDATA": "/all"}
    assert resolve_places.talk(plain) == Path("/users/zoe/lav-bridge/resolve-talk")
    first, second = (
        resolve_places.talk({**plain, "LOCALAPPDATA": f"/users/{name}"}) for name in ("Zoë", "Jörg")
    )
    assert first.parts[:3] == second.parts[:3] == ("/", "all", "lav-bridge")
    assert first != second
    assert str(first).isascii()


def states() -> list[tuple[State, str]]:
    return [(check.state, check.text) for check in health.checks({})]


@pytest.mark.parametrize("options", [[], ["--python"]])
def test_doctor_finds_what_was_installed(utility, options):
    assert run(["install", "resolve", *options]) == 0
    first, *rest = states()
    assert first[0] == State.ok
    assert "finds this LAV Bridge" in first[1]
    assert [state for state, _ in rest] == ([State.warn] if options else [])


def test_doctor_says_nothing_without_resolve_and_how_to_without_entries(home, utility):
    assert states() == [
        (State.ok, "without Light-A-Video; `lav install resolve` puts it there"),
    ]
    (home / ".local" / "share" / "DaVinciResolve").rmdir()
    assert states() == []


def test_doctor_names_what_is_broken(utility, tmp_path):
    assert run(["install", "resolve"]) == 0
    path = utility / "Light-A-Video.lua"
    installed = path.read_text()
    path.write_text(installed.replace(version("lav-bridge"), "0.0.1"))
    assert "is of 0.0.1" in states()[0][1]
    for program, said in (("/nowhere/Zoë's/python", "no longer there"), ("/bin/sh", "another")):
        text = resolve_entries.source(resolve_entries.Language.lua)
        command = [program, "bridge"]
        path.write_text(
            resolve_entries.baked(text, resolve_entries.Language.lua, command, tmp_path)
        )
        assert said in states()[0][1]
        assert program in states()[0][1]
    edit = utility.parent / "Edit"
    edit.mkdir()
    (edit / "Light-A-Video.lua").write_text(installed)
    assert any("more than once" in text for _, text in states())
    path.unlink()
    (edit / "Light-A-Video.lua").unlink()
    assert any("Check Setup, but not" in text for _, text in states())


def test_entries_elsewhere_are_looked_for_in_the_folder_that_is_named(home, tmp_path):
    assert run(["install", "resolve", "--scripts", str(tmp_path / "S")]) == 0
    assert list(resolve_install.installed()) == []
    assert len(list(resolve_install.installed(tmp_path / "S"))) == 3
