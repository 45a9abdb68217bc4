"""Chroma between samplings: doubled by linear interpolation, thinned by filters that undo it.

Across, samples coincide with every second luma column; down, they lie between two lines. Widening
and then thinning gives back the same samples (but for the last line of an odd height), and a
picture that was never subsampled is low-passed, so that it does not alias.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

# Across: the 5/3 wavelet of Le Gall and Tabatabai (1988). Down: its counterpart for samples
# between lines, the shortest filter that undoes interpolation with weights 3/4 and 1/4.
ACROSS = np.array([-0.125, 0.25, 0.75, 0.25, -0.125], np.float32)
DOWN = np.array([-0.25, 0.75, 0.75, -0.25], np.float32)
KEEP = np.ones(1, np.float32)


def widen(plane: Plane, width: int) -> Plane:
    """(h, ceil(width / 2)) to (h, width)."""
    wide = np.repeat(plane, 2, axis=1)
    wide[:, 1:-1:2] = (plane[:, :-1] + plane[:, 1:]) / 2
    return np.ascontiguousarray(wide[:, :width])


def heighten(plane: Plane, height: int) -> Plane:
    """(ceil(height / 2), w) to (height, w)."""
    size = plane.shape[1], plane.shape[0] * 2
    tall = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(tall[:height], np.float32)


def thin(plane: Plane, across: int, down: int) -> Plane:
    """(h, w) to (ceil(h / down), ceil(w / across)); the factors are 1 or 2."""
    if across == down == 1:
        return plane
    filters = ACROSS if across == 2 else KEEP, DOWN if down == 2 else KEEP
    # The even-length filter is anchored on the upper of its two middle taps.
    anchor = len(filters[0]) // 2, (len(filters[1]) - 1) // 2
    border = cv2.BORDER_REPLICATE
    full = cv2.sepFilter2D(plane, -1, *filters, anchor=anchor, borderType=border)
    return np.ascontiguousarray(full[::down, ::across], np.float32)
