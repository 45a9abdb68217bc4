"""Frame rate from presentation times: an exact fraction, and whether the clip really keeps it."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

STANDARD = tuple(
    rate
    for whole in (12, 15, 24, 25, 30, 48, 50, 60, 72, 90, 96, 100, 120, 144, 200, 240)
    for rate in (Fraction(whole), Fraction(whole * 1000, 1001))
)
SNAP = Fraction(1, 1000)  # relative; 24 and 23.976 are just further apart
LOOSE = 0.25  # frames of jitter under which a clip still counts as constant
MOST = 0.95  # of the intervals
NAMED = 5  # gaps
FALLBACK = Fraction(25)  # for a single frame in a file that names no rate


def rate_of(
    pts: NDArray[np.int64], time_base: Fraction, declared: Fraction | None
) -> tuple[Fraction, bool]:
    """(rate, whether it varies). A varying clip gets its average rate, unless it keeps the
    declared one but for a few missing frames. Frames a quarter of an hour apart have rate 0.

    `declared` is the file's own word; it wins where the times agree with it to within the
    rounding of the time base, which short Matroska clips need: 24 and 23.976 look alike there.
    """
    word = snap(Fraction(declared)) if declared else None
    if len(pts) < 2:
        return word or FALLBACK, False
    mean = (len(pts) - 1) / (int(pts[-1] - pts[0]) * time_base)
    mean = mean.limit_denominator(1001)
    if not mean:
        return mean, True
    strays = {
        rate: _strays(pts, time_base, rate) for rate in (word, snap(mean), mean) if rate
    }  # in order of trust
    best = next((rate for rate in strays if not strays[rate]), min(strays, key=strays.__getitem__))
    if strays[best] <= LOOSE:
        return best, False
    return (word if word and _mostly(pts, time_base, word) else snap(mean)), True


def gaps(pts: NDArray[np.int64], time_base: Fraction, rate: Fraction) -> list[int]:
    """Media frames after which frames are missing; none in a clip whose rate simply varies."""
    period = float(1 / (rate * time_base))  # ticks
    steps = np.diff(pts)
    frames = np.rint(steps / period)
    is_whole = (frames > 0) & (np.abs(steps - frames * period) <= LOOSE * period + 1)
    keeps_rate = is_whole.all() and _mostly(pts, time_base, rate)
    return [int(media_frame) for media_frame in np.flatnonzero(frames > 1)] if keeps_rate else []


def unevenness(pts: NDArray[np.int64], time_base: Fraction, rate: Fraction) -> str:
    """Where a clip that varies leaves its rate, as a sentence for an editor."""
    found = gaps(pts, time_base, rate)
    if not found:
        return "Variable frame rate: the take keeps every frame, evenly spaced."
    named = ", ".join(map(str, found[:NAMED])) + (" and others" if len(found) > NAMED else "")
    return f"Frames are missing after media frame {named}: the take closes up there."


def snap(rate: Fraction) -> Fraction:
    """The nearest standard rate, where there is one within a tenth of a per cent."""
    nearest = min(STANDARD, key=lambda standard: abs(standard - rate))
    return nearest if abs(nearest - rate) <= SNAP * rate else rate


def _strays(pts: NDArray[np.int64], time_base: Fraction, rate: Fraction) -> float:
    """Frames by which the worst frame misses its place, beyond the time base's rounding."""
    period = float(1 / (rate * time_base))  # ticks per frame
    missed = np.abs((pts - pts[0]) - np.arange(len(pts)) * period).max()
    return max(0.0, float(missed) - 1) / period


def _mostly(pts: NDArray[np.int64], time_base: Fraction, rate: Fraction) -> bool:
    fits = np.abs(np.diff(pts) - float(1 / (rate * time_base))) <= 1
    return bool(fits.mean() >= MOST)
