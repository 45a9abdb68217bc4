"""The takes of a clip as its user handles them. Standard library only."""

from __future__ import annotations

from dataclasses import replace

from .board import Board
from .host import Host
from .model import Refusal, TakeRecord

LONGEST = 80  # letters of a name


def take_at(host: Host, id: str, index: int) -> TakeRecord:
    """Raises Refusal where there is none any more."""
    takes = host.takes(id).takes
    if not 0 <= index < len(takes):
        raise Refusal("This clip has no such take any more.", "Choose one of the list.")
    return takes[index]


class TakeList:
    def __init__(self, host: Host, board: Board) -> None:
        self._host = host
        self._board = board
        self._compared: dict[str, int] = {}  # the take shown before the original, by clip

    def show(self, id: str, index: int) -> None:
        """One of a clip's takes; -1 is the original."""
        with self._board.boundary(id):
            if index >= 0:
                take_at(self._host, id, index)
            takes = replace(self._host.takes(id), active=index)
            if index >= 0 and self._host.is_baked(id):
                self._host.place_above(id, takes)
            else:
                self._host.show(id, takes)
        self._board.changed()

    def compare(self, id: str) -> None:
        """Between the original and the take shown last, else the newest."""
        with self._board.boundary(id):
            takes = self._host.takes(id)
            if takes.active >= 0:
                self._compared[id] = takes.active
            last = min(self._compared.get(id, len(takes.takes)), len(takes.takes) - 1)
            self._host.show(id, replace(takes, active=-1 if takes.active >= 0 else last))
        self._board.changed()

    def rename(self, id: str, index: int, name: str) -> None:
        """An empty name changes nothing."""
        name = name.strip()[:LONGEST]
        if not name:
            return
        with self._board.boundary(id):
            takes = self._host.takes(id)
            named = tuple(
                replace(one, name=name) if at == index else one
                for at, one in enumerate(takes.takes)
            )
            self._host.keep_takes(id, replace(takes, takes=named))
        self._board.changed()

    def remove(self, id: str, index: int) -> None:
        """From the list; the file stays. The original is shown where this one was."""
        with self._board.boundary(id):
            takes = self._host.takes(id)
            left = takes.takes[:index] + takes.takes[index + 1 :]
            if takes.active == index:
                self._host.show(id, replace(takes, active=-1))
            active = -1 if takes.active == index else takes.active - (takes.active > index)
            self._host.keep_takes(id, replace(takes, takes=left, active=active))
        self._board.changed()
