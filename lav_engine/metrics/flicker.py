"""Flicker: what changes along the source's own motion, in the picture and in the light."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lav_engine.metrics.motion import Motion, warp


def warped_error(
    frames: Sequence[NDArray[np.float32]], motions: Sequence[Motion]
) -> NDArray[np.float64]:
    """(F - 1,): mean |I_t - warp(I_t-1)| over pixels seen in both, over the mean of I_t."""
    pairs = zip(frames[:-1], frames[1:], motions, strict=True)
    return np.array([_error(a, b, motion) for a, b, motion in pairs])


def flicker_ratio(
    relit: Sequence[NDArray[np.float32]],
    source_error: NDArray[np.float64],
    motions: Sequence[Motion],
) -> float:
    """Mean warped error of the relit take over the source's (`warped_error`); 1 adds no flicker.

    Normalised by each picture's mean, so a darker take is judged relative to its own level.
    """
    return float(warped_error(relit, motions).mean() / source_error.mean())


def gain_flicker(gains: Sequence[NDArray[np.float32]], motions: Sequence[Motion]) -> float:
    """Mean |gain_t - warp(gain_t-1)|, stops, over pixels seen in both.

    Part of it is honest: a light fixed in space while things move through it.
    """
    changes = [
        np.abs(b - warp(a, motion.back))[motion.seen_back].mean()
        for a, b, motion in zip(gains[:-1], gains[1:], motions, strict=True)
    ]
    return float(np.mean(changes))


def shimmer(
    gains: Sequence[NDArray[np.float32]],
    motions: Sequence[Motion],
    bands: Sequence[NDArray[np.bool_]],
) -> tuple[float, int]:
    """p99 of the gain's second temporal difference along the flow, and the frame that is worst.

    |gain_t-1 - 2 gain_t + gain_t+1|, stops, both neighbours brought to frame t, over the pixels of
    all `bands` that are seen in both; (NaN, -1) where there are none. Give it gains smoothed over
    2 px: the flow is no more exact than that, and a step of light on a moving edge would only
    measure the flow.
    """
    found, worst, frame = [], -1.0, -1
    for t in range(1, len(gains) - 1):
        before, after = motions[t - 1], motions[t]
        where = bands[t] & before.seen_back & after.seen_forth
        if not where.any():
            continue
        bend = warp(gains[t - 1], before.back) - 2 * gains[t] + warp(gains[t + 1], after.forth)
        found.append(np.abs(bend[where]))
        here = float(np.percentile(found[-1], 99))
        if here > worst:
            worst, frame = here, t
    value = float(np.percentile(np.concatenate(found), 99)) if found else float("nan")
    return value, frame


def _error(a: NDArray[np.float32], b: NDArray[np.float32], motion: Motion) -> float:
    change = np.abs(b - warp(a, motion.back)).mean(axis=-1)[motion.seen_back]
    return float(change.mean() / max(float(b.mean()), 1e-6))
