"""The shape of things, guessed: a matte blown up like a balloon, dents where the picture is darker.

Lengths are in half-frames (half the picture's long side), x right, y up, z toward the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

INFLATE_SIDE = 128  # long side of the grid on which the balloon is solved
DEEPEST = 0.4  # half-frames: wider bodies than this stay flatter than round
FOLDS = ((1.2, 0.35), (2.5, 0.5), (5.0, 0.8))  # relief scales: pixels at 256, strength


@dataclass(frozen=True, slots=True)
class Balloon:
    """An inflated matte: h**2 and half its slope, which stay smooth where h ends in a cliff."""

    square: Field  # (h, w) height squared, half-frames squared
    slope: Field  # (h, w, 2) gradient of `square` / 2, x right and y up, half-frames

    def normals(self, height: int, width: int) -> Field:
        """(H, W, 3) unit normals; a disc gives the sphere's own."""
        size = (width, height)
        slope = cv2.resize(self.slope, size, interpolation=cv2.INTER_LINEAR)
        rise = self.rise(height, width)
        normal = np.dstack([-slope, rise + 1e-3])
        return normal / np.linalg.norm(normal, axis=-1, keepdims=True)

    def rise(self, height: int, width: int) -> Field:
        """(H, W) height over the picture plane."""
        square = cv2.resize(self.square, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.sqrt(np.maximum(square, 0))


def inflate(matte: Field) -> Balloon:
    """Solves lap(u) = -4 inside the matte, u = 0 outside; sqrt(u) of a disc is a hemisphere.

    The frame's edge is a mirror: a body cut by it goes on. `DEEPEST` screens the equation.
    """
    scale = min(1.0, INFLATE_SIDE / max(matte.shape))
    mask = cv2.resize(matte, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    levels = [mask]
    while min(levels[-1].shape) > 12:
        levels.append(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    square = np.zeros_like(levels[-1])
    for level in levels[::-1]:
        square = cv2.resize(square, level.shape[::-1], interpolation=cv2.INTER_LINEAR)
        square = _relax(square, level, 40)
    unit = 2 / max(mask.shape)
    slope = [
        cv2.Sobel(square, -1, 1, 0, scale=1 / 16, borderType=cv2.BORDER_REFLECT) / unit,
        -cv2.Sobel(square, -1, 0, 1, scale=1 / 16, borderType=cv2.BORDER_REFLECT) / unit,
    ]
    return Balloon(square, np.dstack(slope))


def relief(log_luma: Field, base: Field) -> Field:
    """(H, W, 2) slopes, x right and y up, reading darker as deeper; `base` is smooth within edges.

    Fine folds come from the picture itself, broad ones from the base, so texture does not add up.
    """
    unit = max(log_luma.shape) / 256
    total = np.zeros((*log_luma.shape, 2), np.float32)
    for sigma, strength in FOLDS:
        source = base if sigma > 2 else log_luma
        smooth = cv2.GaussianBlur(source, (0, 0), sigma * unit, borderType=cv2.BORDER_REFLECT)
        gain = 2 * sigma * strength * unit
        total[..., 0] += 0.5 * np.tanh(gain * cv2.Sobel(smooth, -1, 1, 0, scale=1 / 8))
        total[..., 1] -= 0.5 * np.tanh(gain * cv2.Sobel(smooth, -1, 0, 1, scale=1 / 8))
    return total


def places(height: int, width: int) -> tuple[Field, Field]:
    """x and y of every pixel, half-frames from the middle."""
    half = max(height, width) / 2
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (x - (width - 1) / 2) / half, ((height - 1) / 2 - y) / half


def _relax(square: Field, mask: Field, rounds: int) -> Field:
    unit = 2 / max(mask.shape)
    cross = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    hold = mask / (1 + unit**2 / DEEPEST**2)
    for _ in range(rounds):
        around = cv2.filter2D(square, -1, cross, borderType=cv2.BORDER_REFLECT)
        square = hold * (around + unit**2)
    return square


def flatten(log_luma: Field) -> Field:
    """The picture smoothed within edges (self-guided filter)."""
    radius = max(log_luma.shape) // 32
    size = (2 * radius + 1, 2 * radius + 1)

    def box(image: Field) -> Field:
        return cv2.blur(image, size, borderType=cv2.BORDER_REFLECT)

    mean = box(log_luma)
    variance = box(log_luma * log_luma) - mean * mean
    slope = variance / (variance + 0.08)
    return box(slope) * log_luma + box(mean - slope * mean)
