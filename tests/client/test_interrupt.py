"""Ctrl+C, and a server that dies: nothing half-written, an honest exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

LAV = Path(sys.executable).with_name("lav")
FAULT_ENGINE = Path(__file__).parents[1] / "fault_engine"


@pytest.fixture(scope="module")
def long_clip(server, make_clip):
    """A minute of work for the slow engine."""
    return make_clip(server.folder / "long.mp4", 600)


def started(home: Path, clip: Path, out: Path) -> subprocess.Popen[str]:
    """A slow render that has got as far as telling its progress."""
    words = ["relight", clip, "-o", out, "--engine", "fault", "--prompt", "slow", "--json"]
    process = subprocess.Popen(
        [LAV, "--home", home, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr
    while "Lighting" not in (line := process.stderr.readline()):
        assert line, process.communicate()
    return process


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, error code and what was told."""
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    return process.returncode, json.loads(out)["error"]["code"], err


def test_ctrl_c_cancels_the_render_and_leaves_nothing(server, lav, long_clip, folder):
    process = started(server.home, long_clip, folder / "take.mp4")
    process.send_signal(signal.SIGINT)
    assert ended(process)[:2] == (130, "CANCELLED")
    assert not list(folder.iterdir())
    newest = json.loads(lav("jobs", "list", "--json").stdout)[0]
    assert newest["state"] == "cancelled"


def test_ctrl_c_on_a_watch_leaves_the_render_running(server, lav, long_clip, folder):
    render = started(server.home, long_clip, folder / "take.mp4")
    job = json.loads(lav("jobs", "list", "--json").stdout)[0]["job"]
    watch = subprocess.Popen(
        [LAV, "--home", server.home, "jobs", "watch", job], stderr=subprocess.PIPE, text=True
    )
    assert watch.stderr
    assert watch.stderr.readline()
    watch.send_signal(signal.SIGINT)
    assert watch.wait(30) == 130
    watch.stderr.close()
    listed = json.loads(lav("jobs", "list", "--open", "--json").stdout)
    assert [(found["job"], found["state"]) for found in listed] == [(job, "running")]
    assert lav("jobs", "cancel", job).returncode == 0
    assert ended(render)[:2] == (130, "CANCELLED")
    assert not list(folder.iterdir())


def test_a_render_that_fails_says_why_and_leaves_nothing(lav, shot, folder):
    out = folder / "take.mov"
    run = lav("relight", shot, "-o", out, "--engine", "fault", "--prompt", "memory")
    assert run.returncode == 3
    assert "memory" in run.stderr
    assert "Traceback" not in run.stderr
    assert not list(folder.iterdir())


def test_a_server_that_is_killed_is_an_honest_end(long_clip, tmp_path):
    home, folder = tmp_path / "home", tmp_path / "takes"
    folder.mkdir()
    subprocess.run(
        [LAV, "--home", home, "server", "start", "--root", long_clip.parent, "--root", folder],
        env={**os.environ, "PYTHONPATH": str(FAULT_ENGINE)},
        check=True,
    )
    process = started(home, long_clip, folder / "take.mp4")
    os.kill(json.loads((home / "server.json").read_text())["pid"], signal.SIGKILL)
    code, problem, _ = ended(process)
    assert (code, problem) == (4, "SERVER_DOWN")
    assert not (folder / "take.mp4").exists()
