"""The queue: one job after the other goes to the executor; what it reports is stored and told."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

from lav_engine.errors import Code
from lav_engine.spec import RelightRequest, Stage
from lav_server.executor import Executor
from lav_server.jobs import ENDED, Event, Job, JobState, Picture, Progress, Report, Task
from lav_server.pace import Pace
from lav_server.problem import Problem
from lav_server.store import Store
from lav_server.watching import Watchers

log = logging.getLogger(__name__)

HEARTBEAT = 5.0  # seconds of silence after which a watcher hears that the server lives

P = ParamSpec("P")
T = TypeVar("T")


class Queue:
    """Owns the jobs' states. The store's disk writes happen on a thread of their own."""

    def __init__(self, store: Store, executor: Executor, maps: Path) -> None:
        self._store = store
        self._executor = executor
        self._maps = maps
        self._watchers = Watchers()
        self._disk = ThreadPoolExecutor(1, "store")
        self._news = asyncio.Event()
        self._running: str | None = None
        self._cancelled: set[str] = set()  # running jobs that are to stop
        self._is_stopping = False

    # --- what clients ask

    async def submit(self, request: RelightRequest, key: str, parent: str) -> Job:
        job = await self._db(self._store.add, request, key, parent)
        self._news.set()
        return job

    async def by_key(self, key: str) -> Job | None:
        return await self._db(self._store.by_key, key)

    async def job(self, job_id: str) -> Job:
        return await self._db(self._store.job, job_id)

    async def jobs(self, limit: int, only_open: bool) -> list[Job]:
        return await self._db(self._store.jobs, limit, only_open)

    def progress(self, job_id: str) -> Progress | None:
        return self._watchers.progress(job_id)

    async def cancel(self, job_id: str) -> Job:
        """A waiting job ends at once; a running one when its worker has tidied up."""
        job = await self._db(self._store.cancel, job_id)
        self._watchers.tell(job_id)
        if job.state == JobState.cancelling:
            self._cancelled.add(job_id)
            if self._running == job_id:
                self._executor.cancel()
        return job

    async def watch(
        self, job_id: str, after_seq: int
    ) -> AsyncGenerator[Event | Progress | Picture | None, None]:
        """Stored events after `after_seq`, live news between them, None as a heartbeat.

        Ends after the job's last event. A reader that is slow misses live news, never an event.
        """
        with self._watchers.watching(job_id) as watcher:
            has_news = True
            while True:
                if not has_news:
                    yield None
                has_ended = (await self.job(job_id)).state in ENDED
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

    # --- the life of the queue

    async def run(self) -> None:
        """Until `stop`. What an earlier server left undone comes first."""
        for job in await self._db(self._store.recover):
            await asyncio.to_thread(_sweep, job, self._maps)
        while not self._is_stopping:
            self._news.clear()
            job = await self._db(self._store.claim)
            if job is None:
                await self._news.wait()
            else:
                await self._work(job)

    async def stop(self) -> None:
        """Interrupts the running job, which waits again; `run` then returns."""
        self._is_stopping = True
        self._executor.cancel()
        self._news.set()

    async def close(self) -> None:
        await self._executor.close()
        await self._db(self._store.close)
        self._disk.shutdown()

    # --- one job

    async def _work(self, job: Job) -> None:
        log.info("Job %s starts", job.id)
        self._running = job.id
        self._watchers.tell(job.id)
        try:
            maps = self._maps / job.id
            await asyncio.to_thread(maps.mkdir, parents=True, exist_ok=True)
            await self._follow(job, Task(job.id, job.epoch, job.request, maps))
        except OSError as error:
            log.exception("Job %s could not be started", job.id)
            await self._end(job, Report(problem=_no_room(self._maps, error)))
        finally:
            self._running = None
            self._cancelled.discard(job.id)
            self._watchers.forget(job.id)

    async def _follow(self, job: Job, task: Task) -> None:
        pace = Pace()
        if self._is_stopping or job.id in self._cancelled:
            await self._end(job, Report(cancelled=True))
            return
        async with aclosing(self._executor.run(task)) as reports:
            async for report in reports:
                if report.is_last:
                    await self._end(job, report)
                else:
                    await self._note(job, task, report, pace)

    async def _note(self, job: Job, task: Task, report: Report, pace: Pace) -> None:
        if report.warning is not None:
            await self._db(self._store.warn, job.id, report.warning)
        if report.window is not None:
            map_file = task.maps / f"{report.window:06d}.npz"
            await self._db(self._store.finish_window, job.id, job.epoch, report.window, map_file)
        progress = report.progress
        if progress is not None:
            if progress.stage == Stage.publishing:
                await self._db(self._store.move, job.id, JobState.publishing)
            progress = replace(progress, eta_seconds=pace.eta(progress.fraction))
        self._watchers.tell(job.id, progress, report.preview)

    async def _end(self, job: Job, report: Report) -> None:
        if report.take is None:
            await asyncio.to_thread(_sweep, job, self._maps)
        if report.take is not None:
            state = JobState.done
        elif report.problem is not None:
            state = JobState.failed
        else:
            state = JobState.cancelled if job.id in self._cancelled else JobState.queued
        log.info("Job %s is %s", job.id, state.value)
        await self._move(job.id, state, take=report.take, problem=report.problem)

    async def _move(self, job_id: str, state: JobState, **result: object) -> Job:
        job = await self._db(partial(self._store.move, job_id, state, **result))
        self._watchers.tell(job_id)
        return job

    async def _db(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._disk, partial(call, *args, **kwargs))


def _sweep(job: Job, maps: Path) -> None:
    """Removes what an unfinished job left: its temporary files and its light map."""
    output = job.request.output
    for path in (output.path, *([output.sheet] if output.sheet else [])):
        for part in path.parent.glob(f".{_literal(path.name)}.*.lav-part*"):
            part.unlink(missing_ok=True)
    shutil.rmtree(maps / job.id, ignore_errors=True)


def _literal(name: str) -> str:
    """Brackets in a file name are no pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _no_room(maps: Path, error: OSError) -> Problem:
    return Problem(
        Code.disk_short,
        f"The light map could not be stored in {maps}: {error.strerror}.",
        "Free some space there and try again.",
        retryable=True,
    )
