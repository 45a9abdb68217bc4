"""Against ground truth: PSNR after the best exposure match, and the cast that remains."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import decode_bt1886, encode_bt1886
from lav_engine.metrics.chroma import lab

GOLDEN = (5**0.5 - 1) / 2


def expose(frames: NDArray[np.float32], stops: float) -> NDArray[np.float32]:
    """Display frames as if the lens had been opened by `stops`; clipped to [0, 1]."""
    light = decode_bt1886(frames) * np.float32(2.0**stops)
    return encode_bt1886(np.clip(light, 0, 1))


def best_exposure(
    frames: NDArray[np.float32], truth: NDArray[np.float32], reach: float = 4.0
) -> float:
    """Stops, one for all frames, after which `frames` is nearest to `truth` in display values.

    Golden-section search within +-`reach` on mean squared difference; the difference has one valley
    because clipping only flattens it.
    """
    return minimise(lambda stops: mean_square(expose(frames, stops), truth), -reach, reach, 0.005)


def psnr(frames: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    """dB over all pixels, frames and channels, display values with peak 1."""
    return float(-10 * np.log10(max(mean_square(frames, truth), 1e-10)))


def mean_square(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return float(np.square(one - other, dtype=np.float32).mean(dtype=np.float64))


def cast(
    frame: NDArray[np.float32], truth: NDArray[np.float32], where: NDArray[np.bool_]
) -> tuple[float, float]:
    """Mean difference of CIELAB a* and b* inside `where`; negative a* is a green cast."""
    shift = (lab(frame[where]) - lab(truth[where])).mean(axis=0)
    return float(shift[1]), float(shift[2])


def minimise(cost: Callable[[float], float], low: float, high: float, tolerance: float) -> float:
    """The lowest point of a function with one valley, by golden sections."""
    a, b = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    cost_a, cost_b = cost(a), cost(b)
    while high - low > tolerance:
        if cost_a < cost_b:
            high, b, cost_b = b, a, cost_a
            a = high - GOLDEN * (high - low)
            cost_a = cost(a)
        else:
            low, a, cost_a = a, b, cost_b
            b = low + GOLDEN * (high - low)
            cost_b = cost(b)
    return (low + high) / 2
