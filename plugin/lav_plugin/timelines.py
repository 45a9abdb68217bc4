"""Timelines as OpenTimelineIO files: what is placed goes out, takes come back.

Standard library only.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any
from uuid import uuid4

from .board import Board
from .connection import Connection
from .host import Host
from .messages import (
    READ_TIMELINE,
    WRITE_TIMELINE,
    Job,
    JobName,
    RelightRequest,
    Timeline,
    TimelineItem,
    from_json,
)
from .model import RenderRecord, TimelineClip
from .orders import Orders
from .renders import Renders


class Timelines:
    def __init__(
        self, host: Host, connection: Connection, renders: Renders, orders: Orders, board: Board
    ) -> None:
        self._host = host
        self._connection = connection
        self._renders = renders
        self._orders = orders
        self._board = board

    def write(self, timeline: Timeline) -> None:
        """What the host has placed, as a new file of that path, rate and start."""
        with self._board.boundary():
            whole = replace(timeline, items=tuple(self._host.placed()))
            self._connection.ask(WRITE_TIMELINE, whole, self._written)

    def read(self, path: str) -> None:
        """Places the takes of a file on those chosen clips that they are of."""
        self._connection.ask(READ_TIMELINE, Timeline(path), self._read)

    def _written(self, answer: Any) -> None:
        if answer.problem:
            self._board.tell(answer.problem)

    def _read(self, answer: Any) -> None:
        if answer.problem:
            self._board.tell(answer.problem)
            return
        with self._board.boundary():
            clips = self._host.chosen().clips
            items = from_json(Timeline, answer.message).items
            for item in items:
                found = [clip for clip in clips if _is_of(item, clip)]
                if item.job and found:
                    self._take_over(found[0], item.job)

    def _take_over(self, clip: TimelineClip, job: str) -> None:
        """The take of a job that was rendered for another project, or before it was lost."""

        def then(answer: Any) -> None:
            if answer.problem:
                self._board.tell(answer.problem, clip.id)
                return
            request = from_json(Job, answer.message).request or RelightRequest()
            title = self._orders.title(clip.id, _look(request))
            record = RenderRecord(
                uuid4().hex, clip.id, clip.name, title, clip.media, request, job=job
            )
            self._renders.resume((record,))

        self._connection.ask("GetJob", JobName(job), then)


def _is_of(item: TimelineItem, clip: TimelineClip) -> bool:
    """The same file at the same place of the timeline."""
    return (
        item.source is not None
        and (item.track, item.start) == (clip.track, clip.start)
        and os.path.basename(item.source.path) == os.path.basename(clip.media.path)
    )


def _look(request: RelightRequest) -> str:
    return (request.light.preset if request.light else "") or "Light"
