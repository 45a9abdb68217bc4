"""A waiting job tells when it will have ended: as planned, corrected by what jobs really took."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path

import pytest

from lav_engine.spec import (
    ClipRange,
    Codec,
    Lamp,
    Light,
    LightRequest,
    Options,
    Output,
    Prompts,
    RelightRequest,
    Take,
)
from lav_server import forecast
from lav_server.desk_link import Checked
from lav_server.executor import ThreadExecutor
from lav_server.jobs import Event, Folders, JobState, Progress, Waiting
from lav_server.queue import Queue
from lav_server.room import Needs
from lav_server.store import Store
from lav_server.worker import work

FAULT_ENGINE = Path(__file__).parents[1] / "fault_engine"
LIGHT = LightRequest(light=Light(lamps=(Lamp(),), exposure=0.0))
CLIP = ClipRange(Path("/media/a.mov"), 0, 24, Fraction(24))
REQUEST = RelightRequest(CLIP, LIGHT, Output(Path("/media/b.mov")))
TAKE = Take(REQUEST.output.path, CLIP, 160, 90, "draft", "1", Light(), 1.0, Codec.h264, "", "", 1.5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "jobs.sqlite")
    yield store
    store.close()


@pytest.fixture
def planned(store: Store) -> Callable[..., str]:
    """Adds a job that is planned to take so long."""
    names = count()

    def add(seconds: float, engine: str = "draft") -> str:
        output = Output(Path(f"/media/{next(names)}.mov"))
        request = replace(REQUEST, output=output, engine=engine)
        return store.add(request, output.path.name, needs=Needs(seconds=seconds))[0].id

    return add


def test_each_job_waits_for_those_ahead_as_far_as_they_are_known() -> None:
    waiting = {"a": 10.0, "b": 5.0, "c": None, "d": 1.0}
    assert forecast.etas(0.0, waiting) == {"a": 10.0, "b": 15.0}
    assert forecast.etas(2.5, waiting) == {"a": 12.5, "b": 17.5}
    assert forecast.etas(None, waiting) == {}


def test_the_forecast_is_in_the_order_of_the_queue(store: Store, planned) -> None:
    running, first, second, third = (planned(seconds) for seconds in (1.0, 2.0, 3.0, 0.0))
    store.claim()
    store.reorder(third, first)
    assert store.forecast(running) == (1.0, {third: None, first: 2.0, second: 3.0})
    store.pause(third, True)
    assert list(store.forecast(None)[1]) == [first, second]
    assert store.forecast(None)[0] == 0.0
    store.pause_queue(True)
    assert store.forecast(running) == (None, {})


def test_what_jobs_really_took_corrects_the_plan_for_their_engine(store: Store, planned) -> None:
    for really in (30.0, 20.0, 0.0, 500.0, 20.0, 10.0, 20.0):  # the first is too long ago
        done = planned(10.0)
        store.claim()
        store.move(done, JobState.done, take=TAKE, spent=really)
    waiting, other = planned(10.0), planned(10.0, engine="fault-elsewhere")
    expected = store.forecast(None)[1]
    assert expected[waiting] == 20.0
    assert expected[other] is None


def test_of_a_device_nothing_is_known_before_it_has_done_a_job(store: Store, planned) -> None:
    first = planned(10.0, engine="wan")
    assert store.forecast(None)[1] == {first: None}
    store.claim()
    store.move(first, JobState.done, take=replace(TAKE, engine="wan"), spent=700.0)
    second = planned(20.0, engine="wan")
    assert store.forecast(None)[1] == {second: 1400.0}


@pytest.fixture
def play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Queue], Awaitable[None]]], None]:
    """Plays a scene with a queue that renders in this process."""
    monkeypatch.syspath_prepend(FAULT_ENGINE)
    folders = Folders(tmp_path / "jobs", tmp_path / "maps")
    folders.maps.mkdir()

    async def played(scene: Callable[[Queue], Awaitable[None]]) -> None:
        queue = Queue(Store(tmp_path / "jobs.sqlite"), ThreadExecutor(work), folders)
        await scene(queue)
        await queue.close()

    return lambda scene: asyncio.run(played(scene))


@pytest.fixture
def checked(tmp_path: Path, make_clip: Callable[..., Path]) -> Callable[..., Checked]:
    clip = ClipRange(make_clip(tmp_path / "clip.mp4"), 0, 24, Fraction(24))

    def make(seconds: float, fault: str = "") -> Checked:
        names = count(len(list(tmp_path.iterdir())))
        output = Output(tmp_path / f"{next(names)}-{seconds}.mp4")
        options = Options(Prompts(relight=fault))
        request = RelightRequest(clip, LIGHT, output, "fault", options)
        return Checked(request, Needs(seconds=seconds), "")

    return make


@asynccontextmanager
async def at_work(queue: Queue) -> AsyncIterator[None]:
    working = asyncio.create_task(queue.run())
    yield
    await queue.stop()
    await working


def test_a_waiting_job_tells_when_it_will_have_ended(play, checked) -> None:
    async def scene(queue: Queue) -> None:
        first = await queue.submit(checked(10), "1", "")
        second = await queue.submit(checked(20), "2", "")
        assert (first.eta_seconds, second.eta_seconds) == (10, 30)
        assert [job.eta_seconds for job in await queue.jobs(10, True)] == [30, 10]
        await queue.pause(first.id)
        assert (await queue.job(first.id)).eta_seconds is None
        assert (await queue.job(second.id)).eta_seconds == 20
        await queue.pause_all(True)
        assert (await queue.job(second.id)).eta_seconds is None

    play(scene)


def test_the_running_job_counts_by_what_is_left_of_it(play, checked) -> None:
    async def scene(queue: Queue) -> None:
        running = await queue.submit(checked(1000, "slow"), "1", "")
        waiting = await queue.submit(checked(20), "2", "")
        async with at_work(queue):
            async for news in queue.watch(running.id, 0):
                if isinstance(news, Progress) and news.eta_seconds is not None:
                    told = (await queue.job(waiting.id)).eta_seconds
                    assert told is not None
                    assert 20 < told < 60  # not by the thousand that were planned
                    break

    play(scene)


def test_a_finished_job_teaches_the_next_one_but_not_what_was_lit_before(play, checked) -> None:
    async def scene(queue: Queue) -> None:
        async def rendered(amount: float) -> float:
            wanted = checked(amount + 1)
            request = replace(wanted.request, amount=amount)
            job = await queue.submit(replace(wanted, request=request), f"{amount}", "")
            async for _ in queue.watch(job.id, 0):
                pass
            take = (await queue.job(job.id)).take
            assert take is not None
            return take.seconds

        async with at_work(queue):
            lit = await rendered(0.0)
            await rendered(0.5)  # of the same windows
        waiting = await queue.submit(checked(100), "waiting", "")
        assert waiting.eta_seconds == pytest.approx(100 * lit)

    play(scene)


def test_a_watcher_of_a_waiting_job_hears_where_it_stands(
    play, checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lav_server.queue.HEARTBEAT", 0.05)

    async def scene(queue: Queue) -> None:
        first = await queue.submit(checked(10), "1", "")
        second = await queue.submit(checked(20), "2", "")
        heard = []
        async for news in queue.watch(second.id, 0):
            heard.append(news)
            if len(heard) == 3:
                await queue.cancel(first.id)
            if len(heard) == 5:
                break
        event, *rest = heard
        assert isinstance(event, Event)
        assert rest == [None, Waiting(2, 30), None, Waiting(1, 20)]

    play(scene)
