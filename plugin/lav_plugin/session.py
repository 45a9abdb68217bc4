"""An editor's side of the work: the server as seen from here, previews, renders and takes.

Nothing here blocks; all of it runs on the editor's main thread, answers arrive in `pump`. This is
where refusals are caught and become what the user is told. Standard library only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from . import notices
from .bakes import Bakes
from .board import Board
from .connection import Connection, OpenBridge
from .host import Host
from .messages import Problem
from .model import RenderRecord
from .orders import Orders
from .previews import Estimates, Previews
from .render_records import record_from_json
from .renders import Renders
from .take_list import TakeList
from .timelines import Timelines


class Session:
    def __init__(
        self,
        host: Host,
        open_bridge: OpenBridge,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_bridge` makes the bridge_client.Bridge, given what to call with news."""
        self.host = host
        self.board = Board()
        self.renders = Renders(host, self._ask, self.board.tell)
        self.connection = Connection(open_bridge, self.board, self.renders, clock)
        self.previews = Previews(self.connection, self.board)
        self.estimates = Estimates(self.connection)
        self.bakes = Bakes(host, self.board)
        self.orders = Orders(host, self.renders, self.bakes, self.board)
        self.takes = TakeList(host, self.board)
        self.timelines = Timelines(host, self.connection, self.renders, self.orders, self.board)
        self.unfinished: tuple[RenderRecord, ...] = ()  # found in the project, not yet resumed

    def pump(self, seconds: float = 0.004) -> bool:
        """To be called often. True if more is waiting already."""
        more = self.connection.pump(seconds)
        self.bakes.poll()
        return more

    @property
    def is_busy(self) -> bool:
        """Something is under way that the user watches."""
        return bool(self.renders.is_waiting or self.previews.is_busy or self.bakes.all)

    def close(self) -> None:
        """Renders go on in the server."""
        self.bakes.cancel_all()
        self.connection.close()

    def reopened(self) -> None:
        """A project was opened: renders of the one before are its own, those found are offered."""
        self.renders.all.clear()
        self.estimates.forget()
        self.board.clear()
        self.unfinished = tuple(self._records())
        if self.unfinished:
            count = len(self.unfinished)
            found = "1 unfinished render" if count == 1 else f"{count} unfinished renders"
            hint = "Resume to place what is finished and to watch the rest."
            self.board.tell(Problem("UNFINISHED", f"Found {found} of this project.", hint))

    def resume(self) -> None:
        records, self.unfinished = self.unfinished, ()
        self.board.clear()
        self.renders.resume(records)

    def dismiss(self) -> None:
        """The notice; renders that were found and not resumed go with it."""
        if self.board.notice and self.board.notice.action == notices.RESUME:
            self.unfinished = ()
            self.renders.keep()
        self.board.clear()

    def _ask(self, name: str, message: Any, then: Callable[[Any], None]) -> None:
        self.connection.ask(name, message, then)

    def _records(self) -> Iterator[RenderRecord]:
        """Of the project; what another version wrote is passed over."""
        for said in self.host.renders():
            with suppress(KeyError, TypeError, ValueError):
                yield record_from_json(said)
