"""`lav install blender`: which Blenders it finds, what it writes, what it leaves alone."""

from __future__ import annotations

import io
import json
import os
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import lav_plugin
from lav_client import addon, blender_addon, blenders
from lav_client.blender_addon import State
from lav_client.blenders import Blender
from lav_client.cli import run
from lav_engine.errors import LavError
from lav_plugin import record

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="places of another system")
BROKEN = "#!/bin/sh\necho broken >&2\nexit 1\n"
SAYS = "#!/bin/sh\ncase $1 in --version) echo Blender {}.3 LTS;; *) exit 1;; esac\n"


@pytest.fixture
def user(tmp_path, monkeypatch) -> Path:
    """A user with folders of Blender 2.93, 4.1 and 4.5, and no programs."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("RESOURCES", "EXTENSIONS", "SCRIPTS"):
        monkeypatch.delenv(f"BLENDER_USER_{name}", raising=False)
    monkeypatch.delenv("LAV_HOME", raising=False)
    monkeypatch.setattr(blenders.hosts, "BLENDER", {})
    for folder in ("2.93", "4.1", "4.5", "themes.old", "5.x"):
        (tmp_path / "config" / "blender" / folder).mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    return tmp_path


def program(user: Path, text: str) -> Path:
    path = user / "bin" / "blender"
    path.write_text(text)
    path.chmod(0o755)
    return path


def told(capsys) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)


def place_of(user: Path, name: str) -> Path:
    inside = "extensions/user_default" if name == "4.5" else "scripts/addons"
    return user / "config" / "blender" / name / inside / "lav_bridge"


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_every_blender_that_is_new_enough_gets_the_same_files(user, capsys):
    assert run(["install", "blender"]) == 0
    said = capsys.readouterr().err
    for name in ("4.5", "4.1"):
        assert files(place_of(user, name)) == dict(addon.contents())
        assert f"Blender {name}: Light-A-Video {addon.version()} is installed" in said
    assert "tick it under Edit > Preferences > Add-ons" in said
    assert "2.93" not in said
    assert not list((user / "config" / "blender" / "2.93").iterdir())


def test_the_record_names_this_python_and_the_options_before_install(user, capsys):
    assert run(["install", "blender"]) == 0
    found = record.read(record.path())
    assert found is not None
    assert list(found.bridge) == [sys.executable, "-P", "-m", "lav_client.entry", "bridge"]
    assert found.version == version("lav-bridge")
    assert run(["--home", str(user / "h o"), "install", "blender"]) == 0
    found = record.read(record.path())
    assert found is not None
    assert found.bridge[-3:] == ("--home", str(user / "h o"), "bridge")


def test_a_server_elsewhere_is_recorded_with_full_paths(user, monkeypatch, capsys):
    monkeypatch.chdir(user)
    Path("ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    Path("token").write_text("secret\n")
    words = ["--server", "gpu", "--ca", "ca.pem", "--token-file", "token", "--map", "/a=/b"]
    assert run([*words, "install", "blender"]) == 0
    command = json.loads(record.path().read_text())["bridge"]
    options = command[command.index("--server") :]
    paths = ["--token-file", str(user / "token"), "--ca", str(user / "ca.pem")]
    assert options == ["--server", "gpu", *paths, "--map", "/a=/b", "bridge"]
    assert "secret" not in record.path().read_text()


def test_an_upgrade_replaces_our_folder_and_nothing_beside_it(user, capsys):
    place = place_of(user, "4.5")
    place.mkdir(parents=True)
    (place / addon.MANIFEST).write_text('id = "lav_bridge"\nversion = "0.0.1"\n')
    (place / "old.py").write_text("")
    killed = place.with_name(".lav_bridge.12345.new")
    killed.mkdir()
    other = place.with_name("other_addon")
    other.mkdir()
    (other / "a.py").write_text("theirs")
    assert run(["install", "blender", "--json"]) == 0
    (newest, _) = told(capsys)["blenders"]
    assert newest["state"] == "placed"
    assert "in the place of 0.0.1" in newest["said"]
    assert files(place) == dict(addon.contents())
    assert sorted(path.name for path in place.parent.iterdir()) == ["lav_bridge", "other_addon"]
    assert files(other) == {"a.py": b"theirs"}


def foreign(place: Path) -> None:
    place.mkdir(parents=True)
    (place / "__init__.py").write_text("somebody else's")


def linked(place: Path) -> None:
    place.parent.mkdir(parents=True)
    (place.parents[2] / "checkout").mkdir()
    place.symlink_to(place.parents[2] / "checkout")


def in_the_way(place: Path) -> None:
    place.parent.mkdir(parents=True)
    place.write_text("a file")


def no_folder(place: Path) -> None:
    place.parents[1].write_text("a file where a folder belongs")


@pytest.mark.parametrize("spoil", [foreign, linked, in_the_way, no_folder])
def test_what_is_not_ours_is_left_and_the_other_blenders_go_on(user, capsys, spoil):
    place = place_of(user, "4.5")
    spoil(place)
    before = files(user / "config")
    assert run(["install", "blender", "--json"]) == 1
    newest, older = told(capsys)["blenders"]
    assert (newest["state"], older["state"]) == ("failed", "placed")
    assert str(place) in newest["said"]
    left = {name: data for name, data in files(user / "config").items() if "4.1" not in name}
    assert left == before
    assert run(["uninstall", "blender", "--json"]) == (0 if spoil is no_folder else 1)
    left = {name: data for name, data in files(user / "config").items() if "4.1" not in name}
    assert left == before


def test_a_rename_that_fails_leaves_the_old_add_on_whole(user, monkeypatch):
    place = place_of(user, "4.5")
    blender_addon.place(place)
    (place / "mark").write_text("as it was")
    before, rename = files(place), Path.rename

    def stubborn(path: Path, target: Path) -> Path:
        if path.suffix == ".new":
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stubborn)
    with pytest.raises(LavError, match="cannot be changed: Permission denied"):
        blender_addon.place(place)
    assert files(place) == before
    assert [path.name for path in place.parent.iterdir()] == ["lav_bridge"]


def test_uninstalling_takes_our_folders_and_the_record(user, capsys):
    assert run(["uninstall", "blender", "--json"]) == 0
    assert {row["state"] for row in told(capsys)["blenders"]} == {"absent"}
    run(["install", "blender"])
    beside = place_of(user, "4.5").with_name("other")
    beside.mkdir()
    capsys.readouterr()
    assert run(["uninstall", "blender", "--json"]) == 0
    assert {row["state"] for row in told(capsys)["blenders"]} == {"removed"}
    assert [path.name for path in beside.parent.iterdir()] == ["other"]
    assert not record.path().exists()


def test_the_record_stays_while_another_blender_has_the_add_on(user, capsys):
    run(["install", "blender"])
    older = program(user, SAYS.format("4.1"))
    assert run(["uninstall", "blender", "--blender", str(older)]) == 0
    assert not place_of(user, "4.1").exists()
    assert place_of(user, "4.5").exists()
    assert record.path().exists()


def test_a_dry_run_says_where_and_writes_nothing(user, capsys):
    before = sorted(user.rglob("*"))
    assert run(["install", "blender", "--dry-run"]) == 0
    assert str(place_of(user, "4.5")) in capsys.readouterr().err
    assert run(["uninstall", "blender", "--dry-run"]) == 0
    assert "nothing to do" in capsys.readouterr().err
    assert sorted(user.rglob("*")) == before


def test_no_blender_is_told_with_what_to_do(user, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(user / "empty"))
    assert run(["install", "blender"]) == 1
    said = capsys.readouterr().err
    assert "No Blender 3.4 or newer was found" in said
    assert "--blender" in said
    assert not record.path().exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BROKEN, "does not say that it is Blender"),
        ("#!/bin/sh\necho Inkscape 1.2\n", "does not say that it is Blender"),
        (SAYS.format("2.93").replace(".3 LTS", ""), "No Blender 3.4 or newer"),
        (None, "cannot be started"),
    ],
)
def test_a_program_that_is_no_blender_is_refused(user, capsys, text, why):
    path = program(user, text) if text else user / "gone"
    assert run(["install", "blender", "--blender", str(path)]) != 0
    assert why in capsys.readouterr().err


def test_a_blender_that_fails_still_gets_its_files(user, capsys):
    program(user, SAYS.format("4.5"))
    assert run(["install", "blender", "--json"]) == 0
    newest, _ = told(capsys)["blenders"]
    assert newest["program"] == str(user / "bin" / "blender")
    assert newest["state"] == "placed"
    assert files(place_of(user, "4.5")) == dict(addon.contents())


def test_a_broken_program_on_the_path_is_passed_over(user, capsys):
    program(user, BROKEN)
    assert run(["install", "blender"]) == 0


def test_one_folder_for_all_versions_needs_a_program(user, monkeypatch, capsys):
    monkeypatch.setenv("BLENDER_USER_RESOURCES", str(user / "mine"))
    assert run(["install", "blender"]) == 1
    program(user, SAYS.format("4.5"))
    assert run(["install", "blender"]) == 0
    place = user / "mine" / "extensions" / "user_default" / "lav_bridge"
    assert files(place) == dict(addon.contents())


def test_an_open_blender_is_told_to_be_started_again(user, monkeypatch, capsys):
    monkeypatch.setattr(blenders, "is_running", lambda: True)
    assert run(["install", "blender"]) == 0
    assert "close it and start it again" in capsys.readouterr().err


def test_a_data_folder_that_cannot_be_written_is_told(user, capsys):
    (user / "data").write_text("a file")
    assert run(["install", "blender"]) == 1
    assert "will not find LAV Bridge" in capsys.readouterr().err


def test_the_zip_is_the_same_every_time_and_holds_what_blender_needs():
    data = addon.archive()
    assert data == addon.archive()
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = packed.namelist()
        manifest = tomllib.loads(packed.read("lav_bridge/blender_manifest.toml").decode())
        licence = packed.read("lav_bridge/LICENSE.txt").decode()
    assert names == sorted(names)
    assert {"lav_bridge/__init__.py", "lav_bridge/messages.py"} <= set(names)
    assert not [name for name in names if "resolve" in name or "__pycache__" in name]
    assert {Path(name).suffix for name in names} == {".py", ".toml", ".txt"}
    assert manifest["id"] == "lav_bridge"
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"]
    assert manifest["blender_version_min"] == "4.2.0"
    assert "GPL-3.0-or-later" in licence


def test_there_is_one_version():
    assert addon.version() == version("lav-bridge") == lav_plugin.VERSION
    assert ".".join(map(str, lav_plugin.bl_info["version"])) == addon.version()


def test_a_zip_of_one_editor_leaves_the_others_out(tmp_path, monkeypatch):
    root = tmp_path / "lav_plugin"
    for name in ("a.py", "resolve/b.py", "blender/c.py", "__pycache__/a.pyc", "notes.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    monkeypatch.setattr(addon, "_root", lambda: root)
    assert [name for name, _ in addon.contents()] == ["a.py", "blender/c.py"]


def test_places_are_those_of_the_system(user, monkeypatch):
    environment = {"XDG_CONFIG_HOME": "/c", "APPDATA": "/roaming"}
    assert blenders._folders(environment) == Path("/c/blender")
    monkeypatch.setattr(sys, "platform", "win32")
    assert blenders._folders(environment) == Path("/roaming/Blender Foundation/Blender")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert blenders._folders({}) == Path.home() / "Library/Application Support/Blender"


def test_an_older_blender_gets_it_as_an_add_on(tmp_path):
    one = Blender((4, 1), None, tmp_path / "lav_bridge", tmp_path)
    assert not one.has_extensions
    assert blender_addon.install(one).state == State.placed
    assert one.installed() == addon.version()
    assert os.listdir(tmp_path) == ["lav_bridge"]
