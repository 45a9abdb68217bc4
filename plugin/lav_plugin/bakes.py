"""Clips being rendered into files by their editor, so that they can be relit.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .board import Board
from .host import Bake, Host
from .messages import Problem
from .model import TimelineClip

Then = Callable[[TimelineClip], None]


@dataclass
class Baking:
    """A bake as last looked at."""

    bake: Bake
    then: Then | None
    done: float = 0.0  # 0..1


class Bakes:
    def __init__(self, host: Host, board: Board) -> None:
        self.all: dict[str, Baking] = {}  # by clip
        self.waiting: dict[str, Then | None] = {}  # by clip, the next one first
        self._host = host
        self._board = board

    def start(self, id: str, then: Then | None = None) -> None:
        """Renders a clip that is not fit into a file; `then` is given the clip that is."""
        self.waiting.pop(id, None)
        with self._board.boundary(id):
            if id not in self.all:
                self.all[id] = Baking(self._host.bake(id), then)
        self._board.changed()

    def start_each(self, ids: Iterable[str], then: Then | None = None) -> None:
        """One after the other; one that fails does not keep the others."""
        self.waiting.update({id: then for id in ids if id not in self.all})
        self._start_next()

    def cancel(self, id: str) -> None:
        """Those that wait go on."""
        if id in self.waiting:
            del self.waiting[id]
        else:
            self.all.pop(id).bake.cancel()
        self._board.changed()

    def cancel_all(self) -> None:
        self.waiting.clear()
        for id in list(self.all):
            self.cancel(id)

    def poll(self) -> None:
        for id in list(self.all):
            with self._board.boundary(id):
                self._poll(id)
        self._start_next()

    def _start_next(self) -> None:
        while self.waiting and not self.all:
            id = next(iter(self.waiting))
            self.start(id, self.waiting[id])

    def _poll(self, id: str) -> None:
        baking = self.all.pop(id)  # one that fails is over
        done = baking.bake.poll()
        if done is not None:
            self.all[id] = baking
        if done != baking.done:
            self._board.changed()
            baking.done = done or 0.0
        if done is None:
            self._finished(baking)

    def _finished(self, baking: Baking) -> None:
        clip = self._host.baked(baking.bake)
        if baking.then:
            baking.then(clip)
        else:
            self._board.tell(Problem("BAKED", f"{clip.name} is baked and can be relit now."))
