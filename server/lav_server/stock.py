"""The window store as the queue keeps it: within its limit, and never without what it needs."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from lav_server import cache, room
from lav_server.cache import CachedClip, Removed
from lav_server.room import Needs
from lav_server.store import Store
from lav_server.store_thread import StoreThread

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stock:
    folder: Path
    limit: int  # bytes; windows of open jobs stay, even above it
    store: StoreThread

    async def clips(self) -> list[CachedClip]:
        named = await self.store(Store.clips_of_keys)
        open_keys = await self.store(Store.open_keys)
        files = await asyncio.to_thread(cache.entries, self.folder)
        return cache.by_clip(files, named, open_keys)

    async def trim(self) -> Removed:
        return await self._trim(self.limit)

    async def clear(self) -> Removed:
        """Of all but what open jobs need."""
        return await self._trim(0)

    async def make_room(self, needs: Needs, output: Path) -> bool:
        """Gives windows up where the disk lacks room for what a job needs; whether there were any.

        `output` is the folder of its take. Raises OSError where a disk has gone.
        """
        lacking = await asyncio.to_thread(room.lacking, needs, output, self.folder)
        if not lacking:
            return False
        keep = await self.store(Store.open_keys)
        removed = await asyncio.to_thread(cache.free, self.folder, lacking, keep)
        log.warning(
            "%s lacking on the disk; gave up %d windows", room.said(lacking), removed.windows
        )
        return removed.size > 0

    async def sweep(self) -> None:
        """Of what killed workers were writing, before there is a new one."""
        await asyncio.to_thread(cache.sweep, self.folder)

    async def _trim(self, limit: int) -> Removed:
        keep = await self.store(Store.open_keys)
        return await asyncio.to_thread(cache.trim, self.folder, limit, keep)
