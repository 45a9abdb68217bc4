"""The server as an editor sees it: found, asked, listened to and started again.

Standard library only.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from . import notices
from .board import Board
from .bridge_client import BRIDGE_LOST
from .messages import (
    CONNECT,
    JOB_EVENT,
    JOB_LOST,
    Connecting,
    Engine,
    Preset,
    Problem,
    ServerInfo,
    from_json,
)

OFF, STARTING, CONNECTED = "off", "starting", "connected"
LOST, RESTARTING = "lost", "restarting"  # it was connected
GONE = ("SERVER_DOWN", "BRIDGE_LOST")  # whoever carried the words; what was asked for may go on
SILENCE = 5.0  # seconds without a word of a render, after which the server is asked for
PAUSE = 20.0  # seconds between two starts of a server that nobody asked for

Then = Callable[[Any], None]
OpenBridge = Callable[[Callable[[str, str, "dict[str, Any]"], None]], Any]


class Listener(Protocol):
    """Who is told of jobs."""

    @property
    def is_waiting(self) -> bool: ...

    def on_event(self, job: str, message: dict[str, Any]) -> None: ...
    def on_lost(self, job: str, problem: Problem) -> None: ...
    def watch_all(self) -> None: ...
    def unwatched(self) -> None: ...


class Connection:
    def __init__(
        self,
        open_bridge: OpenBridge,
        board: Board,
        listener: Listener,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_bridge` makes the bridge_client.Bridge, given what to call with news."""
        self.info: ServerInfo | None = None  # as last heard
        self.chip = OFF
        self.other_news: deque[tuple[str, str, dict[str, Any]]] = deque()  # kind, about, message
        self._board = board
        self._listener = listener
        self._clock = clock
        self._waiting: list[tuple[str, Any, Then, bool]] = []  # for a connection
        self._heard_at = self._restarted_at = -PAUSE
        self._is_probing = False
        self._bridge = open_bridge(self._news)

    def pump(self, seconds: float) -> bool:
        """True if more is waiting already."""
        more = self._bridge.pump(seconds)
        self._listen()
        return more

    def close(self) -> None:
        self._bridge.close()

    def connect(self, start: bool = True) -> None:
        """Finds the server; starts one where none runs and `start` is set."""
        if not self.is_connecting:
            self._set_chip(RESTARTING if self.chip == LOST else STARTING)
            self._bridge.ask(CONNECT, Connecting(start), self._connected)

    @property
    def is_connecting(self) -> bool:
        return self.chip in (STARTING, RESTARTING)

    @property
    def presets(self) -> tuple[Preset, ...]:
        """As far as they are known: none before the first connection."""
        return self.info.presets if self.info else ()

    @property
    def engines(self) -> tuple[Engine, ...]:
        return self.info.engines if self.info else ()

    def ask(self, name: str, message: Any, then: Then, is_again: bool = False) -> None:
        """Connects first where that is needed, and again, once, where the server went away: every
        call may be repeated."""
        if self.chip != CONNECTED:
            self._waiting.append((name, message, then, is_again))
            self.connect()
            return

        def heard(answer: Any) -> None:
            self._board.changed()
            if answer.problem and answer.problem.code in GONE and not is_again:
                self._set_chip(LOST)
                self.ask(name, message, then, is_again=True)
            else:
                then(answer)

        self._bridge.ask(name, message, heard)

    # --- inside ---------------------------------------------------------------------------------

    def _set_chip(self, chip: str) -> None:
        self.chip = chip
        self._board.changed()

    def _connected(self, answer: Any) -> None:
        waiting, self._waiting = self._waiting, []
        if answer.problem:
            self._set_chip(OFF)
            if answer.problem.code != "SERVER_DOWN" or waiting or self._listener.is_waiting:
                self._board.tell(answer.problem)
            for _, _, then, _ in waiting:
                then(answer)
            return
        self._is_here(answer)
        for name, message, then, is_again in waiting:
            self.ask(name, message, then, is_again)

    def _is_here(self, answer: Any) -> None:
        self.info = from_json(ServerInfo, answer.message)
        self._heard_at = self._clock()
        self._set_chip(CONNECTED)
        if self._board.notice and self._board.notice.action == notices.CONNECT:
            self._board.clear()
        self._listener.watch_all()

    def _news(self, kind: str, about: str, message: dict[str, Any]) -> None:
        self._board.changed()
        self._heard_at = self._clock()
        if kind == JOB_EVENT:
            self._listener.on_event(about, message)
        elif kind == JOB_LOST:
            problem = from_json(Problem, message)
            self._listener.on_lost(about, problem)
            if problem.code in GONE:
                self._lost()
        elif kind == BRIDGE_LOST:
            self._listener.unwatched()
            self._lost()
        else:
            self.other_news.append((kind, about, message))

    def _listen(self) -> None:
        """A server that dies says nothing: while renders are under way it is asked for."""
        silent = self._clock() - self._heard_at > SILENCE
        if self.chip == CONNECTED and self._listener.is_waiting and silent and not self._is_probing:
            self._is_probing = True
            self._bridge.ask(CONNECT, Connecting(start=False), self._probed)

    def _probed(self, answer: Any) -> None:
        self._is_probing = False
        self._heard_at = self._clock()
        if answer.problem:
            self._lost()
        elif not self.is_connecting:
            self._is_here(answer)

    def _lost(self) -> None:
        """Started again by itself while renders are under way, but not over and over."""
        if self.is_connecting:
            return
        self._set_chip(LOST)
        now = self._clock()
        if not self._listener.is_waiting:
            return
        if now - self._restarted_at > PAUSE:
            self._restarted_at = now
            self.connect()
        else:
            said = "The server stopped again while it was rendering. The timeline is as it was."
            hint = "Start it to go on where it stopped."
            self._board.tell(Problem("SERVER_DOWN", said, hint))
