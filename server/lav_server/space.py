"""Room on the disks for the job whose turn it is: before its start, and as it goes on."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from lav_engine.errors import Code
from lav_server import claims, room
from lav_server.jobs import Folders, Job, Report
from lav_server.stock import Stock
from lav_server.store import Store
from lav_server.store_thread import StoreThread
from lav_server.watching import Watchers

TRIM_EVERY = 10  # newly lit windows
MADE_ROOM = (
    "The disk became full. Light kept of other renders was given up for this one, which goes on."
)


@dataclass(frozen=True, slots=True)
class Space:
    store: StoreThread
    folders: Folders
    watchers: Watchers
    stock: Stock

    async def check(self, job: Job) -> None:
        """Raises LavError. A take that is finished but not told needs none."""
        if not claims.has_journal(self.folders.of(job.id)):
            needs = await self.store(Store.needs, job.id)
            output = job.request.output.path.parent
            await self.stock.make_room(needs, output)
            await asyncio.to_thread(room.check_now, needs, output, self.folders.maps)

    async def keep(self, job: Job, lit: int) -> None:
        """Windows of other renders go where the store has grown over its limit, and where the disk
        has become too full for the rest of this one."""
        if lit % TRIM_EVERY == 0:
            await self.stock.trim()
        progress = self.watchers.progress(job.id)
        await self._make(job, progress.fraction if progress else 0.0)

    async def relieved(self, job: Job, report: Report) -> Report:
        """The last report; of a job that ran out of disk where there is more now, that it waits."""
        is_short = report.problem is not None and report.problem.code == Code.disk_short
        if not (is_short and await self._make(job, done=0.0)):
            return report
        await self.store(Store.warn, job.id, MADE_ROOM)
        return Report(cancelled=True)

    async def _make(self, job: Job, done: float) -> bool:
        """For the rest of a job of which so much is done; whether the disk has more room now."""
        rest = room.left(await self.store(Store.needs, job.id), done)
        with suppress(OSError):  # a disk that has gone: whoever writes there says so
            return await self.stock.make_room(rest, job.request.output.path.parent)
        return False
