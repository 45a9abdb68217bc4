"""The editor's own matte: a still, or a clip as long as the source or as the range.

Mattes are upright, as the clip's small frames are. A matte has its own rotation flag; one without,
drawn over a sideways clip as it is stored, is known by its shape and turned with the clip.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.errors import Code, LavError, MediaError, counted
from lav_engine.frames import SmallFrames, upright, upright_size
from lav_engine.media.probe import probe
from lav_engine.media.still import read_still
from lav_engine.spec import ClipRange, MediaFacts

STILLS = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".webp", ".bmp"}
SAME_SHAPE = 0.02  # how far two aspects of one picture, scaled to whole pixels, may differ
Mask = NDArray[np.float32]
Read = TypeVar("Read")


class UserMask:
    """Mattes by media frame of the source, at one size. Beyond its ends the nearest one holds.

    `grow`: by how much their outlines move out, in picture heights; below 0 they move in.
    """

    def __init__(
        self,
        path: Path,
        source: MediaFacts,
        clip: ClipRange,
        size: tuple[int, int],
        grow: float = 0.0,
    ) -> None:
        self._size = size
        self._grow = grow * size[1]
        self._still = None
        if path.suffix.lower() in STILLS:
            self._still = _grown(_read_still(path, source, size), self._grow)
        self._offset, self._count = 0, source.frames
        if self._still is None:
            self._facts = _turned(_usable(lambda: probe(path)), source)
            self._offset, self._count = _alignment(self._facts, source, clip)

    def at(self, media_frames: tuple[int, ...]) -> Mask:
        """Mattes of single frames, wherever they lie, (F, H, W)."""
        return np.concatenate([self.stack(n, n + 1) for n in media_frames])

    def stack(self, first: int, end: int) -> Mask:
        """(F, H, W) in [0, 1] for media frames [first, end)."""
        if self._still is not None:
            return np.repeat(self._still[None], end - first, axis=0)
        wanted = [min(max(n - self._offset, 0), self._count - 1) for n in range(first, end)]
        with SmallFrames(self._facts, self._size) as frames:
            span = frames.stack(wanted[0], wanted[-1] + 1)
        mattes = span[[n - wanted[0] for n in wanted]].mean(axis=-1)
        return np.stack([_grown(one, self._grow) for one in mattes])


def _grown(matte: Mask, pixels: float) -> Mask:
    """Its outline moved out, or in below 0; by parts of pixels too, so that a slider is smooth."""
    if pixels == 0:
        return matte
    turn = cv2.dilate if pixels > 0 else cv2.erode
    whole, part = divmod(abs(pixels), 1)
    near, far = (_turned_by(turn, matte, int(whole) + more) for more in (0, 1))
    return np.asarray(near + part * (far - near), np.float32)


def _turned_by(turn: Callable[..., object], matte: Mask, pixels: int) -> Mask:
    if pixels == 0:
        return matte
    y, x = np.mgrid[-pixels : pixels + 1, -pixels : pixels + 1]
    disc = (x * x + y * y <= (pixels + 0.5) ** 2).astype(np.uint8)
    return np.asarray(turn(matte, disc, borderType=cv2.BORDER_REPLICATE), np.float32)


def _usable(read: Callable[[], Read]) -> Read:
    try:
        return read()
    except MediaError as error:
        raise LavError(
            f"The mask cannot be used. {error.message}", error.hint, Code.mask_unusable
        ) from error


def _turned(facts: MediaFacts, source: MediaFacts) -> MediaFacts:
    """With the source's rotation where the mask lies as the source is stored, and does not say."""
    if facts.rotation or not _lies_as_stored((facts.width, facts.height), source):
        return facts
    return replace(facts, rotation=source.rotation)


def _lies_as_stored(size: tuple[int, int], source: MediaFacts) -> bool:
    """Whether a mask of this (width, height) has the stored picture's shape and not the upright's.

    A picture turned by half, or a square, has the same shape both ways: the mask is then upright.
    """
    width, height = upright_size(source)
    aspect = size[0] / size[1]

    def fits(other: float) -> bool:
        return abs(aspect / other - 1) < SAME_SHAPE

    return fits(source.width / source.height) and not fits(width / height)


def _alignment(facts: MediaFacts, source: MediaFacts, clip: ClipRange) -> tuple[int, int]:
    """(media frame of the mask's first frame, its frame count)."""
    if facts.frames == source.frames:
        return 0, facts.frames
    if facts.frames == clip.count:
        return clip.first, facts.frames
    raise LavError(
        f"The mask {facts.path.name} has {counted(facts.frames)}; the clip has {source.frames} "
        f"and the range {clip.count}, so it cannot be lined up.",
        "Render the mask for the whole clip or for exactly the range, or give one still.",
        Code.mask_unusable,
    )


def _read_still(path: Path, source: MediaFacts, size: tuple[int, int]) -> Mask:
    image = _usable(lambda: read_still(path, cv2.IMREAD_GRAYSCALE))
    height, width = image.shape
    if _lies_as_stored((width, height), source):
        image = upright(image, source.rotation)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / np.float32(255)
