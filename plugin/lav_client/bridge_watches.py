"""The jobs an editor follows: their events become news, until each has ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from lav_client.bridge_wire import from_wire, problem
from lav_client.client import Client
from lav_engine.errors import Code, LavError
from lav_plugin import messages
from lav_server.problem import from_surprise

MOST = 200  # jobs at a time

log = logging.getLogger(__name__)


class Watches:
    """One thread a job. A newer watch of the same job takes the older one's place."""

    def __init__(self, say: Callable[[dict[str, Any]], None]) -> None:
        self._say = say
        self._newest: dict[str, object] = {}
        self._lock = threading.Lock()

    def start(self, client: Client, job: str, after_seq: int) -> None:
        mine = object()
        with self._lock:
            if len(self._newest) >= MOST and job not in self._newest:
                raise LavError(
                    f"The bridge follows {MOST} jobs already.",
                    "This one goes on all the same; look at it with `lav jobs list`.",
                    Code.queue_full,
                )
            self._newest[job] = mine
        threading.Thread(
            target=self._follow, args=(client, job, after_seq, mine), name=job, daemon=True
        ).start()

    def _follow(self, client: Client, job: str, after_seq: int, mine: object) -> None:
        try:
            for event in client.watch(job, after_seq=after_seq):
                said = from_wire(event)
                if not self._tell(mine, messages.JOB_EVENT, job, said):
                    return
        except LavError as error:
            self._lost(mine, job, error)
        except Exception as error:
            log.exception("A watch failed")
            self._lost(mine, job, from_surprise(error, "the bridge followed a job").error())
        finally:
            with self._lock:
                if self._newest.get(job) is mine:
                    del self._newest[job]

    def _lost(self, mine: object, job: str, error: LavError) -> None:
        self._tell(mine, messages.JOB_LOST, job, problem(error))

    def _tell(self, mine: object, news: str, job: str, message: dict[str, Any]) -> bool:
        """Whether this watch is still the one that counts."""
        with self._lock:
            is_newest = self._newest.get(job) is mine
        if is_newest:
            self._say({"news": news, "about": job, "message": message})
        return is_newest
