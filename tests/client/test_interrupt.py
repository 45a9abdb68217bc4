"""Ctrl+C, and a server that dies: nothing half-written, an honest exit code."""

from __future__ import annotations

import json
import os
import re
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


def started(home: Path, clip: Path, out: Path, *more: object) -> subprocess.Popen[str]:
    """A slow render that has got as far as telling its progress."""
    words = [
        "relight",
        clip,
        "-o",
        out,
        "--engine",
        "fault",
        "--prompt",
        "slow",
        "--from",
        "left",
        "--json",
    ]
    process = subprocess.Popen(
        [str(word) for word in (LAV, "--home", home, *words, *more)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
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
    said = watch.communicate(timeout=30)[1]
    assert watch.returncode == 130
    assert "goes on" in said
    listed = json.loads(lav("jobs", "list", "--open", "--json").stdout)
    assert [(found["job"], found["state"]) for found in listed] == [(job, "running")]
    assert lav("jobs", "cancel", job).returncode == 0
    assert ended(render)[:2] == (130, "CANCELLED")
    assert not list(folder.iterdir())


def test_a_render_that_fails_says_why_and_leaves_nothing(lav, shot, folder):
    out = folder / "take.mov"
    run = lav(
        "relight", shot, "-o", out, "--engine", "fault", "--prompt", "memory", "--from", "left"
    )
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_is_ctrl_c(number, server, lav, long_clip, folder):
    process = started(server.home, long_clip, folder / "take.mp4")
    process.send_signal(number)
    assert ended(process)[:2] == (130, "CANCELLED")
    assert json.loads(lav("jobs", "list", "--json").stdout)[0]["state"] == "cancelled"
    assert not list(folder.iterdir())


def test_ctrl_c_while_the_command_still_loads_is_no_traceback(tmp_path):
    script = (
        "import builtins, os, signal\n"
        "from lav_client.entry import main\n"
        "real = builtins.__import__\n"
        "def load(name, *rest):\n"
        "    if name == 'grpc': os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = load\n"
        "main()\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert (run.returncode, run.stderr) == (130, "Interrupted.\n")


def test_a_watch_that_was_lost_is_taken_up_with_its_timeline_and_light(make_clip, tmp_path):
    home, folder = tmp_path / "home", tmp_path / "takes"
    folder.mkdir()
    clip, files = make_clip(tmp_path / "a.mp4", 40), [folder / "cut.otio", folder / "light.json"]
    lav = [LAV, "--home", home]
    start = [*lav, "server", "start", "--root", tmp_path]
    environment = {**os.environ, "PYTHONPATH": str(FAULT_ENGINE)}
    subprocess.run(start, env=environment, check=True)
    beside = ("--otio", files[0], "--save-light", files[1])
    process = started(home, clip, folder / "take.mp4", *beside)
    os.kill(json.loads((home / "server.json").read_text())["pid"], signal.SIGKILL)
    assert process.stdout
    hint = json.loads(process.communicate(timeout=60)[0])["error"]["hint"]
    job = re.search(r"jobs watch (\S+)", hint)
    assert job
    assert f"--otio {files[0]} --save-light {files[1]}" in hint
    subprocess.run(start, env=environment, check=True)
    watch = subprocess.run([*lav, "jobs", "watch", job[1], *beside], check=False, timeout=60)
    subprocess.run([*lav, "server", "stop"], check=True)
    assert watch.returncode == 0
    assert all(file.is_file() for file in files)
