"""`lav bridge` as an editor meets it: a process, its lines, a real server behind it."""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from lav_client.bridge import LONGEST
from lav_plugin import messages
from lav_server import discovery, tls

COMMAND = [sys.executable, "-P", "-m", "lav_client.entry"]
MILLI = Fraction(1, 1000)  # what Matroska counts in
LIMIT = 60.0  # seconds for an answer; test machines are shared


class Talk:
    """A bridge and what it said so far."""

    def __init__(self, *options: object) -> None:
        command = [*COMMAND, *map(str, options), "bridge"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
        self.heard: list[dict[str, Any]] = []
        self._buffer = b""
        self._number = 0

    def write(self, line: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(line + b"\n")

    def send(self, name: Any, message: Any = None) -> int:
        self._number += 1
        said = {"id": self._number, "ask": name, "message": message or {}}
        self.write(json.dumps(said).encode())
        return self._number

    def ask(self, name: Any, message: Any = None) -> dict[str, Any]:
        number = self.send(name, message)
        return self.until(lambda said: said.get("id") == number)

    def greet(self, protocol: int = messages.PROTOCOL) -> dict[str, Any]:
        return self.ask("Hello", {"protocol": protocol, "host": "test"})

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message like that; what comes before it is kept in `heard`."""
        deadline = time.monotonic() + LIMIT
        while True:
            said = self._next(deadline)
            self.heard.append(said)
            if wanted(said):
                return said

    def _next(self, deadline: float) -> dict[str, Any]:
        assert self.process.stdout
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], deadline - time.monotonic())
            assert ready, f"nothing came in time; heard {self.heard}"
            data = os.read(self.process.stdout.fileno(), 2**20)
            assert data, self.process.stderr and self.process.stderr.read()
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)


@contextmanager
def talking(*options: object) -> Iterator[Talk]:
    talk = Talk(*options)
    try:
        yield talk
    finally:
        talk.process.kill()
        talk.process.wait()
        for pipe in (talk.process.stdin, talk.process.stdout, talk.process.stderr):
            assert pipe
            pipe.close()


@pytest.fixture(scope="module")
def talk(server) -> Iterator[Talk]:
    """One that has greeted, for tests that leave it as it was."""
    with talking("--home", server.home) as talk:
        assert talk.greet()["answer"]["protocol"] == messages.PROTOCOL
        yield talk


def render(server, clip: Path, name: str, fault: str = "") -> dict[str, Any]:
    return {
        "request": {
            "clip": {"path": str(clip)},
            "engine": "fault",
            "light": {"lamp": {"azimuth": -60}},
            "prompts": {"relight": fault},
            "seed": str(time.time_ns()),
            "output": {"path": str(server.folder / name), "for_host": True, "no_audio": True},
        },
        "idempotency_key": name,
    }


def is_state(state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda said: said.get("message", {}).get("state") == state


def test_hello_comes_first_and_tells_versions():
    with talking() as talk:
        assert talk.ask("ListJobs")["problem"]["code"] == "BAD_VALUE"
        assert talk.greet()["answer"]["version"]


@pytest.mark.parametrize(("protocol", "update"), [(0, "add-on"), (99, "lav-bridge")])
def test_another_protocol_is_refused_with_what_to_update(protocol, update):
    with talking() as talk:
        refused = talk.greet(protocol)["problem"]
        assert refused["code"] == "VERSION_SKEW"
        assert f"Update {'the ' if update == 'add-on' else ''}{update}" in refused["hint"]
        assert talk.ask("ListJobs")["problem"] == refused


def test_calls_go_through_with_the_protos_own_names(talk, server, clip):
    info = messages.from_json(messages.ServerInfo, talk.ask("Connect")["answer"])
    assert "draft" in {engine.name for engine in info.engines}
    facts = talk.ask("Probe", {"path": str(clip)})["answer"]["facts"]
    assert (facts["frames"], facts["rate"]["numerator"]) == ("24", "24")
    light = messages.LightRequest(prompt="candle from the left")
    asked = messages.PreviewRequest(path=str(clip), media_frame=3, light=light, width=80)
    shown = messages.from_json(
        messages.PreviewResponse, talk.ask("Preview", messages.to_json(asked))["answer"]
    )
    assert shown.image is not None
    assert base64.b64decode(shown.image.data).startswith(b"\xff\xd8")


def test_an_editor_hears_how_many_frames_a_file_really_has(talk, server):
    """Editors count an MKV by its sound, and an uneven clip by its average rate."""
    uneven = odd_clip(server.folder / "uneven.mkv", hitch=0.06)
    outlasted = odd_clip(server.folder / "outlasted.mkv", sound=2.0)
    told = []
    for path in (uneven, outlasted):
        answer = talk.ask("Probe", {"path": str(path)})["answer"]
        facts = messages.from_json(messages.ProbeResponse, answer).facts
        assert facts
        told.append((facts.frames, facts.is_variable_rate))
    assert told == [(24, True), (24, False)]


def test_a_range_beyond_the_file_is_refused_with_the_frames_there_are(talk, server):
    clip = odd_clip(server.folder / "short.mkv", sound=2.0)
    wanted = render(server, clip, "beyond.mp4")
    wanted["request"]["clip"].update(first="0", count="36")
    problem = talk.ask("SubmitJob", wanted)["problem"]
    assert problem["code"] == "RANGE_OUTSIDE"
    assert "which has 24 frames" in problem["message"]
    assert problem["hint"] == "The first frame is 0, the last 23."
    assert not problem.get("retryable")


def odd_clip(path: Path, hitch: float = 0.0, sound: float = 0.0) -> Path:
    """24 frames at 24 a second; from the twelfth on they come `hitch` seconds late."""
    with av.open(path, "w") as container:
        video = container.add_stream("ffv1", rate=24, time_base=MILLI)
        video.width, video.height, video.pix_fmt = 160, 96, "yuv420p"
        audio = container.add_stream("pcm_s16le", rate=8000, layout="mono") if sound else None
        for n in range(24):
            grey = np.full((96, 160, 3), 60 + 4 * n, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey).reformat(format="yuv420p")
            frame.pts, frame.time_base = round(n * 1000 / 24 + hitch * 1000 * (n >= 12)), MILLI
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio:
            silence = np.zeros((1, round(sound * 8000)), np.int16)
            noise = av.AudioFrame.from_ndarray(silence, format="s16", layout="mono")
            noise.sample_rate = 8000
            container.mux(audio.encode(noise))
    return path


def test_a_slow_call_holds_no_other_up(talk, server, make_clip):
    long = make_clip(server.folder / "plan.mp4", 400)
    slow = talk.send("PlanJob", {"request": render(server, long, "p.mp4")["request"]})
    quick = talk.send("ListJobs", {"limit": 1})
    talk.until(lambda said: said.get("id") == quick)
    assert slow not in [said.get("id") for said in talk.heard]
    assert "answer" in talk.until(lambda said: said.get("id") == slow)


def test_a_job_is_followed_to_its_take(talk, server, clip):
    job = talk.ask("SubmitJob", render(server, clip, "followed.mp4"))["answer"]["id"]
    assert talk.ask("WatchJob", {"id": job})["answer"] == {}
    last = talk.until(is_state("JOB_STATE_DONE"))
    assert (last["news"], last["about"]) == ("JobEvent", job)
    event = messages.from_json(messages.JobEvent, last["message"])
    assert event.job is not None
    assert event.job.take is not None
    assert Path(event.job.take.path).exists()
    assert event.job.take.clip == messages.ClipRange(str(clip), 0, 24, messages.Rational(24, 1))


def test_a_watch_lives_through_a_new_server(running_server, make_clip, tmp_path):
    home, folder = tmp_path / "home", tmp_path / "media"
    folder.mkdir()
    clip = make_clip(folder / "clip.mp4", 200)
    with talking("--home", home) as talk:
        talk.greet()
        assert talk.ask("Connect")["problem"]["code"] == "SERVER_DOWN"
        with running_server(home, folder) as first:
            job = talk.ask("SubmitJob", render(first, clip, "t.mp4", "slow"))["answer"]["id"]
            talk.ask("WatchJob", {"id": job})
            talk.until(is_state("JOB_STATE_RUNNING"))
        with running_server(home, folder):
            talk.until(is_state("JOB_STATE_RUNNING"))
            talk.ask("CancelJob", {"id": job})
            talk.until(is_state("JOB_STATE_CANCELLED"))
        assert not [said for said in talk.heard if said.get("news") == "JobLost"]


def test_a_watch_whose_server_stays_away_is_lost(running_server, make_clip, tmp_path):
    home, folder = tmp_path / "home", tmp_path / "media"
    folder.mkdir()
    with talking("--home", home) as talk, running_server(home, folder) as server:
        talk.greet()
        asked = render(server, make_clip(folder / "c.mp4", 200), "t.mp4", "slow")
        job = talk.ask("SubmitJob", asked)["answer"]["id"]
        talk.ask("WatchJob", {"id": job})
        server.process.send_signal(signal.SIGTERM)
        lost = talk.until(lambda said: said.get("news") == "JobLost")
        assert (lost["about"], lost["message"]["code"]) == (job, "SERVER_DOWN")


def test_a_job_nobody_knows_is_not_watched(talk):
    assert talk.ask("WatchJob", {"id": "none"})["problem"]["code"] == "JOB_UNKNOWN"


def test_jobs_outlive_the_bridge_and_its_end_is_quick(server, clip):
    with talking("--home", server.home) as talk:
        talk.greet()
        job = talk.ask("SubmitJob", render(server, clip, "outlives.mp4", "slow"))["answer"]["id"]
        talk.ask("WatchJob", {"id": job})
        assert talk.process.stdin
        talk.process.stdin.close()
        assert talk.process.wait(5) == 0
    assert server.client.cancel(job).id == job


def test_what_was_asked_last_is_still_done_when_the_editor_leaves(server, clip):
    with talking("--home", server.home) as talk:
        talk.greet()
        talk.ask("Connect")
        talk.send("SubmitJob", render(server, clip, "last.mp4"))
        assert talk.process.stdin
        talk.process.stdin.close()
        talk.process.wait(10)
    known = [job.request.output.path for job in server.client.jobs()]
    assert str(server.folder / "last.mp4") in known


def test_a_broken_pipe_ends_it(server):
    with talking("--home", server.home) as talk:
        talk.greet()
        assert talk.process.stdout
        talk.process.stdout.close()
        talk.send("ListJobs")
        assert talk.process.wait(10) == 0


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"7",
        b"[]",
        b"null",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"9" * 10_000,
        b'{"id": 1}',
        b'{"ask": 7}',
        b'{"id": {}, "ask": "ListJobs", "message": []}',
        b'{"id": 1, "ask": "ListJobs", "message": {"limit": "many"}}',
        b'{"id": 1, "ask": "ListJobs", "message": {"limit": 1e300}}',
        b'{"id": 1, "ask": "ListJobs", "message": {"sparkle": 1}}',
        b'{"id": 1, "ask": "GetJob", "message": {"id": {"a": 1}}}',
        b'{"id": 1, "ask": "GetJob", "message": {"id": "\\ud800"}}',
        b'{"id": 1, "ask": "Probe", "message": {"path": "\\u0000"}}',
        b'{"id": 1, "ask": "ClearCache"}',
        b'{"id": 1, "ask": "__class__"}',
        b'{"id": 1, "ask": "Connect", "message": {"start": 1}}',
        b'{"id": 1, "ask": "WatchJob", "message": {"id": 3}}',
        b'{"id": 1, "ask": "WatchJob", "message": {"id": "x", "after_seq": "many"}}',
        b'{"id": 1, "ask": "WriteTimeline", "message": {"items": [3]}}',
        b'{"id": 1, "ask": "WriteTimeline", "message": {"items": {"a": 1}}}',
        b'{"id": 1, "ask": "WriteTimeline", "message": {"path": "/nowhere/a.otio"}}',
        b'{"id": 1, "ask": "ReadTimeline", "message": {"path": ["a"]}}',
        b'{"id": 1, "ask": "ReadTimeline", "message": {"path": "\\u0000"}}',
        b'{"id": 1, "ask": "Hello", "message": {"protocol": "one"}}',
    ],
)
def test_a_line_that_cannot_be_gets_a_problem_and_no_traceback(talk, line):
    talk.write(line)
    refused = talk.until(lambda said: "problem" in said)["problem"]
    assert refused["code"] in ("BAD_VALUE", "VERSION_SKEW", "MEDIA_UNREADABLE", "MEDIA_MISSING")
    assert "Traceback" not in refused["message"]
    assert talk.ask("ListJobs", {"limit": 1}).get("answer") is not None


def test_a_line_that_is_too_long_is_refused_and_the_next_is_read(talk):
    talk.write(b'{"id": 1, "ask": "GetJob", "message": {"id": "' + b"x" * LONGEST * 2 + b'"}}')
    refused = talk.until(lambda said: "problem" in said)
    assert refused["id"] is None
    assert "longer" in refused["problem"]["message"]
    assert "answer" in talk.ask("ListJobs", {"limit": 1})


def test_nothing_but_the_protocol_comes_out_of_stdout(server, clip):
    """Also what a library prints, in Python or below it."""
    program = (
        "import os, sys, threading, time\n"
        "from lav_client import bridge\n"
        "own = bridge._own_stdout\n"
        "def noisy():\n"
        "    kept = own()\n"
        "    print('hello from Python', flush=True); os.system('echo hello from below')\n"
        "    return kept\n"
        "bridge._own_stdout = noisy\n"
        "from lav_client.cli import run; run(sys.argv[1:])\n"
    )
    line = b'{"id": 1, "ask": "Hello", "message": {"protocol": 1}}\n'
    ran = subprocess.run(
        [sys.executable, "-P", "-c", program, "bridge"], input=line, capture_output=True, timeout=60
    )
    (only,) = ran.stdout.splitlines()
    assert json.loads(only)["id"] == 1
    assert b"hello from Python" in ran.stderr
    assert b"hello from below" in ran.stderr


def test_the_server_that_an_editor_asks_for_is_started_and_stays(tmp_path):
    home = tmp_path / "home"
    with talking("--home", home) as talk:
        talk.greet()
        connect = talk.send("Connect", {"start": True})
        assert talk.ask("ListJobs")["answer"] == {}  # it waited for its server
        (connected,) = [said for said in talk.heard if said.get("id") == connect]
        assert connected["answer"]["protocol"] == 1
    stopped = subprocess.run(
        [*COMMAND, "--home", home, "server", "stop", "--json"], capture_output=True, timeout=60
    )
    assert json.loads(stopped.stdout) == {"was_running": True}


def test_a_server_elsewhere_is_asked_with_its_own_names_and_answers_with_ours(
    running_server, make_clip, tmp_path
):
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    here.symlink_to(there)
    make_clip(there / "clip.mp4")
    tls.init(tmp_path / "tls", ["127.0.0.1"])
    options = ("--tls", tmp_path / "tls", "--port", 0)
    with running_server(tmp_path / "home", there, *options) as server:
        found = discovery.read(tmp_path / "home")
        assert found is not None
        way = ["--server", f"127.0.0.1:{found.tls_port}", "--map", f"{here}={there}"]
        way += ["--ca", tmp_path / "tls" / "ca.pem", "--token-file", tmp_path / "tls" / "token"]
        with talking("--home", tmp_path / "mine", *way) as talk:
            talk.greet()
            assert talk.ask("Connect", {"start": True})["answer"]["protocol"] == 1
            asked = render(server, here / "clip.mp4", "take.mp4")
            asked["request"]["output"]["path"] = str(here / "take.mp4")
            job = talk.ask("SubmitJob", asked)["answer"]["id"]
            talk.ask("WatchJob", {"id": job})
            done = talk.until(is_state("JOB_STATE_DONE"))["message"]["job"]["take"]
    assert (done["path"], done["clip"]["path"]) == (str(here / "take.mp4"), str(here / "clip.mp4"))
    assert (there / "take.mp4").exists()
