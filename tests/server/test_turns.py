"""The queue at work in this process: what waiting jobs are told, and how it keeps to its disk."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path

import pytest

from lav_engine.errors import Code
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
from lav_server.desk_link import Checked
from lav_server.executor import ThreadExecutor
from lav_server.jobs import Event, Folders, Job, JobState, Progress, Waiting
from lav_server.queue import Queue
from lav_server.room import Needs
from lav_server.space import MADE_ROOM, TRIM_EVERY
from lav_server.store import Store
from lav_server.worker import work

FAULT_ENGINE = Path(__file__).parents[1] / "fault_engine"
LIGHT = LightRequest(light=Light(lamps=(Lamp(),), exposure=0.0))


@pytest.fixture
def play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Queue], Awaitable[None]]], None]:
    """Plays a scene with a queue that renders in this process; its cache holds `limit` bytes."""
    monkeypatch.syspath_prepend(FAULT_ENGINE)
    folders = Folders(tmp_path / "jobs", tmp_path / "maps")
    folders.maps.mkdir(exist_ok=True)

    async def played(scene: Callable[[Queue], Awaitable[None]], limit: int) -> None:
        store = Store(tmp_path / "jobs.sqlite")
        queue = Queue(store, ThreadExecutor(work), folders, limit)
        await scene(queue)
        await queue.close()

    return lambda scene, limit=10**9: asyncio.run(played(scene, limit))


@pytest.fixture
def checked(tmp_path: Path, make_clip: Callable[..., Path]) -> Callable[..., Checked]:
    """What the desk says of a new request for all of a clip."""
    numbers = count()

    def make(needs: Needs, fault: str = "", frames: int = 24) -> Checked:
        path = tmp_path / f"{frames}.mp4"
        if not path.exists():
            make_clip(path, frames=frames)
        clip = ClipRange(path, 0, frames, Fraction(24))
        output = Output(tmp_path / f"take-{next(numbers)}.mkv")
        options = Options(Prompts(relight=fault))
        return Checked(RelightRequest(clip, LIGHT, output, "fault", options), needs, "")

    return make


@asynccontextmanager
async def at_work(queue: Queue) -> AsyncIterator[None]:
    working = asyncio.create_task(queue.run())
    yield
    await queue.stop()
    await working


def test_a_waiting_job_tells_when_it_will_have_ended(play, checked) -> None:
    async def scene(queue: Queue) -> None:
        first = await queue.submit(checked(Needs(seconds=10)), "1", "")
        second = await queue.submit(checked(Needs(seconds=20)), "2", "")
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
        running = await queue.submit(checked(Needs(seconds=1000), "slow"), "1", "")
        waiting = await queue.submit(checked(Needs(seconds=20)), "2", "")
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
            wanted = checked(Needs(seconds=amount + 1))
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
        waiting = await queue.submit(checked(Needs(seconds=100)), "waiting", "")
        assert waiting.eta_seconds == pytest.approx(100 * lit)

    play(scene)


def test_a_watcher_of_a_waiting_job_hears_where_it_stands(
    play, checked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lav_server.queue.HEARTBEAT", 0.05)

    async def scene(queue: Queue) -> None:
        first = await queue.submit(checked(Needs(seconds=10)), "1", "")
        second = await queue.submit(checked(Needs(seconds=20)), "2", "")
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


def put(folder: Path, key: str, size: int) -> Path:
    """A window that no job remembers."""
    path = folder / key[:2] / f"{key}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    return path


def stored(folder: Path) -> int:
    """Bytes."""
    return sum(path.stat().st_size for path in folder.glob("??/*.npz"))


async def until_ended(queue: Queue, job: Job, at_stage: Callable[[Progress], None]) -> list[Event]:
    events = []
    async for news in queue.watch(job.id, 0):
        if isinstance(news, Progress):
            at_stage(news)
        elif isinstance(news, Event):
            events.append(news)
    return events


def test_the_store_is_kept_to_its_limit_while_a_long_job_runs(play, checked, tmp_path) -> None:
    maps = tmp_path / "maps"
    others = [maps / key[:2] / f"{key}.npz" for key in ("aa1", "bb2")]

    async def scene(queue: Queue) -> None:
        wanted = checked(Needs(), "slow", frames=8 * (TRIM_EVERY + 4))
        job = await queue.submit(wanted, "1", "")
        still_there: list[list[bool]] = []

        def look(progress: Progress) -> None:
            if not still_there:
                for path in others:  # what another program or an open job leaves
                    put(maps, path.stem, 400_000)
            still_there.append([path.exists() for path in others])

        async with at_work(queue):
            events = await until_ended(queue, job, look)
        assert events[-1].state == JobState.done
        assert still_there[0] == [True, True]
        assert still_there[-1] == [False, True]

    play(scene, limit=600_000)


def test_windows_of_others_go_before_the_disk_is_too_full_for_the_rest(
    play, checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maps, disk = tmp_path / "maps", [3_000_000]  # bytes of a disk that holds the store alone
    usage = namedtuple("usage", "total used free")

    def measured(folder: Path) -> usage:
        return usage(disk[0], stored(maps), disk[0] - stored(maps))

    monkeypatch.setattr(shutil, "disk_usage", measured)
    old, new = put(maps, "aa1", 500_000), put(maps, "bb2", 500_000)
    older = old.stat().st_mtime - 100
    os.utime(old, (older, older))

    async def scene(queue: Queue) -> None:
        job = await queue.submit(checked(Needs(maps=1_000_000), "slow"), "1", "")

        def fill(progress: Progress) -> None:
            assert old.exists() or disk[0] < 3_000_000
            disk[0] = 2_200_000 if progress.fraction < 0.4 else disk[0]

        async with at_work(queue):
            events = await until_ended(queue, job, fill)
        assert [event.state for event in events][-1] == JobState.done
        assert not any(event.warning for event in events)
        assert (old.exists(), new.exists()) == (False, True)

    play(scene)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB in the place of the store of windows."""
    path = tmp_path / "maps"
    path.mkdir(exist_ok=True)
    mounting = ["mount", "-t", "tmpfs", "-o", "size=1m", "lav-test", str(path)]
    if sys.platform != "linux" or subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("mounting a small disk takes root on Linux")
    yield path
    subprocess.run(["umount", "-l", str(path)], capture_output=True, check=True)


@pytest.mark.parametrize("has_others", [True, False])
def test_a_job_that_fills_the_disk_fails_only_when_no_windows_of_others_are_left(
    play, checked, small_disk: Path, has_others: bool
) -> None:
    ballast = small_disk / "ballast.bin"

    async def scene(queue: Queue) -> None:
        wanted = checked(Needs(maps=60_000), "slow")
        job = await queue.submit(wanted, "1", "")

        def fill(progress: Progress) -> None:
            if ballast.exists():
                return
            if has_others:
                put(small_disk, "aa1", 300_000)
            with ballast.open("wb", buffering=0) as file:
                file.write(bytes(shutil.disk_usage(small_disk).free))

        async with at_work(queue):
            events = await until_ended(queue, job, fill)
        ended = await queue.job(job.id)
        warnings = [event.warning for event in events if event.warning]
        if has_others:
            assert (ended.state, warnings) == (JobState.done, [MADE_ROOM])
        else:
            assert ended.problem is not None
            assert (ended.problem.code, warnings) == (Code.disk_short, [])
            assert ended.problem.retryable

    play(scene)


def test_a_store_that_fills_the_disk_is_no_reason_to_refuse_a_job(
    play, checked, small_disk: Path
) -> None:
    async def scene(queue: Queue) -> None:
        kept = [put(small_disk, f"{n:02}", 100_000) for n in range(9)]
        job = await queue.submit(checked(Needs(maps=200_000)), "1", "")
        assert [path.exists() for path in kept] != [True] * 9
        assert kept[-1].exists()
        async with at_work(queue):
            await until_ended(queue, job, lambda _: None)
        assert (await queue.job(job.id)).state == JobState.done

    play(scene)


@pytest.mark.parametrize("after", [0.0, 0.002, 0.005, 0.01, 0.02, 0.05])
def test_a_job_that_is_paused_while_it_starts_does_not_run_on(play, checked, after: float) -> None:
    async def scene(queue: Queue) -> None:
        async with at_work(queue):
            for n in range(4):
                job = await queue.submit(checked(Needs(), "slow"), str(n), "")
                await asyncio.sleep(after)
                await queue.pause(job.id)
                while (job := await queue.job(job.id)).state == JobState.running:
                    await asyncio.sleep(0.01)
                assert (job.state, job.is_paused) == (JobState.queued, True)

    play(scene)
