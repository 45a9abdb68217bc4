"""What a user sees before a render: one frame relit, and what the whole would take.

Standard library only.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import Any

from .board import Board
from .connection import Connection
from .messages import JobPlan, Light, PlanJobRequest, PreviewResponse, from_json
from .model import TimelineClip, with_handles
from .settings import Settings, preview_request, relight_request
from .take_files import new_take


@dataclass(frozen=True)
class Preview:
    """One frame relit."""

    image: bytes  # PNG
    clip: str
    media_frame: int
    light: Light  # exposure filled in
    unmatched_words: tuple[str, ...]
    seconds: float


class Previews:
    def __init__(self, connection: Connection, board: Board) -> None:
        self.last: Preview | None = None
        self.is_busy = False
        self._connection = connection
        self._board = board
        self._next: tuple[TimelineClip, int, Settings] | None = None

    def look(self, clip: TimelineClip, media_frame: int, settings: Settings) -> None:
        """One preview at a time is asked for, and of those that wait only the newest."""
        if self.is_busy:
            self._next = clip, media_frame, settings
            return
        self.is_busy = True

        def then(answer: Any) -> None:
            self.is_busy = False
            self._answered(clip.id, media_frame, answer)
            waiting, self._next = self._next, None
            if waiting:
                self.look(*waiting)

        self._connection.ask("Preview", preview_request(clip, media_frame, settings), then)

    def _answered(self, clip: str, media_frame: int, answer: Any) -> None:
        if answer.problem:
            if answer.problem.code != "SUPERSEDED":
                self._board.tell(answer.problem, clip)
            return
        said = from_json(PreviewResponse, answer.message)
        if said.image and said.light:
            image = base64.b64decode(said.image.data)
            words = said.unmatched_words
            self.last = Preview(image, clip, media_frame, said.light, words, said.seconds)


@dataclass(frozen=True)
class Estimate:
    clip: str
    plan: JobPlan


class Estimates:
    def __init__(self, connection: Connection) -> None:
        self.last: Estimate | None = None
        self._connection = connection
        self._asked = 0

    def plan(self, clip: TimelineClip, settings: Settings) -> None:
        """What a render would take; problems are told when it is ordered."""
        self._asked += 1
        number = self._asked
        folder = os.path.dirname(clip.media.path)
        take = new_take(clip.media.path, settings.look, folder, ())
        span = with_handles(clip, settings.handles)
        request = relight_request(clip.media.path, span, settings, take)

        def then(answer: Any) -> None:
            if number == self._asked:
                plan = None if answer.problem else from_json(JobPlan, answer.message)
                self.last = Estimate(clip.id, plan) if plan else None

        self._connection.ask("PlanJob", PlanJobRequest(request), then)

    def forget(self) -> None:
        self.last = None
