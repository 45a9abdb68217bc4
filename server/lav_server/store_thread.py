"""The job store for the event loop: on a thread of its own, for its methods wait for the disk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from lav_server.database import is_damaged, refusal
from lav_server.store import Store

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._thread = ThreadPoolExecutor(1, "store")

    async def __call__(
        self, method: Callable[Concatenate[Store, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What a method of the store, or a function of it, gives: `await store(Store.job, id)`.

        Raises LavError where the database is found damaged.
        """
        call = partial(method, self._store, *args, **kwargs)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except sqlite3.DatabaseError as error:
            if is_damaged(error):
                raise refusal(self._store.path, error) from error
            raise

    async def close(self) -> None:
        await self(Store.close)
        self._thread.shutdown()
