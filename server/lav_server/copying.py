"""Jobs whose take was made before: it is copied at once, beside the queue, and nothing is lit."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from functools import partial

from lav_engine.errors import Fenced, LavError
from lav_engine.journal import Journal
from lav_engine.spec import Take
from lav_server import claims, reuse
from lav_server.ending import Ending
from lav_server.jobs import Folders, Job, JobState, Report
from lav_server.store import Store
from lav_server.store_thread import StoreThread
from lav_server.waits import AGAIN, within
from lav_server.watching import Watchers

log = logging.getLogger(__name__)

COPY = "The same was rendered before, so this take is a copy of {name}."

Add = Callable[[Store], tuple[Job, bool]]  # a job, and whether it is new


class Copying:
    def __init__(
        self, store: StoreThread, ending: Ending, watchers: Watchers, failed: Callable[[], None]
    ) -> None:
        """`failed` is called when a job waits after all, as its take could not be copied."""
        self._store = store
        self._ending = ending
        self._watchers = watchers
        self._failed = failed
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._is_closing = asyncio.Event()

    def is_at(self, job_id: str) -> bool:
        return job_id in self._at_work

    async def made_before(self, fingerprint: str, sources: str) -> Take | None:
        """The newest take of such a request and its sources whose files are as they were made."""
        for take, files in await self._store(Store.made_before, fingerprint, sources):
            if await asyncio.to_thread(reuse.is_unchanged, take, files):
                return take
        return None

    async def start(self, add: Add, earlier: Take) -> Job:
        """Adds a job and sees to it that it gets a copy of `earlier`."""
        job, is_new = await self._store(partial(_claimed, add=add))
        if is_new:
            self._at_work[job.id] = asyncio.create_task(self._copy(job, earlier))
        return job

    async def close(self) -> None:
        self._is_closing.set()
        if self._at_work:
            await asyncio.wait(self._at_work.values())

    async def _copy(self, job: Job, earlier: Take) -> None:
        self._watchers.tell(job.id)
        try:
            report = await self._copied(job, earlier)
            await self._end(job, report)
            if report.cancelled:
                self._failed()
        finally:
            del self._at_work[job.id]

    async def _copied(self, job: Job, earlier: Take) -> Report:
        """The take, or that the job waits for the queue after all."""
        try:
            await self._store(Store.move, job.id, JobState.publishing)
            take = await asyncio.to_thread(_made, job, earlier, self._ending.folders)
        except (OSError, sqlite3.OperationalError, LavError, Fenced) as error:
            log.warning("Job %s: the earlier take could not be copied: %s", job.id, error)
            return Report(cancelled=True)
        return Report(take=take, warning=COPY.format(name=earlier.path.name))

    async def _end(self, job: Job, report: Report) -> None:
        """Tries until it can be stored; what cannot be before the server stops is found then."""
        while not self._is_closing.is_set():
            try:
                if report.warning is not None:
                    await self._store(Store.warn, job.id, report.warning)
                await self._ending.end(job, report)
                return
            except (OSError, sqlite3.OperationalError):
                log.exception("Job %s can't be ended; trying again in %d seconds", job.id, AGAIN)
                await within(AGAIN, self._is_closing)


def _made(job: Job, earlier: Take, folders: Folders) -> Take:
    """Like a worker, with a journal: of a server that is killed meanwhile the next one knows."""
    folder = folders.of(job.id)
    claims.claim(folder, job.epoch)
    fence = partial(claims.check_claim, folder, job.epoch)
    notes = Journal(claims.journal(folder, job.epoch), fence)
    return reuse.copied(earlier, job.request.output, notes)


def _claimed(store: Store, add: Add) -> tuple[Job, bool]:
    """A new job that is claimed before the queue can see it."""
    job, is_new = add(store)
    if not is_new:
        return job, False
    claimed = store.claim(job.id)
    assert claimed is not None
    return claimed, True
