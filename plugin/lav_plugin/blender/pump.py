"""Blender's timer: a little of what has arrived at each tick, and a redraw where that is seen."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import bpy

from . import current, preview_image
from .follow import Follower

BUDGET = 0.004  # seconds of a tick
BUSY, IDLE = 0.05, 0.3  # seconds between two ticks

follower = Follower()
work: list[Iterator[Any]] = []  # long reads of the scene, a step at a time
_shown: list[int] = []  # the revision that was last drawn


def start() -> None:
    """Also where an exception ended it."""
    if not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=BUSY, persistent=True)


def stop() -> None:
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)
    work.clear()
    _shown.clear()


def tick() -> float:
    """Seconds until the next one."""
    session = current.running()
    if session is None:
        return IDLE
    more = session.pump(BUDGET)
    _work()
    follower.tick(session)
    if _shown != [session.board.revision]:
        _shown[:] = [session.board.revision]
        preview_image.show(session.previews.last)
        redraw()
    if more:
        return 0.0
    is_busy = session.renders.open or session.previews.is_busy or session.bakes.all or work
    return BUSY if is_busy else IDLE


def redraw() -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR":
                area.tag_redraw()


def _work() -> None:
    """Steps of the first piece, for the budget."""
    deadline = monotonic() + BUDGET
    while work and monotonic() < deadline:
        if next(work[0], None) is None:
            work.pop(0)
