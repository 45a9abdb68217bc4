"""The add-on in a Blender without a window: registered, and pumped as its timer would."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import bpy

import lav_plugin
from lav_plugin.blender import addon, current, pump, store, strips
from lav_plugin.session import Session

LIMIT = 60.0  # seconds; test machines are shared


@contextmanager
def studio() -> Iterator[None]:
    lav_plugin.register()
    addon.opened()
    try:
        yield
    finally:
        lav_plugin.unregister()


def session() -> Session:
    return current.session()


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT
    while not done():
        assert time.monotonic() < deadline, (session().connection.chip, session().board.notice)
        pump.tick()
        time.sleep(0.01)


def until_done() -> None:
    until(lambda: not session().renders.open)


def until_running() -> None:
    until(lambda: any(one.fraction for one in session().renders.all.values()))


def select(scene: Any, *chosen: Any) -> None:
    """The first is the active one."""
    for one in strips.of(scene):
        one.select = one in chosen
    scene.sequence_editor.active_strip = chosen[0] if chosen else None


def code() -> str:
    """Of what the user is told."""
    notice = session().board.notice
    return notice.problem.code if notice else ""


def takes(strip: Any) -> list[dict[str, Any]]:
    known = store.takes_of(strip)
    return [
        {
            "name": one.name,
            "path": one.path,
            "span": [one.span.first, one.span.count],
            "amount": one.amount,
            "is_there": os.path.exists(one.path),
        }
        for one in (known.takes if known else ())
    ]


def save(path: str) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=path)
