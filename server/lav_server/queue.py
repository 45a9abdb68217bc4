"""The queue: one job after the other goes to the executor; what it reports is stored and told."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import ParamSpec, TypeVar

from lav_engine import catalog
from lav_engine.errors import Code, LavError
from lav_engine.spec import Stage, Take
from lav_server import cache, claims, forecast, reuse, room
from lav_server.desk_link import Checked
from lav_server.executor import Executor
from lav_server.jobs import (
    ENDED,
    Event,
    Folders,
    Job,
    JobState,
    Picture,
    Progress,
    Report,
    Task,
    Waiting,
)
from lav_server.pace import Pace
from lav_server.problem import Problem, from_error
from lav_server.store import MOST_OPEN, Store
from lav_server.watching import Watchers

log = logging.getLogger(__name__)

HEARTBEAT = 5.0  # seconds of silence after which a watcher hears that the server lives
CACHE = 20 * 10**9  # bytes
AGAIN = 5  # seconds

P = ParamSpec("P")
T = TypeVar("T")


class Queue:
    """Owns the jobs' states. The store's disk writes happen on a thread of their own."""

    def __init__(
        self, store: Store, executor: Executor, folders: Folders, cache_bytes: int = CACHE
    ) -> None:
        self._store = store
        self._executor = executor
        self._folders = folders
        self._cache_bytes = cache_bytes
        self._watchers = Watchers()
        self._disk = ThreadPoolExecutor(1, "store")
        self._news = asyncio.Event()
        self._running: str | None = None
        self._cancelled: set[str] = set()  # running jobs that are to stop
        self._copying: dict[str, asyncio.Task[None]] = {}
        self._is_stopping = False

    # --- what clients ask

    async def submit(self, checked: Checked, key: str, parent: str) -> Job:
        """Raises LavError: DISK_SHORT, MEMORY_SHORT, OUTPUT_EXISTS, QUEUE_FULL."""
        request, needs = checked.request, checked.needs
        versions = version("lav-bridge"), catalog.engine(request.engine).version, checked.identity
        fingerprint = await asyncio.to_thread(reuse.fingerprint, request, versions)
        earlier = await self._made_before(fingerprint)
        if earlier is None:
            await asyncio.to_thread(
                room.check_ever, needs, request.output.path.parent, self._folders.maps
            )
        add = partial(self._store.add, request, key, parent, fingerprint, needs)
        if earlier is not None:
            job, is_new = await self._db(_claimed, add, self._store)
            if is_new:
                self._copying[job.id] = asyncio.create_task(self._copy(job, earlier))
            return job
        job, _ = await self._db(add)
        self._news.set()
        return await self._foreseen(job)

    async def by_key(self, key: str) -> Job | None:
        return await self._db(self._store.by_key, key)

    async def job(self, job_id: str) -> Job:
        return await self._foreseen(await self._db(self._store.job, job_id))

    async def jobs(self, limit: int, only_open: bool) -> list[Job]:
        etas = await self._etas()
        jobs = await self._db(self._store.jobs, limit, only_open)
        return [replace(job, eta_seconds=etas.get(job.id)) for job in jobs]

    async def is_paused(self) -> bool:
        return await self._db(self._store.is_paused)

    async def waiting(self) -> list[str]:
        return await self._db(self._store.waiting)

    def progress(self, job_id: str) -> Progress | None:
        return self._watchers.progress(job_id)

    async def cancel(self, job_id: str) -> Job:
        """A waiting job ends at once; a running one when its worker has tidied up."""
        was = await self._db(self._store.job, job_id)
        job = await self._db(self._store.cancel, job_id)
        self._watchers.tell(job_id)
        if job.state == JobState.cancelling:
            self._cancelled.add(job_id)
            if self._running == job_id:
                self._executor.cancel()
        elif job.state == JobState.cancelled and was.state == JobState.queued:
            await asyncio.to_thread(_sweep, job, self._folders)
        return job

    async def pause(self, job_id: str) -> Job:
        """A waiting job waits longer; a running one stops at its next step and waits."""
        job = await self._db(self._store.pause, job_id, True)
        if self._running == job_id:
            self._executor.cancel()
        return job

    async def resume(self, job_id: str) -> Job:
        job = await self._db(self._store.pause, job_id, False)
        self._news.set()
        return job

    async def pause_all(self, wanted: bool) -> None:
        """No job is started while it is paused; one that runs goes on."""
        await self._db(self._store.pause_queue, wanted)
        self._news.set()

    async def move(self, job_id: str, before: str) -> Job:
        return await self._db(self._store.reorder, job_id, before)

    async def prioritize(self, job_id: str, priority: int) -> Job:
        return await self._db(self._store.prioritize, job_id, priority)

    async def cached(self) -> list[cache.CachedClip]:
        clips = await self._db(self._store.clips_of_keys)
        open_keys = await self._db(self._store.open_keys)
        files = await asyncio.to_thread(cache.entries, self._folders.maps)
        return cache.by_clip(files, clips, open_keys)

    @property
    def cache_folder(self) -> Path:
        return self._folders.maps

    @property
    def cache_bytes(self) -> int:
        """The most that the cache holds."""
        return self._cache_bytes

    async def clear_cache(self) -> cache.Removed:
        """Of all but what open jobs need."""
        return await self._trim(0)

    async def watch(
        self, job_id: str, after_seq: int
    ) -> AsyncGenerator[Event | Progress | Picture | Waiting | None, None]:
        """Stored events after `after_seq`, live news between them, None as a heartbeat; after one,
        where a job that still waits stands by now.

        Ends after the job's last event. A reader that is slow misses live news, never an event.
        """
        with self._watchers.watching(job_id) as watcher:
            has_news = True
            while True:
                if not has_news:
                    yield None
                    if (waiting := await self._waiting(job_id)) is not None:
                        yield waiting
                has_ended = (await self._db(self._store.job, job_id)).state in ENDED
                for event in await self._db(self._store.events, job_id, after_seq):
                    after_seq = event.seq
                    yield event
                    has_ended = has_ended or event.state in ENDED
                if has_ended:
                    return
                for live in watcher.take():
                    if live is not None:
                        yield live
                has_news = await watcher.wait(HEARTBEAT)

    async def _waiting(self, job_id: str) -> Waiting | None:
        job = await self.job(job_id)
        is_waiting = job.state == JobState.queued
        return Waiting(job.position, job.eta_seconds) if is_waiting else None

    async def _foreseen(self, job: Job) -> Job:
        if not job.position:
            return job
        return replace(job, eta_seconds=(await self._etas()).get(job.id))

    async def _etas(self) -> dict[str, float]:
        """Of the waiting jobs."""
        running = self._running
        left, waiting = await self._db(self._store.forecast, running)
        live = self._watchers.progress(running) if running else None
        if live is not None and live.eta_seconds is not None:
            left = live.eta_seconds
        return forecast.etas(left, waiting)

    # --- the life of the queue

    async def run(self) -> None:
        """Until `stop`. A full or faulty disk is waited for: it may be freed."""
        await asyncio.to_thread(cache.sweep, self._folders.maps)
        while not self._is_stopping:
            try:
                await self._run()
            except (OSError, sqlite3.OperationalError):
                log.exception("The queue can't go on; trying again in %d seconds", AGAIN)
                await self._news_within(AGAIN)

    async def _run(self) -> None:
        """What nobody is at any more, after a stop or a fault, comes first."""
        for job in await self._db(self._store.working):
            if job.id not in self._copying:
                await self._end(job, Report(cancelled=True))
        still_open = {job.id for job in await self._db(self._store.jobs, MOST_OPEN, True)}
        await asyncio.to_thread(claims.sweep, self._folders.jobs, still_open)
        await self._trim(self._cache_bytes)
        while not self._is_stopping:
            self._news.clear()
            job = await self._db(self._store.claim)
            if job is None:
                await self._news.wait()
            else:
                await self._work(job)

    async def _news_within(self, seconds: float) -> None:
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()

    async def stop(self) -> None:
        """Interrupts the running job, which waits again; `run` then returns."""
        self._is_stopping = True
        self._executor.cancel()
        self._news.set()

    async def close(self) -> None:
        if self._copying:
            await asyncio.wait(self._copying.values())
        await self._executor.close()
        await self._db(self._store.close)
        self._disk.shutdown()

    # --- one job

    async def _work(self, job: Job) -> None:
        log.info("Job %s starts", job.id)
        self._running = job.id
        self._watchers.tell(job.id)
        folder, maps = self._folders.of(job.id), self._folders.maps
        try:
            await asyncio.to_thread(claims.claim, folder, job.epoch)
            await self._check_room(job)
            await self._follow(job, Task(job.id, job.epoch, job.request, maps, folder))
        except LavError as error:
            await self._end(job, Report(problem=from_error(error)))
        except OSError as error:
            log.exception("Job %s could not be started", job.id)
            await self._end(job, Report(problem=_no_room(folder, error)))
        finally:
            self._running = None
            self._cancelled.discard(job.id)
            self._watchers.forget(job.id)

    async def _check_room(self, job: Job) -> None:
        """Raises LavError. A take that is finished but not told needs none."""
        if not (self._folders.of(job.id) / claims.JOURNAL).exists():
            needs = await self._db(self._store.needs, job.id)
            output = job.request.output.path.parent
            await asyncio.to_thread(room.check_now, needs, output, self._folders.maps)

    async def _follow(self, job: Job, task: Task) -> None:
        pace = Pace()
        reused: list[bool] = []
        if self._is_stopping or job.id in self._cancelled:
            await self._end(job, Report(cancelled=True))
            return
        async with aclosing(self._executor.run(task)) as reports:
            async for report in reports:
                if report.window is not None:
                    reused.append(report.window.is_reused)
                if report.is_last:
                    await self._end(job, report, is_all_lit=bool(reused) and not any(reused))
                else:
                    await self._note(job, report, pace)

    async def _note(self, job: Job, report: Report, pace: Pace) -> None:
        if report.warning is not None:
            await self._db(self._store.warn, job.id, report.warning)
        if report.window is not None:
            await self._db(self._store.finish_window, job.id, job.epoch, report.window)
        progress = report.progress
        if progress is not None:
            if progress.stage == Stage.publishing:
                await self._db(self._store.move, job.id, JobState.publishing)
            progress = replace(progress, eta_seconds=pace.eta(progress.fraction))
        self._watchers.tell(job.id, progress, report.preview)

    async def _end(self, job: Job, report: Report, is_all_lit: bool = False) -> None:
        """Nobody is at the job any more: it has ended, or waits for the next attempt."""
        ended = await self._ended(job, report, is_all_lit)
        log.info("Job %s is %s", job.id, ended.state.value)
        if ended.state in ENDED:
            await asyncio.to_thread(_sweep, job, self._folders)
        self._watchers.tell(job.id)
        if ended.state in ENDED:
            await self._trim(self._cache_bytes)

    async def _ended(self, job: Job, report: Report, is_all_lit: bool) -> Job:
        take, problem, move = report.take, report.problem, partial(self._store.move, job.id)
        if take is None:  # killed, perhaps, after it had delivered
            take = await asyncio.to_thread(claims.delivered, self._folders.of(job.id))
        if take is not None:
            files = await asyncio.to_thread(reuse.made, take)
            spent = take.seconds if is_all_lit else 0.0
            return await self._db(move, JobState.done, take=take, files=files, spent=spent)
        if problem is None:
            return await self._db(self._store.interrupt, job.id)
        if problem.code == Code.worker_lost:
            return await self._db(self._store.lose_worker, job.id, problem)
        return await self._db(move, JobState.failed, problem=problem)

    # --- what was made before

    async def _made_before(self, fingerprint: str) -> Take | None:
        """The newest take of such a request whose files are still as they were made."""
        for take, files in await self._db(self._store.made_before, fingerprint):
            if await asyncio.to_thread(reuse.is_unchanged, take, files):
                return take
        return None

    async def _copy(self, job: Job, earlier: Take) -> None:
        """Gives the job a copy of an earlier take; where that fails it is rendered after all."""
        self._watchers.tell(job.id)
        try:
            await self._db(self._store.move, job.id, JobState.publishing)
            take = await asyncio.to_thread(reuse.copied, earlier, job.request.output)
            note = f"The same was rendered before, so this take is a copy of {earlier.path.name}."
            await self._db(self._store.warn, job.id, note)
            await self._end(job, Report(take=take))
        except (OSError, LavError) as error:
            log.warning("Job %s: the earlier take could not be copied: %s", job.id, error)
            await self._end(job, Report(cancelled=True))
            self._news.set()
        finally:
            self._cancelled.discard(job.id)
            del self._copying[job.id]

    async def _trim(self, limit: int) -> cache.Removed:
        keep = await self._db(self._store.open_keys)
        return await asyncio.to_thread(cache.trim, self._folders.maps, limit, keep)

    async def _db(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._disk, partial(call, *args, **kwargs))


def _claimed(add: Callable[[], tuple[Job, bool]], store: Store) -> tuple[Job, bool]:
    """A new job that is claimed before the queue can see it."""
    job, is_new = add()
    if not is_new:
        return job, False
    claimed = store.claim(job.id)
    assert claimed is not None
    return claimed, True


def _sweep(job: Job, folders: Folders) -> None:
    """Removes what a job that has ended left: its temporary files and its own folder."""
    output = job.request.output
    for path in (output.path, *([output.sheet] if output.sheet else [])):
        for part in path.parent.glob(f".{_literal(path.name)}.*.lav-part*"):
            with suppress(OSError):  # a disk that has gone
                part.unlink()
    claims.release(folders.of(job.id))


def _literal(name: str) -> str:
    """Brackets in a file name are no pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _no_room(folder: Path, error: OSError) -> Problem:
    return Problem(
        Code.disk_short,
        f"The render could not be started, for nothing can be written in {folder}: "
        f"{error.strerror}.",
        "Free some space there and try again.",
        retryable=True,
    )
