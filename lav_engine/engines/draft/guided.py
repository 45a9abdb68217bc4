"""Smoothing that keeps to the picture's edges, and plain blurs."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.draft.pixels import Field, enlarge, shrink


def guided(guide: Field, value: Field, radius: int, epsilon: float, coarser: int = 1) -> Field:
    """Colour guided filter (He, Sun, Tang 2013) of (H, W), the 3x3 inverse in closed form.

    `coarser` finds its coefficients at a fraction of the size (He, Sun 2015).
    """
    full, side = guide, max(guide.shape[:2]) // coarser
    guide, value, radius = shrink(guide, side), shrink(value, side), max(1, radius // coarser)
    mean = _box(guide, radius)
    mean_value = _box(value, radius)
    r, g, b = cv2.split(guide)
    mean_r, mean_g, mean_b = cv2.split(mean)
    rr = _box(r * r, radius) - mean_r * mean_r + epsilon
    rg = _box(r * g, radius) - mean_r * mean_g
    rb = _box(r * b, radius) - mean_r * mean_b
    gg = _box(g * g, radius) - mean_g * mean_g + epsilon
    gb = _box(g * b, radius) - mean_g * mean_b
    bb = _box(b * b, radius) - mean_b * mean_b + epsilon
    cr = _box(r * value, radius) - mean_r * mean_value
    cg = _box(g * value, radius) - mean_g * mean_value
    cb = _box(b * value, radius) - mean_b * mean_value
    i_rr, i_rg, i_rb = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    i_gg, i_gb, i_bb = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    scale = 1 / (rr * i_rr + rg * i_rg + rb * i_rb)
    ar = (i_rr * cr + i_rg * cg + i_rb * cb) * scale
    ag = (i_rg * cr + i_gg * cg + i_gb * cb) * scale
    ab = (i_rb * cr + i_gb * cg + i_bb * cb) * scale
    offset = mean_value - ar * mean_r - ag * mean_g - ab * mean_b
    height, width = full.shape[:2]
    ar, ag, ab, offset = (enlarge(_box(c, radius), width, height) for c in (ar, ag, ab, offset))
    return ar * full[..., 0] + ag * full[..., 1] + ab * full[..., 2] + offset


def blur(image: Field, sigma: float) -> Field:
    mode = cv2.BORDER_REFLECT
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=mode), np.float32)


def _box(image: NDArray, radius: int) -> Field:
    size = 2 * radius + 1
    mode = cv2.BORDER_REFLECT
    return np.asarray(cv2.blur(image, (size, size), borderType=mode), np.float32)
