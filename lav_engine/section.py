"""The section of a clip around one frame, as a render of the clip would give it to an engine."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from lav_engine import shots as scenes
from lav_engine import windows
from lav_engine.engines.base import Window
from lav_engine.frames import SmallFrames, engine_size, working_size
from lav_engine.mask import UserMask
from lav_engine.preparation import SCAN_LONG_SIDE
from lav_engine.spec import ClipRange, EngineLimits, MediaFacts


def around(
    facts: MediaFacts,
    media_frame: int,
    limits: EngineLimits,
    mask: Path | None = None,
    grow: float = 0.0,
) -> tuple[Window, tuple[int, int]]:
    """The window that shows the frame, and the media frames [first, end) that it shows.

    Cuts are looked for inside the window only. It is kept and shared, so its arrays are read-only.
    """
    near = scenes.scan_range(media_frame, 1, facts.frames)
    spans = windows.plan(media_frame, 1, facts.frames, [near], limits)
    span = max(spans, key=lambda one: one.weight(media_frame))
    files = facts.path, mask
    changed = tuple(file.stat().st_mtime_ns if file else 0 for file in files)
    parts = _read(facts, changed, span.read, limits, mask, grow)
    window = next(p for p in parts[::-1] if p.first <= media_frame)
    inside = range(window.first, window.first + len(window.frames))
    shown = [n for n in inside if span.weight(n) >= 0.5]
    return window, (shown[0], shown[-1] + 1)


@lru_cache(maxsize=2)
def _read(
    facts: MediaFacts,
    _changed: tuple[int, ...],
    span: tuple[int, int],
    limits: EngineLimits,
    mask: Path | None,
    grow: float,
) -> tuple[Window, ...]:
    """One window for each shot in the span."""
    size = engine_size(facts, limits)
    with SmallFrames(facts, size) as small:
        frames = small.stack(*span)
    frames.flags.writeable = False
    matte = None
    if mask is not None:
        whole = ClipRange(facts.path, 0, facts.frames, facts.rate)
        matte = UserMask(mask, facts, whole, size, grow).stack(*span)
        matte.flags.writeable = False
    tiny = working_size(facts, SCAN_LONG_SIDE)
    scanned = (_shrunk(frame, tiny) for frame in frames)
    return tuple(
        Window(span[0] + a, frames[a:b], facts.rate, None if matte is None else matte[a:b])
        for a, b in scenes.shots(scanned, 0)
    )


def _shrunk(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.float32)
