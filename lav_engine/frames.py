"""A clip at an engine's working size: small frames, decoded once while windows overlap.

They are upright: a phone stores a portrait lying on its side, with a flag that says so. Engines,
masks, light maps and previews know the picture only as a person sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import small_rgb
from lav_engine.media.planes import Layout, Planes
from lav_engine.media.source import Reader
from lav_engine.spec import EngineLimits, MediaFacts

Frames = NDArray[np.float32]
Value = TypeVar("Value", bound=np.generic)


def working_size(source: MediaFacts | Layout, long_side: int, multiple: int = 2) -> tuple[int, int]:
    """(width, height) with the upright source's aspect, never larger than the source.

    Both are multiples of `multiple`, and at least one multiple.
    """
    sides = source.width, source.height
    if isinstance(source, MediaFacts):
        sides = upright_size(source)
    scale = min(1.0, long_side / max(sides))
    width, height = (max(multiple, round(side * scale / multiple) * multiple) for side in sides)
    return width, height


def engine_size(facts: MediaFacts, limits: EngineLimits) -> tuple[int, int]:
    """(width, height) an engine works at for this source."""
    return working_size(facts, limits.long_side, limits.multiple)


def upright_size(facts: MediaFacts) -> tuple[int, int]:
    """(width, height) of the picture as it is seen."""
    return _turned_size((facts.width, facts.height), facts.rotation)


def upright(picture: NDArray[Value], rotation: int) -> NDArray[Value]:
    """A stored picture (H, W, ...) turned `rotation` degrees counter-clockwise."""
    return np.ascontiguousarray(np.rot90(picture, rotation // 90))


def as_stored(picture: NDArray[Value], rotation: int) -> NDArray[Value]:
    """The inverse of `upright`."""
    return upright(picture, -rotation % 360)


def small_upright(planes: Planes, size: tuple[int, int], rotation: int) -> Frames:
    """(height, width, 3) display-referred RGB in [0, 1] of stored planes; `size` is upright."""
    return upright(small_rgb(planes, *_turned_size(size, rotation)), rotation)


def _turned_size(size: tuple[int, int], rotation: int) -> tuple[int, int]:
    width, height = size
    return (height, width) if rotation % 180 else (width, height)


class SmallFrames:
    """Reads spans of media frames, upright and at one size.

    Spans that move forward decode each frame once.
    """

    def __init__(self, facts: MediaFacts, size: tuple[int, int]) -> None:
        self.size = size
        self._rotation = facts.rotation
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
        for planes in self._reader.read(first, end - first):
            yield self._small(planes)

    def stack(self, first: int, end: int) -> Frames:
        """The span as one array (F, H, W, 3)."""
        return np.stack(list(self.span(first, end)))

    def at(self, media_frames: tuple[int, ...]) -> Frames:
        """Single frames, wherever they lie, as one array (F, H, W, 3)."""
        return np.concatenate([self.stack(n, n + 1) for n in media_frames])

    def _read(self, media_frame: int) -> Frames:
        if media_frame != self._next:
            planes = self._reader.read(media_frame, self._reader.facts.frames - media_frame)
            self._stream = (self._small(one) for one in planes)
        self._next = media_frame + 1
        return next(self._stream)

    def _small(self, planes: Planes) -> Frames:
        return small_upright(planes, self.size, self._rotation)
