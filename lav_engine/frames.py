"""A clip at an engine's working size: small frames, decoded once while windows overlap."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import small_rgb
from lav_engine.media.planes import Layout
from lav_engine.media.source import Reader
from lav_engine.spec import EngineLimits, MediaFacts

Frames = NDArray[np.float32]


def working_size(source: MediaFacts | Layout, long_side: int, multiple: int = 2) -> tuple[int, int]:
    """(width, height) with the source's aspect, never larger than the source.

    Both are multiples of `multiple`, and at least one multiple.
    """
    scale = min(1.0, long_side / max(source.width, source.height))
    width, height = (
        max(multiple, round(side * scale / multiple) * multiple)
        for side in (source.width, source.height)
    )
    return width, height


def engine_size(facts: MediaFacts, limits: EngineLimits) -> tuple[int, int]:
    """(width, height) an engine works at for this source."""
    return working_size(facts, limits.long_side, limits.multiple)


class SmallFrames:
    """Reads spans of media frames at one size. Spans that move forward decode each frame once."""

    def __init__(self, facts: MediaFacts, size: tuple[int, int]) -> None:
        self.size = size
        self._reader = Reader(facts.path, facts)
        self._stream: Iterator[Frames] = iter(())
        self._next = -1  # media frame the open stream gives next
        self._kept: dict[int, Frames] = {}

    def __enter__(self) -> SmallFrames:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def span(self, first: int, end: int) -> Iterator[Frames]:
        """Media frames [first, end), each (H, W, 3) float32 display-referred RGB in [0, 1]."""
        self._kept = {n: frame for n, frame in self._kept.items() if first <= n < end}
        for media_frame in range(first, end):
            if media_frame not in self._kept:
                self._kept[media_frame] = self._read(media_frame)
            yield self._kept[media_frame]

    def stream(self, first: int, end: int) -> Iterator[Frames]:
        """Like `span`, but keeps nothing: for passes over long stretches."""
        width, height = self.size
        for planes in self._reader.read(first, end - first):
            yield small_rgb(planes, width, height)

    def stack(self, first: int, end: int) -> Frames:
        """The span as one array (F, H, W, 3)."""
        return np.stack(list(self.span(first, end)))

    def at(self, media_frames: tuple[int, ...]) -> Frames:
        """Single frames, wherever they lie, as one array (F, H, W, 3)."""
        return np.concatenate([self.stack(n, n + 1) for n in media_frames])

    def _read(self, media_frame: int) -> Frames:
        if media_frame != self._next:
            width, height = self.size
            planes = self._reader.read(media_frame, self._reader.facts.frames - media_frame)
            self._stream = (small_rgb(one, width, height) for one in planes)
        self._next = media_frame + 1
        return next(self._stream)
