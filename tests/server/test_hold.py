"""Who serves a home is what the locked file says, so nobody else is ever ended or believed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Event

import grpc
import psutil
import pytest

from lav_client import daemon
from lav_client.cli import run
from lav_client.client import connect
from lav_client.health import home as health
from lav_client.health.check import State
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_proto.v1 import relight_pb2_grpc
from lav_server import discovery, hold
from lav_server.hold import Hold
from lav_server.wire import PROTOCOL

KNOWN_WITHIN = 15.0  # seconds; issue 4

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of another system")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody's own program, with a name much like ours."""
    program = "import time; time.sleep(300)"
    process = subprocess.Popen([sys.executable, "-c", program, "tail -f /var/log/lav-server.log"])
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def own(tmp_path: Path, running_server):
    (tmp_path / "media").mkdir()
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        yield server


def left_by(pid: int) -> discovery.Discovery:
    return discovery.Discovery(port=1, token="t", pid=pid, server_id="s", version="0", protocol=1)


def until(what, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def test_a_home_is_held_by_one_and_free_afterwards(home: Path) -> None:
    assert hold.holder(home) is None
    with Hold(home):
        holder = hold.holder(home)
        assert holder is not None
        assert holder.pid == os.getpid()
        with pytest.raises(LavError, match="already running"):
            Hold(home)
    assert hold.holder(home) is None
    with Hold(home):
        pass


def test_many_who_look_do_not_keep_a_server_from_starting(home: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from lav_server.hold import holder\n"
        "until = time.monotonic() + 3\n"
        "while time.monotonic() < until: holder(Path(sys.argv[1]))"
    )
    with Hold(home):
        pass
    looking = [subprocess.Popen([sys.executable, "-c", program, home]) for _ in range(2)]
    try:
        while any(process.poll() is None for process in looking):
            with Hold(home):
                time.sleep(0.005)
    finally:
        assert [process.wait() for process in looking] == [0, 0]


def test_a_lock_that_was_removed_is_taken_again_or_lost_to_another(home: Path) -> None:
    with Hold(home) as first:
        (home / hold.NAME).unlink()
        assert hold.holder(home) is None
        first.renew()
        assert hold.holder(home) is not None
        (home / hold.NAME).unlink()
        with Hold(home), pytest.raises(LavError, match="already running"):
            first.renew()


def test_a_stale_file_never_ends_a_stranger(home: Path, stranger) -> None:
    discovery.write(home, left_by(stranger.pid))
    (home / hold.NAME).write_text(json.dumps({"pid": stranger.pid, "host": "anything"}))
    assert not daemon.stop(home)
    assert run(["--home", str(home), "server", "status"]) == 4
    assert stranger.poll() is None


def test_a_stale_file_never_ends_another_homes_server(home: Path, server) -> None:
    discovery.write(home, replace(discovery.read(server.home), server_id="other"))
    assert not daemon.stop(home)
    with pytest.raises(LavError, match="No server is running"):
        connect(home, start=False)
    assert server.process.poll() is None


def test_a_holder_that_is_no_server_is_not_ended(home: Path, stranger) -> None:
    """As where the lock is held on another machine, whose numbers mean nothing here."""
    program = (
        "import sys, time; from pathlib import Path; from lav_server.hold import Hold\n"
        "with Hold(Path(sys.argv[1])): time.sleep(300)"
    )
    holding = subprocess.Popen([sys.executable, "-c", program, home])
    try:
        until(lambda: (holder := hold.holder(home)) and holder.pid == holding.pid)
        said = json.loads((home / hold.NAME).read_text())
        for wrong in ({"pid": stranger.pid}, {"host": "elsewhere"}, {"pid": "abc"}, {"pid": -5}):
            (home / hold.NAME).write_text(json.dumps({**said, **wrong}))
            with pytest.raises(LavError, match="cannot be seen from here"):
                daemon.stop(home)
        assert holding.poll() is stranger.poll() is None
    finally:
        holding.kill()
        holding.wait()


@pytest.mark.parametrize(
    "nonsense",
    [
        {"port": 99999999, "token": 5, "pid": "abc"},
        {"pid": -5},
        {"pid": 2**40},
        {"token": "a\nb"},
        {"token": "größe"},
        {"port": True},
        {"roots": 3},
        {"roots": [3]},
    ],
)
def test_a_file_of_nonsense_is_no_server_and_no_traceback(home: Path, capsys, nonsense) -> None:
    discovery.write(home, left_by(os.getpid()))
    path = home / discovery.NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), **nonsense}))
    assert discovery.read(home) is None
    assert run(["--home", str(home), "server", "status"]) == 4
    assert capsys.readouterr().err.startswith("No server is running")
    assert run(["--home", str(home), "server", "stop"]) == 0
    assert health.server(home).state == State.warn


def test_a_server_writes_its_file_again(own) -> None:
    path, found = own.home / discovery.NAME, discovery.read(own.home)
    path.unlink()
    (own.home / hold.NAME).unlink()
    until(path.exists)
    assert discovery.read(own.home) == found
    assert hold.holder(own.home).pid == own.process.pid
    path.write_text(json.dumps({"pid": "abc"}))
    until(lambda: discovery.read(own.home) == found)
    path.unlink()
    with connect(own.home) as client:  # waits for it, and starts no other
        assert client.server_info().server_id == found.server_id
    path.unlink()
    assert daemon.stop(own.home)
    assert own.process.wait(5) == 0
    time.sleep(3)
    assert hold.holder(own.home) is None  # nor does one come up that was started meanwhile


def test_a_frozen_server_is_told_as_one_and_can_be_stopped(own, capsys) -> None:
    path = ["--home", str(own.home)]
    psutil.Process(own.process.pid).suspend()
    started = time.monotonic()
    with pytest.raises(LavError, match=r"\(process \d+\) hangs") as told:
        own.client.server_info()
    assert time.monotonic() - started < KNOWN_WITHIN
    assert told.value.code == Code.server_down
    started = time.monotonic()
    assert run([*path, "server", "start"]) == 4
    assert time.monotonic() - started < KNOWN_WITHIN
    assert f"(process {own.process.pid}) hangs" in (said := capsys.readouterr().err)
    assert "`lav server stop`" in said
    assert run([*path, "server", "stop"]) == 0
    assert own.process.wait(5) == 0


def test_a_watcher_of_a_frozen_server_knows_within_15_seconds(own, make_clip) -> None:
    own.client.pause_queue()
    job = own.client.submit(own.request(make_clip(own.folder / "clip.mp4"), "take.mp4"))
    events = own.client.watch(job.id)
    assert next(events).job.state == pb.JOB_STATE_QUEUED
    os.kill(own.process.pid, signal.SIGSTOP)
    started = time.monotonic()
    try:
        with pytest.raises(LavError, match="hangs"):
            list(events)
        assert time.monotonic() - started < KNOWN_WITHIN
    finally:
        os.kill(own.process.pid, signal.SIGCONT)


def test_a_busy_server_is_not_called_none(home: Path) -> None:
    """It turns a call away by its own means, before anything of ours is asked."""
    server = grpc.server(ThreadPoolExecutor(1), maximum_concurrent_rpcs=1)
    port, asked, done = server.add_insecure_port("127.0.0.1:0"), Event(), Event()

    class Busy(relight_pb2_grpc.RelightServicer):
        def GetServerInfo(self, request: object, context: object) -> pb.ServerInfo:
            asked.set()
            done.wait(30)
            return pb.ServerInfo()

    relight_pb2_grpc.add_RelightServicer_to_server(Busy(), server)
    server.start()
    found = replace(left_by(os.getpid()), port=port, protocol=PROTOCOL)
    with Hold(home), grpc.insecure_channel(found.address) as channel:
        discovery.write(home, found)
        stub = relight_pb2_grpc.RelightStub(channel)
        first = stub.GetServerInfo.future(pb.GetServerInfoRequest())
        assert asked.wait(10)
        with pytest.raises(LavError, match="as many calls") as busy:
            connect(home)
        assert busy.value.code == Code.queue_full
        done.set()
        first.result(10)
    server.stop(0).wait()
