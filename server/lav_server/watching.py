"""Watchers of jobs: each keeps only the newest of what is live, so a slow one slows nobody."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from lav_engine.errors import Code, LavError
from lav_server.jobs import Picture, Progress

MOST = 768  # watchers at once


class Watcher:
    """One watcher's mailbox. Stored events are not in it: they are read again from the store."""

    def __init__(self, progress: Progress | None, notice: str = "") -> None:
        self._notice = notice
        self._news = asyncio.Event()
        self._progress = progress
        self._preview: Picture | None = None

    async def wait(self, seconds: float) -> bool:
        """Whether there was news within the time."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def take(self) -> tuple[Progress | None, Picture | None]:
        """The newest live news, once."""
        news = self._progress, self._preview
        self._progress = self._preview = None
        return news

    def notice(self) -> str:
        """What holds everything up by now, once; "" for nothing new."""
        notice, self._notice = self._notice, ""
        return notice

    def say(self, notice: str) -> None:
        self._notice = notice
        self._news.set()

    def tell(self, progress: Progress | None, preview: Picture | None) -> None:
        self._progress = progress or self._progress
        self._preview = preview or self._preview
        self._news.set()


class Watchers:
    """The mailboxes of every job, and the newest progress of those that run."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[Watcher]] = defaultdict(set)
        self._progress: dict[str, Progress] = {}
        self._notice = ""

    def progress(self, job_id: str) -> Progress | None:
        return self._progress.get(job_id)

    def tell(
        self, job_id: str, progress: Progress | None = None, preview: Picture | None = None
    ) -> None:
        """Without arguments: something was stored."""
        if progress is not None:
            self._progress[job_id] = progress
        for watcher in self._watchers.get(job_id, ()):
            watcher.tell(progress, preview)

    def say(self, notice: str) -> None:
        """To all, and to those who come: what holds everything up; "" when it is over."""
        if notice not in ("", self._notice):
            for watcher in chain(*self._watchers.values()):
                watcher.say(notice)
        self._notice = notice

    def forget(self, job_id: str) -> None:
        """Of a job that no longer runs."""
        self._progress.pop(job_id, None)

    @contextmanager
    def watching(self, job_id: str) -> Iterator[Watcher]:
        """Raises LavError(QUEUE_FULL) where there are too many."""
        if sum(map(len, self._watchers.values())) >= MOST:
            raise LavError(
                f"{MOST} others watch renders already, so this one can't be watched as well.",
                "Try again later, or ask for the job's state now and then.",
                Code.queue_full,
            )
        watcher = Watcher(self._progress.get(job_id), self._notice)
        self._watchers[job_id].add(watcher)
        try:
            yield watcher
        finally:
            self._watchers[job_id].discard(watcher)
            if not self._watchers[job_id]:
                del self._watchers[job_id]
