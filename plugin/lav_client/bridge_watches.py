"""The jobs and host sessions an editor follows: their events become news, until they end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.message import Message

from lav_client.bridge_wire import from_wire, problem
from lav_client.client import Client
from lav_engine.errors import Code, LavError
from lav_plugin import messages
from lav_server.problem import from_surprise

MOST = 200  # at a time

log = logging.getLogger(__name__)


class Watches:
    """One thread each. A newer watch of the same one takes the older one's place."""

    def __init__(self, say: Callable[[dict[str, Any]], None]) -> None:
        self._say = say
        self._newest: dict[str, object] = {}
        self._lock = threading.Lock()

    def start(self, client: Client, job: str, after_seq: int) -> None:
        events = client.watch(job, after_seq=after_seq)
        self._start(job, events, messages.JOB_EVENT, messages.JOB_LOST)

    def start_host(self, client: Client, session: str, after_seq: int) -> None:
        events = client.watch_host_session(session, after_seq=after_seq)
        self._start(session, events, messages.HOST_EVENT, messages.HOST_LOST)

    def _start(self, about: str, events: Iterator[Message], news: str, lost: str) -> None:
        mine = object()
        with self._lock:
            if len(self._newest) >= MOST and about not in self._newest:
                raise LavError(
                    f"The bridge follows {MOST} jobs already.",
                    "This one goes on all the same; look at it with `lav jobs list`.",
                    Code.queue_full,
                )
            self._newest[about] = mine
        threading.Thread(
            target=self._follow, args=(about, events, news, lost, mine), name=about, daemon=True
        ).start()

    def _follow(
        self, about: str, events: Iterator[Message], news: str, lost: str, mine: object
    ) -> None:
        try:
            for event in events:
                if not self._tell(mine, news, about, from_wire(event)):
                    return
        except LavError as error:
            self._tell(mine, lost, about, problem(error))
        except Exception as error:
            log.exception("A watch failed")
            said = from_surprise(error, "the bridge followed a render").error()
            self._tell(mine, lost, about, problem(said))
        finally:
            with self._lock:
                if self._newest.get(about) is mine:
                    del self._newest[about]

    def _tell(self, mine: object, news: str, about: str, message: dict[str, Any]) -> bool:
        """Whether this watch is still the one that counts."""
        with self._lock:
            is_newest = self._newest.get(about) is mine
        if is_newest:
            self._say({"news": news, "about": about, "message": message})
        return is_newest
