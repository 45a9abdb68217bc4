"""The doctor: every check is a line; what blocks work is an exit code."""

from __future__ import annotations

import json

from lav_client.cli import run
from lav_server.discovery import Discovery, write


def checked(capsys, *argv: str) -> tuple[int, dict[str, dict[str, str]]]:
    code = run([*argv, "doctor", "--json"])
    return code, {check["name"]: check for check in json.loads(capsys.readouterr().out)}


def test_a_computer_that_can_run_the_tests_can_relight(tmp_path, capsys):
    code, checks = checked(capsys, "--home", str(tmp_path / "home"))
    assert code == 0
    needed = {"Python", "Packages", "Codecs", "Engine", "Home", "Disk", "Memory", "Server", "GPU"}
    assert set(checks) == needed
    assert not [check for check in checks.values() if check["state"] == "fail"]
    assert not (tmp_path / "home").exists()


def test_a_home_that_cannot_be_blocks_work_and_says_what_to_do(tmp_path, capsys):
    (tmp_path / "file").touch()
    code, checks = checked(capsys, "--home", str(tmp_path / "file" / "home"))
    assert code == 1
    assert checks["Home"]["state"] == "fail"
    assert "--home" in checks["Home"]["fix"]


def test_a_server_that_ended_without_a_word_is_noticed(tmp_path, capsys):
    gone = Discovery(port=1, token="t", pid=2**22 + 1, server_id="s", version="0.1.0", protocol=1)
    write(tmp_path, gone)
    code, checks = checked(capsys, "--home", str(tmp_path))
    assert code == 0
    assert checks["Server"]["state"] == "warn"


def test_for_people_each_check_is_one_line(tmp_path, capsys):
    assert run(["--home", str(tmp_path), "doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(("ok ", "warn ", "fail ")) for line in lines)
    assert len(lines) >= 9
