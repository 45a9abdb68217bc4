"""What becomes of a job that nobody is at any more, and of what it left on disk."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass, replace

from lav_engine.errors import Code
from lav_engine.spec import Take
from lav_server import claims, reuse
from lav_server.jobs import ENDED, Folders, Job, JobState, Report
from lav_server.stock import Stock
from lav_server.store import Store
from lav_server.store_thread import StoreThread
from lav_server.watching import Watchers

log = logging.getLogger(__name__)

CHANGED = (
    "{name} was changed while the clip was rendered, so the take may have parts of both versions. "
    "Render it again once nobody writes to it any more."
)


@dataclass(frozen=True, slots=True)
class Ending:
    store: StoreThread
    folders: Folders
    watchers: Watchers
    stock: Stock

    async def end(self, job: Job, report: Report, is_all_lit: bool = False) -> None:
        """The job has ended, or waits for the next attempt. `is_all_lit`: by this one alone."""
        ended = await self._ended(job, report, is_all_lit)
        log.info("Job %s is %s", job.id, ended.state.value)
        if ended.state in ENDED:
            await self.sweep(job)
        self.watchers.tell(job.id)
        if ended.state in ENDED:
            await self.stock.trim()

    async def sweep(self, job: Job) -> None:
        """Removes what a job that has ended left: its temporary files and its own folder."""
        await asyncio.to_thread(_sweep, job, self.folders)

    async def _ended(self, job: Job, report: Report, is_all_lit: bool) -> Job:
        take, problem = report.take, report.problem
        if take is None:  # killed, perhaps, after it had delivered
            take = await asyncio.to_thread(claims.delivered, self.folders.of(job.id))
        if take is not None:
            take = await self._doubted(job, take)
            files = await asyncio.to_thread(reuse.made, take)
            spent = take.seconds if is_all_lit else 0.0
            return await self.store(
                Store.move, job.id, JobState.done, take=take, files=files, spent=spent
            )
        if problem is None:
            return await self.store(Store.interrupt, job.id)
        if problem.code == Code.worker_lost:
            return await self.store(Store.lose_worker, job.id, problem)
        return await self.store(Store.move, job.id, JobState.failed, problem=problem)

    async def _doubted(self, job: Job, take: Take) -> Take:
        """Says of a take where what it was made from changed meanwhile; no copy is made of it."""
        before = await self.store(Store.sources, job.id)
        now = await asyncio.to_thread(reuse.sources, job.request)
        if now == before:
            return take
        if name := reuse.changed(before, now):
            said = CHANGED.format(name=name)
            await self.store(Store.warn, job.id, said)
            take = replace(take, warnings=(*take.warnings, said))
        await self.store(Store.note_sources, job.id, "")
        return take


def _sweep(job: Job, folders: Folders) -> None:
    output = job.request.output
    for path in (output.path, *([output.sheet] if output.sheet else [])):
        for part in path.parent.glob(f".{_literal(path.name)}.*.lav-part*"):
            with suppress(OSError):  # a disk that has gone
                part.unlink()
    claims.release(folders.of(job.id))


def _literal(name: str) -> str:
    """Brackets in a file name are no pattern."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)
