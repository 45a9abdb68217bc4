"""The systemd unit: it says what it should, twice is as good as once, and it goes again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lav_client import service
from lav_client.cli import run

# Stands in for systemctl: notes what it is asked, and obeys `$STATE/fail` and `$STATE/active`.
SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$STATE/asked"
case "$*" in
  *daemon-reload*) test ! -e "$STATE/fail" ;;
  *is-active*) test -e "$STATE/active" ;;
  *start*) touch "$STATE/active" ;;
  *disable*) rm -f "$STATE/active" ;;
esac
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(SYSTEMCTL)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("STATE", str(tmp_path))
    return tmp_path


def lav(state: Path, *argv: str) -> int:
    return run(["--home", str(state / "home"), "server", *argv])


def asked(state: Path) -> list[str]:
    log = state / "asked"
    told = log.read_text().replace("--user ", "").splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return told


def test_a_dry_run_prints_the_unit_and_changes_nothing(state, capsys):
    assert lav(state, "install-service", "--dry-run") == 0
    told = capsys.readouterr().out
    assert f'ExecStart="{sys.executable}" "-P" "-m" "lav_server.cli" "--home"' in told
    assert "WantedBy=default.target" in told
    assert lav(state, "install-service", "--dry-run", "--idle-unload", "5") == 0
    assert '"--idle-unload" "5"' in capsys.readouterr().out
    assert "UMask" not in told  # a studio's artists read the takes
    assert not (state / "config").exists()
    assert asked(state) == []


def test_installing_starts_it_and_installing_again_changes_nothing(state, capsys):
    assert lav(state, "install-service") == 0
    unit = state / "config/systemd/user/lav-server.service"
    text = unit.read_text()
    assert asked(state) == [
        "daemon-reload",
        "enable lav-server.service",
        "is-active --quiet lav-server.service",
        "start lav-server.service",
    ]
    told = capsys.readouterr().err
    assert f"{unit} is written." in told
    assert "systemctl --user status" in told
    assert lav(state, "install-service") == 0
    assert "as it should be already" in capsys.readouterr().err
    assert not [line for line in asked(state) if line.startswith("start")]
    assert unit.read_text() == text


def test_new_settings_of_a_running_service_wait_for_a_restart(state, capsys):
    lav(state, "install-service")
    (state / "cards").mkdir()
    assert lav(state, "install-service", "--root", str(state / "cards")) == 0
    assert "systemctl --user restart lav-server.service" in capsys.readouterr().err
    unit = state / "config/systemd/user/lav-server.service"
    assert f'"--root" "{state / "cards"}"' in unit.read_text()


def test_a_service_for_other_machines_needs_what_the_server_needs(state, capsys):
    assert lav(state, "install-service", "--host", "0.0.0.0", "--dry-run") == 2
    assert "without TLS" in capsys.readouterr().err
    (state / "keys").mkdir()
    words = ["install-service", "--host", "0.0.0.0", "--tls", str(state / "keys"), "--dry-run"]
    assert lav(state, *words) == 0
    assert f'"--host" "0.0.0.0" "--tls" "{state / "keys"}"' in capsys.readouterr().out


def test_where_systemd_cannot_be_reached_the_next_command_is_said(state, capsys):
    (state / "fail").touch()
    assert lav(state, "install-service") == 0
    assert "systemctl --user enable --now lav-server.service" in capsys.readouterr().err


def test_uninstalling_takes_away_what_was_installed_and_only_that(state, capsys):
    lav(state, "install-service")
    asked(state)
    assert lav(state, "uninstall-service", "--dry-run") == 0
    assert asked(state) == []
    assert lav(state, "uninstall-service") == 0
    assert asked(state) == ["disable --now lav-server.service", "daemon-reload"]
    assert not (state / "config/systemd/user/lav-server.service").exists()
    assert lav(state, "uninstall-service") == 0
    assert "not installed" in capsys.readouterr().err


def test_without_systemd_a_sentence_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run(["--home", str(tmp_path), "server", "install-service"]) == 1
    told = capsys.readouterr().err
    assert "systemd" in told
    assert "lav server start" in told


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_reads_the_unit_as_it_is_meant(tmp_path):
    odd = tmp_path / 'a "b" %h $HOME \\ c'
    odd.mkdir()
    path = tmp_path / service.NAME
    path.write_text(service.unit(odd, ["--root", str(odd)], {"HF_HOME": "/models/%u 1"}))
    checked = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(path)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )
    assert checked.returncode == 0, checked.stderr
    assert service.NAME not in checked.stderr
    assert 'a \\"b\\" %%h $$HOME \\\\ c"' in path.read_text()


def test_a_folder_that_no_unit_can_name_is_refused(tmp_path, capsys):
    odd = tmp_path / "a\nb"
    odd.mkdir()
    assert run(["--home", str(odd), "server", "install-service", "--dry-run"]) == 2
    assert "cannot stand in a unit file" in capsys.readouterr().err
