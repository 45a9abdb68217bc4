"""Skin: where it is in the source, how bright the light leaves it, and whether its hue survives."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import decode_bt1886
from lav_engine.metrics.chroma import lab, lab_of_linear

LEAST = 0.01  # share of the frame below which no figure is given


def skin_mask(source: NDArray[np.float32], matte: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Skin-coloured, evenly lit parts of the subject; all False where there is too little.

    CIELAB hue 20-75 degrees, chroma 10-45, L* 20-92, smooth at 3 px: a colour rule, so fur and wood
    of that colour pass too; name the clips with people where that matters.
    """
    colour = lab(np.asarray(cv2.GaussianBlur(source, (0, 0), 1.5), np.float32))
    hue = np.degrees(np.arctan2(colour[..., 2], colour[..., 1]))
    chroma = np.hypot(colour[..., 1], colour[..., 2])
    found = (hue > 20) & (hue < 75) & (chroma > 10) & (chroma < 45) & (matte > 0.5)
    found &= (colour[..., 0] > 20) & (colour[..., 0] < 92)
    size = max(3, round(source.shape[0] / 128) | 1)
    kernel = np.ones((size, size), np.uint8)
    solid = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    return _largest(np.asarray(solid, np.uint8))


def skin_luma(gain: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    """Mean gain on the skin `where`, stops: 0 keeps the source's exposure of it."""
    return float(gain[where].mean())


def hue_shift(
    relit: NDArray[np.float32],
    source: NDArray[np.float32],
    where: NDArray[np.bool_],
    lights: NDArray[np.floating],
) -> float:
    """Degrees of CIELAB hue between relit skin, the light's colour divided out, and the source's.

    `lights` (N, 3) are the linear colours of the lamps and the ambient. What falls on skin is some
    mixture of them; the mixture nearest to what the skin's mean gain shows is divided out, so a
    coloured lamp is no shift and any cast the lamps cannot make is.
    """
    before = decode_bt1886(source[where]).mean(axis=0).astype(np.float64)
    after = decode_bt1886(relit[where]).mean(axis=0).astype(np.float64)
    neutral = after / nearest_mixture(after / np.maximum(before, 1e-4), lights)
    # Same luminance, so that CIELAB's cube root bends both alike.
    neutral = neutral * before.sum() / neutral.sum()
    (_, a1, b1), (_, a2, b2) = lab_of_linear(neutral), lab_of_linear(before)
    turn = np.degrees(np.arctan2(b1, a1) - np.arctan2(b2, a2))
    return float(abs((turn + 180) % 360 - 180))


def nearest_mixture(
    gain: NDArray[np.floating], lights: NDArray[np.floating]
) -> NDArray[np.float64]:
    """(3,): the non-negative mixture of `lights` (N, 3) nearest to `gain` (3,), least squares.

    By the definition of non-negative least squares: the best of all subsets (N is at most four).
    """
    lights = np.asarray(lights, np.float64)
    best, found = np.inf, lights.mean(axis=0)
    for chosen in range(1, 1 << len(lights)):
        some = lights[[bool(chosen >> i & 1) for i in range(len(lights))]]
        weights = np.linalg.lstsq(some.T, gain, rcond=None)[0]
        mixture = weights @ some
        miss = float(((mixture - gain) ** 2).sum())
        if (weights >= 0).all() and (weights > 0).any() and miss < best:
            best, found = miss, mixture
    return found


def _largest(solid: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The connected parts at least a quarter as large as the largest, if that is large enough."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(solid)
    areas = stats[1:count, cv2.CC_STAT_AREA]
    if not len(areas) or areas.max() < LEAST * solid.size:
        return np.zeros(solid.shape, bool)
    return np.isin(labels, 1 + np.flatnonzero(areas >= areas.max() / 4))
