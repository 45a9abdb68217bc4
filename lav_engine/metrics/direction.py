"""From where the light comes, as seen in the gain on the subject."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LN2 = float(np.log(2.0))


def side_contrast_ln(gain: NDArray[np.float32], matte: NDArray[np.float32]) -> float:
    """Mean gain of the subject's left half minus its right half, in ln (stops x 0.693).

    The halves meet at the matte's centre of mass. Positive: lit from screen left.
    """
    left = _left(matte)
    one, other = matte * left, matte * ~left
    return LN2 * float((gain * one).sum() / one.sum() - (gain * other).sum() / other.sum())


def lit_half(gain: NDArray[np.float32], matte: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The half of the subject, left or right of its centre, with more gain."""
    left = _left(matte)
    return left if side_contrast_ln(gain, matte) >= 0 else ~left


def _left(matte: NDArray[np.float32]) -> NDArray[np.bool_]:
    columns = np.indices(matte.shape)[1]
    return columns < float((columns * matte).sum() / matte.sum())
