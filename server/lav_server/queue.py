"""The queue as clients see it: jobs submitted, ordered, stopped and watched."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from dataclasses import replace
from importlib.metadata import version

from lav_engine import catalog
from lav_server import forecast, reuse, room
from lav_server.copying import Copying
from lav_server.desk_link import Checked
from lav_server.ending import Ending
from lav_server.executor import Executor
from lav_server.extending import extended
from lav_server.jobs import ENDED, Event, Folders, Job, JobState, Notice, Picture, Progress, Waiting
from lav_server.mounts import mount_of
from lav_server.rows import WORKING
from lav_server.stock import Stock
from lav_server.store import Store
from lav_server.store_thread import StoreThread
from lav_server.turns import Turns
from lav_server.watching import Watchers

HEARTBEAT = 5.0  # seconds of silence after which a watcher hears that the server lives
CACHE = 20 * 10**9  # bytes


class Queue:
    """Owns the jobs' states: nobody else writes to the store."""

    def __init__(
        self, store: Store, executor: Executor, folders: Folders, cache_bytes: int = CACHE
    ) -> None:
        self._store = StoreThread(store)
        self._executor = executor
        self._watchers = Watchers()
        self.stock = Stock(folders.maps, cache_bytes, self._store)
        self._ending = Ending(self._store, folders, self._watchers, self.stock)
        self._turns = Turns(
            self._store, executor, folders, self._watchers, self.stock, self._ending
        )
        self._copying = Copying(self._store, self._ending, self._watchers, self._turns.look)

    async def run(self) -> None:
        """Works until `stop`."""
        await self._turns.run(is_elsewhere=self._copying.is_at)

    async def stop(self) -> None:
        await self._turns.stop()

    async def close(self) -> None:
        await self._copying.close()
        await self._executor.close()
        await self._store.close()

    # --- asked of all jobs

    async def submit(self, checked: Checked, key: str, parent: str) -> Job:
        """Raises LavError: DISK_SHORT, MEMORY_SHORT, OUTPUT_EXISTS, QUEUE_FULL."""
        request, needs = checked.request, checked.needs
        if parent:
            request = extended(request, await self._store(Store.job, parent))
        versions = version("lav-bridge"), catalog.engine(request.engine).version, checked.identity
        fingerprint = reuse.fingerprint(request, versions)
        sources = await asyncio.to_thread(reuse.sources, request)
        output = request.output.path.parent
        mount = await asyncio.to_thread(mount_of, output)

        def add(store: Store) -> tuple[Job, bool]:
            return store.add(request, key, parent, fingerprint, sources, mount, needs)

        earlier = await self._copying.made_before(fingerprint, sources)
        if earlier is not None:
            return await self._copying.start(add, earlier)
        await self.stock.make_room(needs, output)
        await asyncio.to_thread(room.check_ever, needs, output, self.stock.folder)
        job, _ = await self._store(add)
        self._turns.look()
        return await self._foreseen(job)

    async def jobs(self, limit: int, only_open: bool) -> list[Job]:
        etas = await self._etas()
        jobs = await self._store(Store.jobs, limit, only_open)
        return [replace(job, eta_seconds=etas.get(job.id)) for job in jobs]

    async def is_paused(self) -> bool:
        return await self._store(Store.is_paused)

    async def waiting(self) -> list[str]:
        return await self._store(Store.waiting)

    async def pause_all(self, wanted: bool) -> None:
        """No job is started while it is paused; one that runs goes on."""
        await self._store(Store.pause_queue, wanted)
        self._turns.look()

    # --- asked of one job

    async def by_key(self, key: str) -> Job | None:
        return await self._store(Store.by_key, key)

    async def job(self, job_id: str) -> Job:
        return await self._foreseen(await self._store(Store.job, job_id))

    def progress(self, job_id: str) -> Progress | None:
        return self._watchers.progress(job_id)

    async def cancel(self, job_id: str) -> Job:
        """A waiting job ends at once; a running one when its worker has tidied up."""
        was = await self._store(Store.job, job_id)
        try:
            job = await self._store(Store.cancel, job_id)
        except sqlite3.OperationalError as error:
            if was.state in WORKING and not self._copying.is_at(job_id):
                raise self._turns.cancel_unstored(job_id, error) from None
            raise
        self._watchers.tell(job_id)
        if job.state == JobState.cancelling:
            self._turns.interrupt(job_id)
        elif job.state == JobState.cancelled and was.state == JobState.queued:
            await self._ending.sweep(job)
        return job

    async def pause(self, job_id: str) -> Job:
        """A waiting job waits longer; a running one stops at its next step and waits."""
        job = await self._store(Store.pause, job_id, True)
        self._turns.interrupt(job_id)
        return job

    async def resume(self, job_id: str) -> Job:
        job = await self._store(Store.pause, job_id, False)
        self._turns.look()
        return job

    async def move(self, job_id: str, before: str) -> Job:
        return await self._store(Store.reorder, job_id, before)

    async def prioritize(self, job_id: str, priority: int) -> Job:
        return await self._store(Store.prioritize, job_id, priority)

    async def watch(
        self, job_id: str, after_seq: int
    ) -> AsyncGenerator[Event | Progress | Picture | Waiting | Notice | None, None]:
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
                has_ended = (await self._store(Store.job, job_id)).state in ENDED
                for event in await self._store(Store.events, job_id, after_seq):
                    after_seq = event.seq
                    yield event
                    has_ended = has_ended or event.state in ENDED
                if has_ended:
                    return
                if notice := watcher.notice():
                    yield Notice(notice)
                for live in watcher.take():
                    if live is not None:
                        yield live
                has_news = await watcher.wait(HEARTBEAT)

    # --- when it will have ended

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
        running = self._turns.running
        left, waiting = await self._store(Store.forecast, running)
        live = self._watchers.progress(running) if running else None
        if live is not None and live.eta_seconds is not None:
            left = live.eta_seconds
        return forecast.etas(left, waiting)
