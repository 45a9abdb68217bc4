"""One job after the other goes to the executor; what it reports is stored and told."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from lav_engine.errors import Code, LavError
from lav_engine.spec import Stage
from lav_server import claims, reuse
from lav_server.ending import Ending
from lav_server.executor import Executor
from lav_server.intake import MOST_OPEN
from lav_server.jobs import Folders, Job, JobState, Report, Task
from lav_server.mounts import check_there
from lav_server.pace import Pace
from lav_server.problem import Problem, from_error, from_surprise
from lav_server.space import Space
from lav_server.stock import Stock
from lav_server.store import Store
from lav_server.store_thread import StoreThread
from lav_server.waits import AGAIN, within
from lav_server.watching import Watchers

log = logging.getLogger(__name__)

HELD_UP = "The queue is held up, and goes on by itself once that is put right."


class Turns:
    def __init__(
        self,
        store: StoreThread,
        executor: Executor,
        folders: Folders,
        watchers: Watchers,
        stock: Stock,
        ending: Ending,
    ) -> None:
        self.running: str | None = None
        self._store = store
        self._executor = executor
        self._folders = folders
        self._watchers = watchers
        self._stock = stock
        self._ending = ending
        self._space = Space(store, folders, watchers, stock)
        self._news = asyncio.Event()
        self._interrupted: set[str] = set()  # running jobs that are to stop
        self._unstored: set[str] = set()  # running jobs whose cancelling could not be stored
        self._is_stopping = False

    def look(self) -> None:
        """There may be a job to start."""
        self._news.set()

    def interrupt(self, job_id: str) -> None:
        """Asks the job to stop, if it is the one that runs."""
        if self.running == job_id:
            self._interrupted.add(job_id)
            self._executor.cancel()

    def cancel_unstored(self, job_id: str, error: sqlite3.OperationalError) -> LavError:
        """Stops a job that was being worked on, though that can't be stored yet, and says so."""
        self._unstored.add(job_id)
        self.interrupt(job_id)
        problem = from_surprise(error, "noting that the render is cancelled")
        said = f"{problem.message} The render is stopped all the same."
        return LavError(said, problem.hint, problem.code)

    async def run(self, is_elsewhere: Callable[[str], bool]) -> None:
        """Until `stop`. A full or faulty disk is waited for: it may be freed.

        `is_elsewhere` tells of a job that somebody else works on.
        """
        await self._stock.sweep()
        while not self._is_stopping:
            try:
                await self._run(is_elsewhere)
            except (OSError, sqlite3.OperationalError) as error:
                log.exception("The queue can't go on; trying again in %d seconds", AGAIN)
                problem = from_surprise(error, "noting how far the renders have come")
                self._watchers.say(f"{problem.message} {HELD_UP}")
                self._news.clear()
                await within(AGAIN, self._news)

    async def stop(self) -> None:
        """Interrupts the running job, which waits again; `run` then returns."""
        self._is_stopping = True
        self._executor.cancel()
        self._news.set()

    async def _run(self, is_elsewhere: Callable[[str], bool]) -> None:
        """What nobody is at any more, after a stop or a fault, comes first."""
        for job in await self._store(Store.working):
            if not is_elsewhere(job.id):
                await self._end(job, Report(cancelled=True))
        await self._sweep()
        await self._stock.trim()
        while not self._is_stopping:
            self._news.clear()
            job = await self._store(Store.claim)
            self._watchers.say("")
            if job is None:
                await self._news.wait()
            else:
                await self._work(job)

    async def _sweep(self) -> None:
        """Looks for folders first: of a job that comes meanwhile none is among them."""
        jobs = self._folders.jobs
        there = await asyncio.to_thread(claims.there, jobs)
        still_open = {job.id for job in await self._store(Store.jobs, MOST_OPEN, True)}
        await asyncio.to_thread(claims.sweep, jobs, there - still_open)

    async def _end(self, job: Job, report: Report, is_all_lit: bool = False) -> None:
        if job.id in self._unstored:
            await self._store(Store.cancel, job.id)
            self._unstored.discard(job.id)
        await self._ending.end(job, report, is_all_lit)

    # --- one attempt at a job

    async def _work(self, job: Job) -> None:
        log.info("Job %s starts", job.id)
        self.running = job.id
        self._watchers.tell(job.id)
        folder, maps = self._folders.of(job.id), self._folders.maps
        try:
            await asyncio.to_thread(claims.claim, folder, job.epoch)
            mount = await self._store(Store.mount, job.id)
            await asyncio.to_thread(check_there, job.request.output.path.parent, mount)
            await self._space.check(job)
            await self._note_sources(job)
            await self._follow(job, Task(job.id, job.epoch, job.request, maps, folder, mount))
        except LavError as error:
            await self._end(job, Report(problem=from_error(error)))
        except OSError as error:
            log.exception("Job %s could not be started", job.id)
            await self._end(job, Report(problem=_no_room(folder, error)))
        finally:
            self.running = None
            self._interrupted.discard(job.id)
            self._watchers.forget(job.id)

    async def _note_sources(self, job: Job) -> None:
        """An earlier attempt may have finished a take, of other files than there are now."""
        sources = await asyncio.to_thread(reuse.sources, job.request)
        if claims.has_journal(self._folders.of(job.id)):
            sources = sources if sources == await self._store(Store.sources, job.id) else ""
        await self._store(Store.note_sources, job.id, sources)

    async def _follow(self, job: Job, task: Task) -> None:
        if self._is_stopping or job.id in self._interrupted:
            await self._end(job, Report(cancelled=True))
            return
        pace = Pace()
        reused: list[bool] = []  # of each window
        async with aclosing(self._executor.run(task)) as reports:
            async for report in reports:
                if report.window is not None:
                    reused.append(report.window.is_reused)
                if report.is_last:
                    is_all_lit = bool(reused) and not any(reused)
                    await self._end(job, await self._space.relieved(job, report), is_all_lit)
                else:
                    await self._note(job, report, pace)
                if report.window is not None and not report.window.is_reused:
                    await self._space.keep(job, lit=len(reused) - sum(reused))

    async def _note(self, job: Job, report: Report, pace: Pace) -> None:
        if report.warning is not None:
            await self._store(Store.warn, job.id, report.warning)
        if report.window is not None:
            await self._store(Store.finish_window, job.id, job.epoch, report.window)
        progress = report.progress
        if progress is not None:
            if progress.stage == Stage.publishing:
                await self._store(Store.move, job.id, JobState.publishing)
            progress = replace(progress, eta_seconds=pace.eta(progress.fraction))
        self._watchers.tell(job.id, progress, report.preview)


def _no_room(folder: Path, error: OSError) -> Problem:
    return Problem(
        Code.disk_short,
        f"The render could not be started, for nothing can be written in {folder}: "
        f"{error.strerror}.",
        "Free some space there and try again.",
        retryable=True,
    )
