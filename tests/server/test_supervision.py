"""A worker that hangs is ended and its job goes on; how it ended is said; an idle one leaves."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lav_engine.errors import Code
from lav_engine.spec import Lane, Stage
from lav_proto.v1 import relight_pb2 as pb
from lav_server.jobs import Progress, Report
from lav_server.supervision import FENCED, Watchdog, ended

PATIENCE = 3.0  # seconds


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def dog_after(*reports: tuple[float, Stage]) -> tuple[Watchdog, Clock]:
    """A watchdog with 60 s of patience and reports at these times."""
    clock = Clock()
    dog = Watchdog(60, Lane.device, clock)
    for clock.now, stage in reports:
        dog.beat()
        dog.report(Report(progress=Progress(stage, 0, 0, 0.0 if stage == Stage.planning else 0.1)))
    return dog, clock


def test_a_process_without_a_beat_has_a_minute() -> None:
    dog, clock = dog_after((5, Stage.planning))
    clock.now = 64
    assert dog.left() == pytest.approx(1)


def test_a_model_may_load_for_long_while_the_process_beats() -> None:
    dog, clock = dog_after((5, Stage.planning))
    clock.now = 300
    dog.beat()
    assert dog.left() == pytest.approx(60)
    clock.now = 604
    dog.beat()
    assert dog.left() == pytest.approx(1)


def test_an_engine_that_has_begun_but_lit_nothing_still_loads() -> None:
    dog, clock = dog_after((5, Stage.planning))
    dog.report(Report(progress=Progress(Stage.lighting, 0, 24, 0.0)))
    clock.now = 604
    dog.beat()
    assert dog.left() == pytest.approx(1)


def test_a_step_may_take_ten_times_the_usual_one_and_three_times_the_longest() -> None:
    steps = [(20.0 * n, Stage.lighting) for n in range(10)]
    dog, clock = dog_after(*steps)
    clock.now = 200
    dog.beat()
    assert dog.left() == pytest.approx(60)  # a beat every minute
    clock.now = 379
    dog.beat()
    assert dog.left() == pytest.approx(1)
    dog, clock = dog_after(*[(float(n), Stage.lighting) for n in range(10)], (49, Stage.lighting))
    clock.now = 168
    dog.beat()
    assert dog.left() == pytest.approx(1)


def test_quick_steps_still_leave_a_minute() -> None:
    dog, clock = dog_after(*[(n / 10, Stage.lighting) for n in range(11)])
    clock.now = 60
    dog.beat()
    assert dog.left() == pytest.approx(1)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (-signal.SIGKILL, "lack of memory"),
        (-signal.SIGSEGV, "crashed (SIGSEGV)"),
        (-signal.SIGBUS, "crashed (SIGBUS)"),
        (-63, "crashed (signal 63)"),
        (0xC0000005, "access violation"),
        (FENCED, "a newer one"),
        (1, "exit code 1"),
    ],
)
def test_every_end_has_its_sentence(code: int, said: str) -> None:
    problem = ended(code)
    assert said in problem.message
    assert (problem.code, problem.retryable) == (Code.worker_lost, True)


def warnings_of(events: list[pb.JobEvent]) -> list[str]:
    return [event.warning for event in events if event.WhichOneof("event") == "warning"]


@pytest.fixture
def impatient(tmp_path: Path, running_server) -> Iterator:
    (tmp_path / "media").mkdir()
    with running_server(tmp_path / "home", tmp_path / "media", "--patience", PATIENCE) as server:
        yield server


def test_a_worker_that_stands_still_is_replaced_and_its_job_is_finished(
    impatient, make_clip: Callable[..., Path]
) -> None:
    clip = make_clip(impatient.folder / "clip.mp4")
    job = impatient.client.submit(impatient.request(clip, "take.mp4", fault="slow"))
    impatient.until_lit(job)
    worker = impatient.worker()
    assert worker is not None
    worker.suspend()
    started = time.monotonic()
    events = list(impatient.client.watch(job.id))
    assert events[-1].job.state == pb.JOB_STATE_DONE
    (said,) = warnings_of(events)
    assert "stood still for 3 seconds" in said
    assert time.monotonic() - started < 30
    assert not worker.is_running()
    assert impatient.left_behind() == []


def test_an_idle_worker_gives_its_memory_back_and_the_next_job_gets_one(
    tmp_path: Path, running_server, make_clip: Callable[..., Path]
) -> None:
    (tmp_path / "media").mkdir()
    clip = make_clip(tmp_path / "media" / "clip.mp4")
    with running_server(tmp_path / "home", tmp_path / "media", "--idle-unload", 0.01) as server:
        for name in ("first.mp4", "second.mp4"):
            job = server.client.submit(server.request(clip, name))
            assert list(server.client.watch(job.id))[-1].job.state == pb.JOB_STATE_DONE
            deadline = time.monotonic() + 10
            while server.worker() is not None:
                assert time.monotonic() < deadline, "the worker stays"
                time.sleep(0.05)
