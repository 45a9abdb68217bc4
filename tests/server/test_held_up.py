"""While the job database takes no writes nothing is lost, and nothing stays stuck afterwards.

What refuses them here is another program that holds the database; a full disk is told the same way.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Collection, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest

from lav_engine.errors import LavError
from lav_engine.spec import (
    ClipRange,
    Lamp,
    Light,
    LightRequest,
    Options,
    Output,
    Prompts,
    RelightRequest,
)
from lav_server import claims
from lav_server.desk_link import Checked
from lav_server.executor import ThreadExecutor
from lav_server.jobs import Event, Folders, Job, JobState, Notice, Progress
from lav_server.queue import Queue
from lav_server.room import Needs
from lav_server.store import Store
from lav_server.turns import HELD_UP
from lav_server.worker import work

FAULT_ENGINE = Path(__file__).parents[1] / "fault_engine"
LIMIT = 20.0  # seconds


@pytest.fixture
def play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Queue], Awaitable[None]]], None]:
    """Plays a scene with a queue that is at work; it soon gives a held database up."""
    monkeypatch.syspath_prepend(FAULT_ENGINE)
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, timeout=0.05))
    for module in ("turns", "copying"):
        monkeypatch.setattr(f"lav_server.{module}.AGAIN", 0.05)
    folders = Folders(tmp_path / "jobs", tmp_path / "maps")
    folders.maps.mkdir(exist_ok=True)

    async def played(scene: Callable[[Queue], Awaitable[None]]) -> None:
        queue = Queue(Store(tmp_path / "jobs.sqlite"), ThreadExecutor(work), folders)
        working = asyncio.create_task(queue.run())
        async with asyncio.timeout(LIMIT):
            await scene(queue)
        await queue.stop()
        await working
        await queue.close()

    return lambda scene: asyncio.run(played(scene))


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """To hold the database with: BEGIN IMMEDIATE."""
    db = sqlite3.connect(
        tmp_path / "jobs.sqlite", isolation_level=None, check_same_thread=False, timeout=LIMIT
    )
    yield db
    db.close()


@pytest.fixture
def checked(tmp_path: Path, make_clip: Callable[..., Path]) -> Callable[..., Checked]:
    clip = ClipRange(make_clip(tmp_path / "clip.mp4"), 0, 24, Fraction(24))
    light = LightRequest(light=Light(lamps=(Lamp(),), exposure=0.0))

    def make(name: str, fault: str = "") -> Checked:
        output, options = Output(tmp_path / name), Options(Prompts(relight=fault))
        return Checked(RelightRequest(clip, light, output, "fault", options), Needs(), "")

    return make


async def ended(queue: Queue, job: Job) -> Job:
    async for _ in queue.watch(job.id, 0):
        pass
    return await queue.job(job.id)


async def until_lit(queue: Queue, job: Job) -> None:
    async for news in queue.watch(job.id, 0):
        if isinstance(news, Progress) and news.done:
            return


def test_a_copy_that_could_not_be_begun_is_made_later(play, other, checked, tmp_path) -> None:
    async def scene(queue: Queue) -> None:
        await ended(queue, await queue.submit(checked("one.mkv"), "1", ""))
        job = await queue.submit(checked("two.mkv"), "2", "")
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(0.3)
        other.execute("ROLLBACK")
        assert (await ended(queue, job)).state == JobState.done

    play(scene)
    assert (tmp_path / "two.mkv").read_bytes() == (tmp_path / "one.mkv").read_bytes()


def test_a_copy_that_is_there_but_not_told_is_told_later(
    play, other, checked, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def linked(source: Path, target: Path) -> None:
        link(source, target)
        other.execute("BEGIN IMMEDIATE")

    async def scene(queue: Queue) -> None:
        await ended(queue, await queue.submit(checked("one.mkv"), "1", ""))
        monkeypatch.setattr(os, "link", linked)
        job = await queue.submit(checked("two.mkv"), "2", "")
        while not other.in_transaction:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.3)
        assert (await queue.job(job.id)).state == JobState.publishing
        other.execute("ROLLBACK")
        told = await ended(queue, job)
        assert told.take is not None
        assert (told.state, told.take.path) == (JobState.done, tmp_path / "two.mkv")

    play(scene)


def test_a_server_that_stops_before_it_could_tell_of_a_copy_does_so_at_its_next_start(
    play, other, checked, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, jobs = os.link, list[Job]()

    def linked(source: Path, target: Path) -> None:
        link(source, target)
        other.execute("BEGIN IMMEDIATE")

    async def stops(queue: Queue) -> None:
        await ended(queue, await queue.submit(checked("one.mkv"), "1", ""))
        monkeypatch.setattr(os, "link", linked)
        jobs.append(await queue.submit(checked("two.mkv"), "2", ""))
        while not other.in_transaction:
            await asyncio.sleep(0.01)

    async def starts(queue: Queue) -> None:
        assert (await ended(queue, jobs[0])).state == JobState.done

    play(stops)
    assert (tmp_path / "two.mkv").exists()
    other.execute("ROLLBACK")

    play(starts)


def test_a_running_job_can_be_cancelled_all_the_same(play, other, checked, tmp_path) -> None:
    heard: list[object] = []

    async def scene(queue: Queue) -> None:
        async def hear() -> None:
            async for news in queue.watch(job.id, 0):
                heard.append(news)

        job = await queue.submit(checked("take.mkv", "slow"), "1", "")
        hearing = asyncio.create_task(hear())
        await until_lit(queue, job)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LavError, match="The render is stopped all the same"):
            await queue.cancel(job.id)
        while list(tmp_path.glob(".*.lav-part*")) or not any(
            isinstance(news, Notice) for news in heard
        ):
            await asyncio.sleep(0.01)
        other.execute("ROLLBACK")
        await hearing

    play(scene)
    said = [news.text for news in heard if isinstance(news, Notice)]
    assert len(said) == 1
    assert said[0].endswith(HELD_UP)
    last = heard[-1]
    assert isinstance(last, Event)
    assert last.state == JobState.cancelled


def test_a_copy_that_comes_while_the_queue_tidies_up_keeps_its_folder(
    play, checked, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, sweep, link, jobs = claims.there, claims.sweep, os.link, tmp_path / "jobs"
    has_begun, is_swept, kept = threading.Event(), threading.Event(), list[set[str]]()

    def looked(folder: Path) -> set[str]:
        assert has_begun.wait(LIMIT)
        return there(folder)

    def swept(folder: Path, ended: Collection[str]) -> None:
        sweep(folder, ended)
        is_swept.set()

    def linked(source: Path, target: Path) -> None:
        has_begun.set()
        assert is_swept.wait(LIMIT)
        kept.append(there(jobs))
        link(source, target)

    async def first(queue: Queue) -> None:
        await ended(queue, await queue.submit(checked("one.mkv"), "1", ""))

    async def second(queue: Queue) -> None:
        await asyncio.sleep(0.2)  # it is looking by now
        job = await queue.submit(checked("two.mkv"), "2", "")
        assert (await ended(queue, job)).state == JobState.done
        assert kept == [{job.id}]

    play(first)
    (jobs / "stale" / "1").mkdir(parents=True)
    monkeypatch.setattr(claims, "there", looked)
    monkeypatch.setattr(claims, "sweep", swept)
    monkeypatch.setattr(os, "link", linked)
    play(second)
