"""Whatever is killed, a job goes on from its finished windows and gives the very same take."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lav_engine.errors import Fenced
from lav_proto.v1 import relight_pb2 as pb
from lav_server.claims import check_claim, claim, delivered, release


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def windows_in(store: Path) -> list[Path]:
    return list(store.glob("??/*.npz"))


def until_stored(home: Path, count: int) -> None:
    """Until the store of the home has so many windows."""
    deadline = time.monotonic() + 30
    while len(windows_in(home / "cache" / "maps")) < count:
        assert time.monotonic() < deadline, "no window was stored"
        time.sleep(0.01)


def lit_by(home: Path) -> list[tuple[int, int]]:
    """(number, epoch) of the stored windows: which claim lit each, or found it."""
    with sqlite3.connect(home / "jobs.sqlite") as db:
        rows = db.execute("SELECT number, epoch FROM windows ORDER BY number").fetchall()
    db.close()
    return rows


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "media").mkdir()
    return tmp_path


@pytest.fixture
def undisturbed(server, clip: Path) -> Callable[[pb.RelightRequest, str], str]:
    """What a request gives on a server that nothing happens to."""

    def render(request: pb.RelightRequest, name: str) -> str:
        wanted = pb.RelightRequest()
        wanted.CopyFrom(request)
        wanted.clip.path = str(clip)
        wanted.output.path = str(server.folder / name)
        job = server.client.submit(wanted)
        assert list(server.client.watch(job.id))[-1].job.state == pb.JOB_STATE_DONE
        return digest(server.folder / name)

    return render


@pytest.fixture
def busy(base: Path, running_server, make_clip: Callable[..., Path]) -> Iterator:
    """A server and its job, of three windows, whose first is lit."""
    clip = make_clip(base / "media" / "clip.mp4")
    with running_server(base / "home", base / "media") as server:
        request = server.request(clip, "take.mp4", fault="slow")
        job = server.client.submit(request)
        until_stored(server.home, 1)
        yield server, request, job


def test_a_killed_worker_costs_one_window_at_most(busy, undisturbed) -> None:
    server, request, job = busy
    server.worker().kill()
    events = list(server.client.watch(job.id))
    assert events[-1].job.state == pb.JOB_STATE_DONE
    warnings = [event.warning for event in events if event.WhichOneof("event") == "warning"]
    assert len(warnings) == 1
    assert "killed" in warnings[0]
    assert lit_by(server.home) == [(0, 2), (1, 2), (2, 2)]
    assert len(windows_in(server.home / "cache" / "maps")) == 3
    assert server.left_behind() == []
    assert digest(server.folder / "take.mp4") == undisturbed(request, "killed-worker.mp4")
    assert list((server.home / "jobs").iterdir()) == []


def test_a_killed_server_costs_one_window_at_most_and_no_try(
    base: Path, busy, running_server, undisturbed
) -> None:
    first, request, job = busy
    family = psutil.Process(first.process.pid).children(recursive=True)
    for process in (*family, psutil.Process(first.process.pid)):
        process.kill()
    first.process.wait()
    stored = {path: path.stat().st_ino for path in windows_in(first.home / "cache" / "maps")}
    with running_server(base / "home", base / "media") as second:
        events = list(second.client.watch(job.id))
        assert events[-1].job.state == pb.JOB_STATE_DONE
        assert not any(event.WhichOneof("event") == "warning" for event in events)
        assert second.left_behind() == []
    assert {path: path.stat().st_ino for path in stored} == stored  # not lit again
    with sqlite3.connect(base / "home" / "jobs.sqlite") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()
    assert digest(base / "media" / "take.mp4") == undisturbed(request, "killed-server.mp4")


def test_a_worker_of_an_older_claim_stores_nothing_and_leaves(
    base: Path, busy, running_server
) -> None:
    first, _, job = busy
    worker = first.worker()
    worker.suspend()
    first.process.kill()
    first.process.wait()
    with running_server(base / "home", base / "media") as second:
        worker.resume()
        assert list(second.client.watch(job.id))[-1].job.state == pb.JOB_STATE_DONE
        worker.wait(10)
        assert second.left_behind() == []
    assert [epoch for _, epoch in lit_by(base / "home")] == [2, 2, 2]


def test_a_retried_render_lights_only_what_is_missing(busy) -> None:
    server, request, job = busy
    server.client.cancel(job.id)
    assert list(server.client.watch(job.id))[-1].job.state == pb.JOB_STATE_CANCELLED
    stored = {path: path.stat().st_ino for path in windows_in(server.home / "cache" / "maps")}
    again = server.client.retry(job.id)
    assert (again.parent_job, again.request.output.path) == (job.id, request.output.path)
    assert list(server.client.watch(again.id))[-1].job.state == pb.JOB_STATE_DONE
    assert stored
    assert {path: path.stat().st_ino for path in stored} == stored


def test_a_claim_is_over_when_there_is_a_newer_one_or_the_job_has_ended(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    claim(folder, 1)
    check_claim(folder, 1)
    claim(folder, 2)
    with pytest.raises(Fenced):
        check_claim(folder, 1)
    check_claim(folder, 2)
    release(folder)
    with pytest.raises(Fenced):
        check_claim(folder, 2)
    assert delivered(folder) is None
