"""Matte edges: the bands beside them, and halos in the background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

NEAR = (0.0, 4.0)  # pixels from the matte
FAR = (10.0, 25.0)
REACH = 12.0  # pixels, sigma: near and far are compared where they face each other
COVERED = 0.02  # matte above which a pixel is not background any more


def edge_band(matte: NDArray[np.float32], width: float = 8.0) -> NDArray[np.bool_]:
    """Pixels within `width` of the line where the matte crosses one half."""
    subject = matte > 0.5
    inside, outside = _distance(subject), _distance(~subject)
    return (np.where(subject, inside, outside) <= width) & subject.any() & ~subject.all()


def halo(gain: NDArray[np.float32], matte: NDArray[np.float32]) -> float:
    """Mean |gain beside the subject - gain farther out|, stops, over the background's near band.

    Near is 0-4 px from a true matte, far 10-25 px. Each place is compared with its own
    surroundings, so a bright halo on one side cannot cancel a dark one on the other, and light
    that differs from one side to the other is no halo. NaN without background.
    """
    away = _distance(matte <= 0.5)
    background = matte <= COVERED
    near = background & (away > NEAR[0]) & (away <= NEAR[1])
    far = background & (away > FAR[0]) & (away <= FAR[1])
    beside, beside_share = _local_mean(gain, near)
    beyond, beyond_share = _local_mean(gain, far)
    where = near & (beside_share > 1e-3) & (beyond_share > 1e-2)
    return float(np.abs(beside - beyond)[where].mean()) if where.any() else float("nan")


def _local_mean(
    gain: NDArray[np.float32], where: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean of the surroundings inside `where`, and how much of them is inside."""
    share, total = (
        np.asarray(cv2.GaussianBlur(part.astype(np.float32), (0, 0), REACH), np.float32)
        for part in (where, np.where(where, gain, 0))
    )
    return np.asarray(total / np.maximum(share, 1e-6), np.float32), share


def _distance(inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Pixels to the nearest False; where all is True, farther than any band."""
    if inside.all():
        return np.full(inside.shape, np.inf, np.float32)
    away = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(away, np.float32)
