"""The shape of things, guessed: a matte blown up like a balloon, dents where the picture is darker.

Lengths are in half-frames (half the picture's long side), x right, y up, z toward the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lav_engine.engines.draft.pixels import Field, enlarge, shrink

INFLATE_SIDE = 128  # long side of the grid on which shape is found
DEEPEST = 0.55  # half-frames: wider bodies than this stay flatter than round
FOLDS = ((1.2, 0.5), (2.5, 0.8))  # relief scales: pixels of the grid, strength


@dataclass(frozen=True, slots=True)
class Balloon:
    """An inflated matte: h**2 and half its slope, which stay smooth where h ends in a cliff."""

    square: Field  # (h, w) height squared, half-frames squared
    slope: Field  # (h, w, 2) gradient of `square` / 2, x right and y up, half-frames

    def normals(self, height: int, width: int) -> tuple[Field, Field, Field]:
        """Unit normals, (H, W) each; a disc gives nearly the sphere's own."""
        slope = enlarge(self.slope, width, height)
        square = np.maximum(enlarge(self.square, width, height), 0)
        x, y = -slope[..., 0], -slope[..., 1]
        near = 1 / np.sqrt(x * x + y * y + square + np.float32(1e-6))
        return x * near, y * near, np.sqrt(square + np.float32(1e-6)) * near


def inflate(matte: Field) -> Balloon:
    """Solves lap(u) = -4 inside the matte, u = 0 outside; sqrt(u) of a disc is a hemisphere.

    The frame's edge is a mirror: a body cut by it goes on. `DEEPEST` screens the equation.
    """
    mask = shrink(matte, INFLATE_SIDE)
    levels = [mask]
    while min(levels[-1].shape) > 12:
        levels.append(shrink(levels[-1], max(levels[-1].shape) // 2))
    square = np.zeros_like(levels[-1])
    for level in levels[::-1]:
        square = _relax(enlarge(square, *level.shape[::-1]), level, 40)
    unit = 2 / max(mask.shape)
    mirror = {"scale": 1 / 16, "borderType": cv2.BORDER_REFLECT}
    right = cv2.Sobel(square, -1, 1, 0, **mirror) / unit
    down = cv2.Sobel(square, -1, 0, 1, **mirror) / unit
    return Balloon(square, np.dstack([right, -down]))


def relief(log_luma: Field) -> Field:
    """(h, w, 2) slopes, x right and y up, reading darker as deeper. log_luma: (h, w) on the grid.

    From the picture smoothed within edges, so that texture does not add up; only broad folds.
    """
    base = _flatten(log_luma)
    total = np.zeros((*base.shape, 2), np.float32)
    for sigma, strength in FOLDS:
        smooth = cv2.GaussianBlur(base, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
        gain = 4 * sigma * strength
        total[..., 0] += 0.5 * np.tanh(gain * cv2.Sobel(smooth, -1, 1, 0, scale=1 / 8))
        total[..., 1] -= 0.5 * np.tanh(gain * cv2.Sobel(smooth, -1, 0, 1, scale=1 / 8))
    return total


def _relax(square: Field, mask: Field, rounds: int) -> Field:
    unit = 2 / max(mask.shape)
    cross = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    hold = mask / np.float32(1 + unit**2 / DEEPEST**2)
    for _ in range(rounds):
        around = cv2.filter2D(square, -1, cross, borderType=cv2.BORDER_REFLECT)
        square = hold * (around + np.float32(unit**2))
    return square


def _flatten(log_luma: Field) -> Field:
    """Self-guided filter."""
    size = (9, 9)
    mean = cv2.blur(log_luma, size, borderType=cv2.BORDER_REFLECT)
    variance = cv2.blur(log_luma * log_luma, size, borderType=cv2.BORDER_REFLECT) - mean * mean
    slope = variance / (variance + np.float32(0.08))
    offset = cv2.blur(mean - slope * mean, size, borderType=cv2.BORDER_REFLECT)
    return cv2.blur(slope, size, borderType=cv2.BORDER_REFLECT) * log_luma + offset
