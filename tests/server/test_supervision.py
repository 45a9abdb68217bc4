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
from lav_server.jobs import Progress, Report, Window
from lav_server.supervision import FENCED, Watchdog, ended

PATIENCE = 3.0  # seconds


class Clock:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def progress(stage: Stage, fraction: float) -> Report:
    return Report(progress=Progress(stage, 0, 0, fraction))


def dog_after(*reports: tuple[float, Stage]) -> tuple[Watchdog, Clock]:
    """A watchdog with 60 s of patience and reports at these times, each a step further."""
    clock = Clock()
    dog = Watchdog(60, Lane.device, clock=clock)
    for number, (clock.now, stage) in enumerate(reports, 1):
        dog.beat()
        dog.report(progress(stage, 0.0 if stage == Stage.planning else number / 100))
    return dog, clock


def left_after_beat(dog: Watchdog, clock: Clock, now: float) -> float:
    clock.now = now
    dog.beat()
    return dog.left()


def test_a_process_without_a_beat_has_a_minute() -> None:
    dog, clock = dog_after((5, Stage.planning))
    clock.now = 64
    assert dog.left() == pytest.approx(1)
    assert dog.limit == 60


def test_a_process_that_never_beats_has_the_time_to_start() -> None:
    clock = Clock()
    dog = Watchdog(3, Lane.device, starting=20, clock=clock)
    clock.now = 19
    assert (dog.left(), dog.limit) == (pytest.approx(1), 20)
    assert left_after_beat(dog, clock, 19) == pytest.approx(3)


def test_as_it_comes_a_process_that_never_beats_is_given_up_within_a_minute() -> None:
    for lane in Lane:
        assert Watchdog(lane=lane, clock=Clock()).left() == pytest.approx(60)


def test_a_model_may_load_for_long_while_the_process_beats() -> None:
    dog, clock = dog_after((5, Stage.planning))
    assert left_after_beat(dog, clock, 300) == pytest.approx(60)
    assert left_after_beat(dog, clock, 604) == pytest.approx(1)
    assert dog.limit == 600


def test_an_engine_that_has_begun_but_lit_nothing_still_loads() -> None:
    dog, clock = dog_after((5, Stage.planning))
    dog.report(progress(Stage.lighting, 0.0))
    assert left_after_beat(dog, clock, 604) == pytest.approx(1)


def after_stored_windows(*, says_it_begins: bool) -> tuple[Watchdog, Clock]:
    """A job that was resumed: a third of it was in the store and has been delivered by 5 s."""
    clock = Clock()
    dog = Watchdog(60, Lane.device, clock=clock)
    dog.report(progress(Stage.planning, 0.0))
    for index, fraction in enumerate((0.1, 0.2)):
        clock.now += 1
        dog.report(Report(window=Window(index, "key", is_reused=True)))
        dog.report(progress(Stage.lighting, fraction))
        clock.now += 1
        dog.report(progress(Stage.delivering, fraction + 0.05))
    clock.now += 1
    dog.report(Report(window=Window(2, "key", is_reused=True)))  # at which nothing could be given
    if says_it_begins:  # and more was delivered than it was time to report
        dog.report(progress(Stage.lighting, 0.33))
    return dog, clock


@pytest.mark.parametrize("says_it_begins", [True, False])
def test_windows_from_the_store_are_no_steps_of_the_engine(says_it_begins: bool) -> None:
    dog, clock = after_stored_windows(says_it_begins=says_it_begins)
    assert left_after_beat(dog, clock, 604) == pytest.approx(1)


@pytest.mark.parametrize("says_it_begins", [True, False])
def test_once_the_engine_lights_after_them_it_has_its_usual_time(says_it_begins: bool) -> None:
    dog, clock = after_stored_windows(says_it_begins=says_it_begins)
    for clock.now, fraction in ((400, 0.4), (401, 0.41), (402, 0.42)):
        dog.report(progress(Stage.lighting, fraction))
    assert left_after_beat(dog, clock, 461) == pytest.approx(1)


def test_an_engine_of_one_step_a_window_has_lit_once_its_window_is_stored() -> None:
    dog, clock = dog_after((5, Stage.planning))
    dog.report(Report(window=Window(0, "key")))
    dog.report(progress(Stage.delivering, 0.2))
    assert left_after_beat(dog, clock, 64) == pytest.approx(1)


def test_a_step_may_take_ten_times_the_usual_one_and_three_times_the_longest() -> None:
    steps = [(20.0 * n, Stage.lighting) for n in range(10)]
    dog, clock = dog_after(*steps)
    assert left_after_beat(dog, clock, 200) == pytest.approx(60)  # a beat every minute
    assert left_after_beat(dog, clock, 379) == pytest.approx(1)
    dog, clock = dog_after(*[(float(n), Stage.lighting) for n in range(10)], (49, Stage.lighting))
    assert left_after_beat(dog, clock, 168) == pytest.approx(1)


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
