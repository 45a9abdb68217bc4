"""Colour: transfer functions between display-referred and scene-linear Rec.709, YUV <-> RGB in float."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LUMA_709 = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709-6, table 3
GAMMA_1886 = 2.4  # ITU-R BT.1886, black level 0


def decode_bt1886(display: NDArray[np.float32]) -> NDArray[np.float32]:
    """Display-referred to scene-linear; odd-symmetric, so codes below black survive."""
    return np.copysign(np.abs(display) ** GAMMA_1886, display)


def encode_bt1886(linear: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scene-linear to display-referred, the inverse of `decode_bt1886`."""
    return np.copysign(np.abs(linear) ** (1 / GAMMA_1886), linear)
