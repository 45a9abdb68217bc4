"""Colour: transfer functions, display-referred to scene-linear Rec.709, and YUV <-> RGB in float.

swscale clips colours outside the gamut even in float, so nothing here goes through it: what a
camera records above white or outside Rec.709 survives the way to RGB and back.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.media.chroma import heighten, thin, widen
from lav_engine.media.planes import Codes, Layout, Planes

LUMA_709 = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709-6, table 3
GAMMA_1886 = 2.4  # ITU-R BT.1886, black level 0

LUMA_WEIGHTS = {  # red and blue
    "bt601": (0.299, 0.114),  # ITU-R BT.601-7, 2.5.1
    "bt709": (0.2126, 0.0722),
    "bt2020": (0.2627, 0.0593),  # ITU-R BT.2020-2, table 4
}

Picture = NDArray[np.float32]  # (H, W, 3) display-referred RGB, black 0, white 1, unclipped


def decode_bt1886(display: NDArray[np.float32]) -> NDArray[np.float32]:
    """Display-referred to scene-linear; odd-symmetric, so codes below black survive."""
    return np.copysign(np.abs(display) ** GAMMA_1886, display)


def encode_bt1886(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scene-linear to display-referred, the inverse of `decode_bt1886`."""
    return np.copysign(np.abs(linear) ** (1 / GAMMA_1886), linear)


@lru_cache(maxsize=32)
def to_rgb(layout: Layout) -> NDArray[np.float64]:
    """(3, 4): RGB = it @ (y, u, v, 1), from code values to black 0, white 1."""
    matrix = np.eye(4)
    matrix[:3] = from_rgb(layout)
    return np.asarray(np.linalg.inv(matrix)[:3], np.float64)


@lru_cache(maxsize=32)
def from_rgb(layout: Layout) -> NDArray[np.float64]:
    """(3, 4): code values (y, u, v) = it @ (R, G, B, 1), not yet rounded."""
    span = layout.white - layout.black
    if layout.is_rgb:
        rows = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]]) * span
        return np.column_stack([rows, np.full(3, layout.black)])
    red, blue = LUMA_WEIGHTS[layout.matrix]
    luma = np.array([red, 1 - red - blue, blue])
    cb = (np.array([0, 0, 1.0]) - luma) / (2 * (1 - blue)) * layout.chroma_reach
    cr = (np.array([1.0, 0, 0]) - luma) / (2 * (1 - red)) * layout.chroma_reach
    grey = 1 << (layout.depth - 1)
    return np.column_stack([np.stack([luma * span, cb, cr]), [layout.black, grey, grey]])


def planes_to_rgb(planes: Planes) -> Picture:
    """Full resolution, with chroma linearly interpolated from where it is sited."""
    layout = planes.layout
    full = [planes.y.astype(np.float32), *(_full(one, layout) for one in (planes.u, planes.v))]
    codes = np.asarray(cv2.merge(full), np.float32)
    return _transform(codes, to_rgb(layout))


def rgb_to_planes(rgb: Picture, layout: Layout, media_frame: int = 0) -> Planes:
    """The inverse of `planes_to_rgb`, rounded to the nearest code. Alpha, if any, is opaque."""
    y, u, v = (np.asarray(one, np.float32) for one in cv2.split(_transform(rgb, from_rgb(layout))))
    alpha = None
    if layout.has_alpha:
        alpha = np.full(y.shape, (1 << layout.depth) - 1, layout.dtype)
    u, v = (_round(thin(one, layout.across, layout.down), layout) for one in (u, v))
    return Planes(layout, media_frame, _round(y, layout), u, v, alpha)


def small_rgb(planes: Planes, width: int, height: int) -> Picture:
    """(height, width, 3) in [0, 1]: the fast way to an engine's working size.

    Scales the planes, then applies the matrix to what is left; half a source pixel of chroma
    siting is ignored.
    """
    if (height, width) == planes.y.shape:
        return np.clip(planes_to_rgb(planes), 0, 1)
    small = [_scale(one, width, height) for one in (planes.y, planes.u, planes.v)]
    codes = np.asarray(cv2.merge(small), np.float32)
    rgb = _transform(codes, to_rgb(planes.layout))
    return np.clip(rgb, 0, 1, out=rgb)


def _scale(plane: Codes, width: int, height: int) -> NDArray[np.float32]:
    rows, columns = plane.shape
    size = width, height
    if width > columns or height > rows:
        return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.float32)
    # Whole factors have a path several times faster than the general one: take what they can.
    whole = min(columns // width, rows // height)
    small = plane
    if whole > 1 and rows % whole == 0 and columns % whole == 0:
        fewer = columns // whole, rows // whole
        small = cv2.resize(plane, fewer, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), np.float32)


def _transform(picture: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(cv2.transform(picture, matrix), np.float32)


def _full(plane: Codes, layout: Layout) -> NDArray[np.float32]:
    chroma = plane.astype(np.float32)
    if layout.down == 2:
        chroma = heighten(chroma, layout.height)
    return widen(chroma, layout.width) if layout.across == 2 else chroma


def _round(plane: NDArray[np.float32], layout: Layout) -> Codes:
    return np.clip(np.rint(plane), 0, (1 << layout.depth) - 1).astype(layout.dtype)
