"""Dither: blue noise to be added before a change is floored to whole codes."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

TILE = 64  # side of the pattern, pixels


def dither(rows: int, columns: int) -> NDArray[np.float32]:
    """Thresholds in (0, 1), the same in every frame: a change plus these, floored, is dithered."""
    return np.tile(blue_noise(), (rows // TILE + 1, columns // TILE + 1))[:rows, :columns]


@lru_cache(maxsize=8)
def dither_rows(width: int) -> NDArray[np.float32]:
    """(TILE, width + TILE): the same, to start anywhere in the first TILE columns."""
    return np.tile(blue_noise(), (1, width // TILE + 2))[:, : width + TILE]


@cache
def blue_noise() -> NDArray[np.float32]:
    """(TILE, TILE): every threshold once, with little energy at low frequencies; tiles seamlessly.

    High-pass white noise, level it to a flat histogram, and again until it settles.
    """
    noise = np.random.default_rng(1).random((TILE, TILE))
    y, x = np.meshgrid(np.fft.fftfreq(TILE), np.fft.fftfreq(TILE), indexing="ij")
    keep = 1 - np.exp(-(x * x + y * y) / (2 * 0.21**2))
    for _ in range(30):
        rough = np.fft.ifft2(np.fft.fft2(noise) * keep).real
        noise = (np.argsort(np.argsort(rough, axis=None)).reshape(TILE, TILE) + 0.5) / TILE**2
    return noise.astype(np.float32)
