"""The doctor: every check is a line; what blocks work is an exit code."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from lav_client import service
from lav_client.cli import run
from lav_client.health import device, home, hosts, install, models
from lav_client.health.check import Broken, State, tried
from lav_server.discovery import NAME, Discovery, write
from lav_server.store import Store

GONE = Discovery(port=1, token="t", pid=2**22 + 1, server_id="s", version="0.1.0", protocol=1)


def test_a_computer_that_can_run_the_tests_can_relight(tmp_path):
    """And to find that out the client itself loads neither media libraries nor models."""
    program = (
        "import sys; from lav_client.cli import run\n"
        f"code = run(['--home', {str(tmp_path / 'home')!r}, 'doctor', '--json'])\n"
        "loaded = sorted({'torch', 'av', 'cv2', 'numpy', 'numba'} & set(sys.modules))\n"
        "print(code, loaded, file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.stderr.splitlines()[-1] == "0 []"
    checks = json.loads(ran.stdout)
    assert [check["name"] for check in checks if check["state"] == "fail"] == []
    assert {check["name"] for check in checks} >= {
        *("Python", "Packages", "Installation", "Codecs", "Engine", "Memory", "GPU", "PyTorch"),
        *("Home", "Disk", "Database", "Ports", "Server", "Roots", "Models", "Blender", "Resolve"),
    }
    assert not (tmp_path / "home").exists()


def test_a_home_that_cannot_be_blocks_work_and_each_check_is_one_line(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(device, "is_installed", lambda name: False)  # spares loading torch
    (tmp_path / "file").touch()
    assert run(["--home", str(tmp_path / "file" / "home"), "doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(("ok ", "warn ", "fail ")) for line in lines)
    (failed,) = [line for line in lines if line.startswith("fail")]
    assert "Home" in failed
    assert "--home" in failed


def test_a_server_that_ended_without_a_word_is_noticed(tmp_path):
    write(tmp_path, GONE)
    found = home.server(tmp_path)
    assert found.state == State.warn
    assert found.fix


def test_a_discovery_file_that_nobody_understands_is_noticed(tmp_path):
    (tmp_path / NAME).write_text("{")
    found = home.server(tmp_path)
    assert found.state == State.warn
    assert "Remove it" in found.fix


def test_a_whole_database_is_told_from_a_damaged_one(tmp_path):
    path = tmp_path / "jobs.sqlite"
    assert home.database(tmp_path).state == State.ok
    Store(path).close()
    assert home.database(tmp_path).text == "whole, 0 jobs"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'jobs'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    damaged = home.database(tmp_path)
    assert damaged.state == State.fail
    assert "move" in damaged.fix
    path.write_text("no database at all, " * 100)
    assert home.database(tmp_path).state == State.fail


def test_a_database_of_a_newer_version_is_told_as_the_server_tells_it(tmp_path):
    Store(tmp_path / "jobs.sqlite").close()
    with sqlite3.connect(tmp_path / "jobs.sqlite") as db:
        db.execute("PRAGMA user_version = 99")
    found = home.database(tmp_path)
    assert found.state == State.fail
    assert "newer version (99)" in found.text


def test_the_roots_told_are_the_running_servers(server, tmp_path):
    assert str(server.folder) in home.roots(server.home).text
    assert str(server.folder) not in home.roots(tmp_path).text
    (tmp_path / "start.json").write_text("{")
    assert "--forget" in home.roots(tmp_path).fix


def test_what_is_wrong_and_what_to_do_are_two_sentences(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(device, "is_installed", lambda name: False)  # spares loading torch
    monkeypatch.setattr(models.folders, "installed", lambda model: None)
    monkeypatch.setattr(models, "LIBRARIES", ())
    run(["--home", str(tmp_path), "doctor"])
    (line,) = [x for x in capsys.readouterr().out.splitlines() if "pull animatediff" in x]
    assert "GB. To use it:" in line


def test_a_full_disk_blocks_work(tmp_path, monkeypatch):
    monkeypatch.setattr(home, "DISK_SHORT", 10**18)
    assert home.disk(tmp_path).state == State.fail


def test_a_service_whose_python_has_gone_is_noticed(tmp_path):
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    path = service.unit_path(environment)
    path.parent.mkdir(parents=True)
    assert list(home.unit(environment)) == []
    path.write_text(service.unit(tmp_path, [], {}))
    assert [check.state for check in home.unit(environment)] == [State.ok]
    path.write_text(path.read_text().replace(sys.executable, "/gone 1/python"))
    (check,) = home.unit(environment)
    assert check.state == State.warn
    assert "/gone 1/python" in check.text
    assert "install-service" in check.fix


def command(folder: Path) -> Path:
    folder.mkdir()
    program = folder / "lav"
    program.touch(0o755)
    return program


@pytest.mark.skipif(os.name == "nt", reason="other file names there")
def test_another_lav_before_ours_on_the_path_is_noticed(tmp_path):
    own = Path(sys.executable).parent
    other = command(tmp_path / "other")
    assert install.installs({"PATH": str(tmp_path)}).state == State.ok
    found = install.installs({"PATH": f"{other.parent}{os.pathsep}{own}"})
    assert found.state == State.warn
    assert str(other) in found.text


def test_a_second_installation_is_noticed(tmp_path, monkeypatch):
    left = tmp_path / "lav_bridge-0.0.1.dist-info"
    left.mkdir()
    (left / "METADATA").write_text("Metadata-Version: 2.1\nName: lav-bridge\nVersion: 0.0.1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = install.installs({})
    assert found.state == State.warn
    assert str(tmp_path) in found.text


def test_a_library_that_does_not_load_says_why():
    with pytest.raises(Broken, match="No module named 'not_there'"):
        tried("import not_there")
    with pytest.raises(Broken, match="no message"):
        tried("import os; os._exit(1)")


def test_a_card_that_torch_does_not_see_is_noticed():
    none = {"version": "2.9.0", "cards": [], "metal": False}
    seen = device._torch(none, ["RTX 4090, 24564 MiB"])
    assert seen.state == State.warn
    assert "CUDA" in seen.fix
    assert device._torch(none, None).state == State.ok
    own = {"version": "2.9.0", "cards": [["RTX 4090", 25_300_000_000]], "metal": False}
    assert device._torch(own, ["RTX 4090"]).text == "2.9.0 on RTX 4090, 25 GB"


def test_models_that_are_not_here_are_told_with_the_command_that_fetches_them(monkeypatch):
    monkeypatch.setattr(models.folders, "installed", lambda model: None)
    monkeypatch.setattr(models, "LIBRARIES", ())
    lacking = list(models.checks())
    assert len(lacking) == 3
    assert all("lav models pull" in check.fix for check in lacking)
    monkeypatch.setattr(models.folders, "installed", lambda model: Path("/models"))
    assert all(not check.fix for check in models.checks())


@pytest.mark.skipif(sys.platform != "linux", reason="places of another system")
def test_editors_are_found_where_their_installers_put_them(tmp_path):
    blender, resolve = tmp_path / "opt/blender-4.5/blender", tmp_path / "opt/resolve/bin/resolve"
    for program in (blender, resolve):
        program.parent.mkdir(parents=True)
        program.touch()
    assert [check.text for check in hosts.checks({}, tmp_path)] == [str(blender), str(resolve)]
    missing = hosts.checks({}, tmp_path / "opt")
    assert all("not found" in check.text for check in missing)
