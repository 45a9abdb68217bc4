"""What the user is shown: one notice, and whether there is anything new. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .messages import Problem
from .model import Refusal
from .notices import DISMISS, Notice, notice


class Board:
    def __init__(self) -> None:
        self.notice: Notice | None = None
        self.revision = 0  # another number whenever there is something new to show

    def changed(self) -> None:
        self.revision += 1

    def show(self, notice: Notice) -> None:
        self.notice = notice
        self.changed()

    def tell(self, problem: Problem, about: str = "", otherwise: str = DISMISS) -> None:
        """With the action that fits the problem."""
        self.show(notice(problem, about, otherwise))

    def warn(self, said: str, about: str = "") -> None:
        self.tell(Problem("WARNING", said), about)

    def clear(self) -> None:
        self.notice = None
        self.changed()

    @contextmanager
    def boundary(self, about: str = "") -> Iterator[None]:
        """What is refused inside becomes a notice."""
        try:
            yield
        except Refusal as refusal:
            self.tell(refusal.problem, about)
