"""Edges: a coarse map brought closer to full size without smearing across the picture's edges.

Interpolation alone leaves a rim of the subject's light on the background, as wide as the map is
coarse. Only where the map steps (a matte's edge) is each finer pixel given the light of those map
pixels around it that look like it. Smooth shading is interpolated and nothing else: there, taking
light by colour would turn the picture's texture into light.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from lav_engine.compiled import compiled
from lav_engine.media.colour import small_rgb
from lav_engine.media.planes import Layout, Planes

f32 = np.float32
ZERO, HALF, ONE = f32(0), f32(0.5), f32(1)

GUIDE_SIDE = 960  # pixels, about: the long side edges are brought to
WORTH_IT = 1.3  # a source hardly larger than the map has nothing to show it
STEP = 0.2, 0.5  # stops within 5 x 5 map pixels: where edges start to count, and count fully
ALIKE = f32(1 / 0.06**2)  # per squared distance of display RGB
NEAR = f32(0.08)  # per squared distance in map pixels


def guide_size(layout: Layout, columns: int) -> tuple[int, int] | None:
    """(width, height) a map of so many columns is brought to; None: it is fine enough.

    A whole fraction of the source, which is quick to scale to.
    """
    factor = max(1, round(max(layout.width, layout.height) / GUIDE_SIDE))
    width, height = layout.width // factor, layout.height // factor
    return (width, height) if width >= columns * WORTH_IT else None


def bring_up(
    field: NDArray[np.float32], gain: NDArray[np.float32], planes: Planes
) -> NDArray[np.float32]:
    """`field` (h, w, 3), any function of `gain` (h, w, 3, stops), at the guide's size.

    Everywhere a mix of the field's own values around; where it is 0 it stays exactly 0.
    """
    size = guide_size(planes.layout, gain.shape[1])
    if size is None:
        return field
    height, width, _ = gain.shape
    window = np.ones((5, 5), np.uint8)
    red, green, blue = cv2.split(cv2.dilate(gain, window) - cv2.erode(gain, window))
    step = cv2.max(cv2.max(red, green), blue)
    share = np.clip((step - STEP[0]) / (STEP[1] - STEP[0]), 0, 1)
    fine = cv2.resize(field, size, interpolation=cv2.INTER_LINEAR)
    if share.any():
        guide = small_rgb(planes, *size)
        coarse = cv2.resize(guide, (width, height), interpolation=cv2.INTER_AREA)
        share = cv2.resize(share, size, interpolation=cv2.INTER_LINEAR)
        compiled(_mix)(fine, share, guide, field, coarse)
    return np.asarray(fine, f32)


def _mix(fine: Any, share: Any, guide: Any, field: Any, coarse: Any) -> None:
    """Move `fine` by `share` towards the mean of 5 x 5 field values, weighted by likeness."""
    rows, columns, _ = fine.shape
    tall, wide = f32(field.shape[0]) / f32(rows), f32(field.shape[1]) / f32(columns)
    for row in range(rows):
        y = (f32(row) + HALF) * tall - HALF
        for column in range(columns):
            part = share[row, column]
            r, g, b = fine[row, column, 0], fine[row, column, 1], fine[row, column, 2]
            if part > ZERO and (r != ZERO or g != ZERO or b != ZERO):
                x = (f32(column) + HALF) * wide - HALF
                like = _alike(guide[row, column], field, coarse, y, x)
                fine[row, column, 0] = r + part * (like[0] - r)
                fine[row, column, 1] = g + part * (like[1] - g)
                fine[row, column, 2] = b + part * (like[2] - b)


@register_jitable
def _alike(colour: Any, field: Any, coarse: Any, y: Any, x: Any) -> Any:
    r = g = b = total = ZERO
    middle_row, middle_column = int(y + HALF), int(x + HALF)
    for row in range(max(middle_row - 2, 0), min(middle_row + 3, field.shape[0])):
        for column in range(max(middle_column - 2, 0), min(middle_column + 3, field.shape[1])):
            apart = ZERO
            for c in range(3):
                apart += (coarse[row, column, c] - colour[c]) ** 2
            away = (y - f32(row)) ** 2 + (x - f32(column)) ** 2
            close, like = ONE + NEAR * away, ONE + ALIKE * apart
            weight = ONE / (close * close * like * like * like)
            r += weight * field[row, column, 0]
            g += weight * field[row, column, 1]
            b += weight * field[row, column, 2]
            total += weight
    return r / total, g / total, b / total
