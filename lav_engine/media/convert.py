"""One layout into another: sampling, depth and range, with fewer bits dithered."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lav_engine.media.chroma import heighten, thin, widen
from lav_engine.media.colour import planes_to_rgb, rgb_to_planes
from lav_engine.media.planes import Codes, Layout, Planes

DEEPEST = 16


def convert(planes: Planes, layout: Layout) -> Planes:
    """The same picture in another layout of the same size.

    More bits in video range are exact (8 to 10 bit is times four); fewer are ordered-dithered,
    and codes that fit stay themselves. The matrix changes only on the way from RGB. Alpha is
    dropped where the layout has none, opaque where the source has none.
    """
    if planes.layout == layout:
        return planes
    alpha = _alpha(planes, layout)
    if planes.layout.is_rgb and not layout.is_rgb:
        planes = rgb_to_planes(planes_to_rgb(planes), _deepest(layout), planes.media_frame)
    source = planes.layout
    luma, chroma = _luma(source, layout), _chroma(source, layout)
    y = _requantise(planes.y, luma, source, layout)
    u, v = (
        _requantise(_resample(one, source, layout), chroma, source, layout)
        for one in (planes.u, planes.v)
    )
    return Planes(layout, planes.media_frame, y, u, v, alpha)


def _deepest(layout: Layout) -> Layout:
    """Room for the rounding to come, so that dither sees more than the final bits."""
    return replace(layout, depth=DEEPEST)


def _luma(source: Layout, target: Layout) -> tuple[float, float]:
    """Gain and offset from one code range to the other."""
    gain = (target.white - target.black) / (source.white - source.black)
    return gain, target.black - source.black * gain


def _chroma(source: Layout, target: Layout) -> tuple[float, float]:
    if source.is_rgb:
        return _luma(source, target)
    gain = target.chroma_reach / source.chroma_reach
    return gain, (1 << (target.depth - 1)) - (1 << (source.depth - 1)) * gain


def _resample(plane: Codes, source: Layout, target: Layout) -> Codes | NDArray[np.float32]:
    if (source.across, source.down) == (target.across, target.down):
        return plane
    chroma = plane.astype(np.float32)
    if source.down > target.down:
        chroma = heighten(chroma, source.height)
    if source.across > target.across:
        chroma = widen(chroma, source.width)
    down, across = max(1, target.down // source.down), max(1, target.across // source.across)
    return thin(chroma, across, down)


def _requantise(
    plane: Codes | NDArray[np.float32],
    line: tuple[float, float],
    source: Layout,
    target: Layout,
) -> Codes:
    gain, offset = line
    if line == (1.0, 0.0) and plane.dtype == target.dtype:
        return np.asarray(plane, target.dtype)
    values = plane * np.float32(gain) + np.float32(offset)
    if target.depth < source.depth:
        _dither(values)
    else:
        values += np.float32(0.5)
    return np.clip(values, 0, (1 << target.depth) - 1, out=values).astype(target.dtype)


def _dither(values: NDArray[np.float32]) -> None:
    """Adds thresholds, so that cutting the fraction off keeps the mean of every 8 x 8 block."""
    for row, thresholds in enumerate(_bayer()):
        values[row::8] += np.resize(thresholds, values.shape[1])


@lru_cache(maxsize=1)
def _bayer() -> NDArray[np.float32]:
    """(8, 8) in (0, 1), Bayer's order (1973)."""
    order = np.zeros((1, 1))
    for _ in range(3):
        order = np.block([[4 * order, 4 * order + 2], [4 * order + 3, 4 * order + 1]])
    return ((order + 0.5) / 64).astype(np.float32)


def _alpha(planes: Planes, layout: Layout) -> Codes | None:
    if not layout.has_alpha:
        return None
    opaque = (1 << layout.depth) - 1
    if planes.a is None:
        return np.full((layout.height, layout.width), opaque, layout.dtype)
    gain = opaque / ((1 << planes.layout.depth) - 1)
    return np.rint(planes.a * np.float32(gain)).astype(layout.dtype)
