"""From where the light comes, as seen in the gain on the subject."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LN2 = float(np.log(2.0))


def side_contrast_ln(gain: NDArray[np.float32], matte: NDArray[np.float32]) -> float:
    """Mean gain of the subject's left half minus its right half, in ln (stops x 0.693).

    The halves meet at the matte's centre of mass. Positive: lit from screen left.
    """
    return _contrast(gain, matte, np.indices(gain.shape)[1])


def height_contrast_ln(gain: NDArray[np.float32], matte: NDArray[np.float32]) -> float:
    """The same, upper half minus lower half. Positive: lit from above."""
    return _contrast(gain, matte, np.indices(gain.shape)[0])


def lit_half(gain: NDArray[np.float32], matte: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The half of the subject, left or right of its centre, with more gain."""
    columns = np.indices(gain.shape)[1]
    left = columns < _centre(columns, matte)
    return left if side_contrast_ln(gain, matte) >= 0 else ~left


def _contrast(
    gain: NDArray[np.float32], matte: NDArray[np.float32], place: NDArray[np.int_]
) -> float:
    first = place < _centre(place, matte)
    one, other = matte * first, matte * ~first
    return LN2 * float((gain * one).sum() / one.sum() - (gain * other).sum() / other.sum())


def _centre(place: NDArray[np.int_], matte: NDArray[np.float32]) -> float:
    return float((place * matte).sum() / matte.sum())
