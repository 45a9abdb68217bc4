"""Starting, stopping, dying: one server per home, no child left, no job lost, no file half made."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from lav_client.cli import run
from lav_client.client import connect
from lav_client.daemon import KEPT, START_LIMIT, stop
from lav_client.health import home as health
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server import discovery, hold
from lav_server.config import HELD


def wait_for(what: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def children_of(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def until_delivering(client, job: pb.Job) -> None:
    """Until the worker has a temporary file open."""
    for event in client.watch(job.id):
        if event.WhichOneof("event") == "progress" and event.progress.fraction > 0:
            return
    raise AssertionError("the job ended too early")


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "media").mkdir()
    return tmp_path


@pytest.fixture
def serve(base: Path, running_server):
    return lambda: running_server(base / "home", base / "media")


def test_a_second_server_of_a_home_says_one_sentence(server) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "lav_server.cli", "--home", server.home],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode == HELD
    assert second.stderr.startswith("A server is already running")
    assert len(second.stderr.splitlines()) == 1
    assert server.client.server_info().protocol


def test_a_server_that_cannot_start_says_one_sentence(server, base: Path) -> None:
    taken = str(discovery.read(server.home).port)
    (base / "file").touch()
    for arguments in (["--home", base / "file" / "home"], ["--home", base, "--port", taken]):
        command = [sys.executable, "-m", "lav_server.cli", *arguments]
        failed = subprocess.run(command, capture_output=True, text=True, timeout=30)
        assert failed.returncode == 1
        assert "cannot be used" in failed.stderr.splitlines()[-1]
        assert "Traceback" not in failed.stderr


def test_a_stopped_server_goes_within_ten_seconds_and_its_job_goes_on_later(
    base: Path, serve, make_clip
) -> None:
    clip = make_clip(base / "media" / "clip.mp4")
    with ThreadPoolExecutor(1) as pool:
        with serve() as first:
            job = first.client.submit(first.request(clip, "take.mp4", fault="slow"))
            until_delivering(first.client, job)
            assert first.left_behind()
            watcher = connect(base / "home", start=False)
            watched = pool.submit(lambda: list(watcher.watch(job.id, patience=30)))
            time.sleep(0.3)
            family = children_of(first.process.pid)
            started = time.monotonic()
            first.process.terminate()
            assert first.process.wait(15) == 0
            assert time.monotonic() - started < 10
            assert first.left_behind() == []
            assert not any(child.is_running() for child in family)
            assert discovery.read(base / "home") is None
        with serve() as second:
            assert second.client.job(job.id).state in (pb.JOB_STATE_QUEUED, pb.JOB_STATE_RUNNING)
            events = watched.result(60)
            watcher.close()
    stored = [event.seq for event in events if event.WhichOneof("event") == "state"]
    states = [pb.JobState.Name(e.state)[10:] for e in events if e.WhichOneof("event") == "state"]
    assert stored == list(range(1, len(stored) + 1))
    assert states == ["QUEUED", "RUNNING", "QUEUED", "RUNNING", "PUBLISHING", "DONE"]
    assert (base / "media" / "take.mp4").exists()


def test_after_a_kill_nothing_is_left_and_the_job_is_done_again(
    base: Path, serve, make_clip
) -> None:
    clip = make_clip(base / "media" / "clip.mp4")
    with serve() as first:
        job = first.client.submit(first.request(clip, "take.mp4", fault="slow"))
        until_delivering(first.client, job)
        family = children_of(first.process.pid)
        first.process.kill()
        first.process.wait()
        wait_for(lambda: not any(child.is_running() for child in family))
        assert first.left_behind() == []
        assert discovery.read(base / "home") is not None
    with serve() as second:
        assert list(second.client.watch(job.id))[-1].job.state == pb.JOB_STATE_DONE
        assert second.left_behind() == []


def test_a_new_server_sweeps_what_a_killed_one_left(base: Path, serve, make_clip) -> None:
    clip = make_clip(base / "media" / "clip.mp4")
    with serve() as first:
        job = first.client.submit(first.request(clip, "take.mp4", fault="slow"))
        until_delivering(first.client, job)
        family = children_of(first.process.pid)
        for process in (*family, psutil.Process(first.process.pid)):
            process.suspend()  # so that nobody can tidy up
        for process in (*family, psutil.Process(first.process.pid)):
            process.kill()
        first.process.wait()
        assert first.left_behind()
        stranger = base / "media" / ".other.mp4.0a1b.lav-part.mp4"
        stranger.touch()
    with serve() as second:
        assert list(second.client.watch(job.id))[-1].job.state == pb.JOB_STATE_DONE
        assert second.left_behind() == [stranger]


def test_a_client_starts_the_server_once_and_stops_it(base: Path) -> None:
    home = base / "home"
    with pytest.raises(LavError) as down:
        connect(home, start=False)
    assert down.value.code == Code.server_down
    with ThreadPoolExecutor(3) as pool:
        clients = list(
            pool.map(lambda _: connect(home, options=["--root", str(base / "media")]), range(3))
        )
    ids = {client.server_info().server_id for client in clients}
    assert len(ids) == 1
    pid = discovery.read(home).pid
    assert stop(home)
    assert not psutil.pid_exists(pid)
    assert not stop(home)
    with pytest.raises(LavError) as down:
        clients[0].server_info()
    assert down.value.code == Code.server_down
    for client in clients:
        client.close()


def test_what_a_server_was_started_with_holds_for_later_starts(base: Path, capsys) -> None:
    home, media = base / "home", base / "media"

    def lav(*words: object) -> int:
        return run(["--home", str(home), *map(str, words)])

    def options() -> list[str]:
        return psutil.Process(hold.holder(home).pid).cmdline()

    try:
        given = ("--root", media, "--idle-unload", 5, "--cache-size", 0.5)
        assert lav("server", "start", *given) == 0
        assert options()[-6:] == [str(word) for word in given]
        assert lav("server", "start", "--cache-size", 1) == 2
        assert "already running" in capsys.readouterr().err
        lav("server", "stop")
        connect(home).close()
        assert options()[-6:] == [str(word) for word in given]
        assert str(media) in health.roots(home).text
        lav("server", "stop")
        assert str(media) in health.roots(home).text
        assert lav("server", "start", "--forget") == 0
        assert str(media) not in options()
        lav("server", "stop")
        assert str(media) not in health.roots(home).text
    finally:
        lav("server", "stop")


def test_options_that_make_no_sense_start_no_server(base: Path, capsys) -> None:
    for words in (["--idle-unload", "0"], ["--cache-size", "-1"], ["--root", str(base / "none")]):
        assert run(["--home", str(base / "home"), "server", "start", *words]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    (base / "home").mkdir(exist_ok=True)
    (base / "home" / KEPT).write_text("{")
    assert run(["--home", str(base / "home"), "server", "start"]) == 2
    assert "--forget" in capsys.readouterr().err
    assert hold.holder(base / "home") is None


def test_a_token_that_is_wrong_is_one_sentence_with_what_to_do(serve) -> None:
    with serve() as server:
        found = discovery.read(server.home)
        discovery.write(server.home, replace(found, token="wrong"))
        with pytest.raises(LavError) as refused:
            connect(server.home)
        assert refused.value.code == Code.unauthenticated
        assert "`lav server stop`, then `lav server start`" in refused.value.hint
        assert stop(server.home)


def test_the_reason_why_a_server_does_not_start_is_told_at_once(base: Path) -> None:
    (base / "home" / "jobs.sqlite").mkdir(parents=True)
    started = time.monotonic()
    with pytest.raises(LavError, match=r"jobs\.sqlite is a folder"):
        connect(base / "home")
    assert time.monotonic() - started < START_LIMIT / 2


def test_a_home_that_cannot_be_made_is_a_sentence_with_what_to_do(base: Path) -> None:
    (base / "file").touch()
    with pytest.raises(LavError, match="cannot be used: Not a directory") as refused:
        connect(base / "file" / "home")
    assert "--home" in refused.value.hint


def test_a_stale_discovery_file_is_no_server(base: Path) -> None:
    home = base / "home"
    home.mkdir()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = discovery.Discovery(1, "token", ended.pid, "id", "0", 1)
    discovery.write(home, left)
    with pytest.raises(LavError) as down:
        connect(home, start=False)
    assert down.value.code == Code.server_down
    assert not stop(home)


def test_a_server_of_another_protocol_is_named(serve) -> None:
    with serve() as server:
        discovery.write(server.home, replace(discovery.read(server.home), protocol=99))
        with pytest.raises(LavError) as skewed:
            connect(server.home)
        assert skewed.value.code == Code.version_skew


def test_a_client_finds_the_server_that_took_the_old_ones_place(base: Path, serve) -> None:
    with serve():
        client = connect(base / "home", start=False)
        first = client.server_info().server_id
    with serve(), client:
        assert client.server_info().server_id != first
