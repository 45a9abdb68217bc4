"""What the light did: the gain between two pictures of the same thing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import LUMA_709, decode_bt1886

FLOOR = 0.01  # linear; keeps the ratio of two blacks near zero stops, as camera noise would


def linear_luma(frame: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) scene-linear luminance of a display-referred frame."""
    return decode_bt1886(frame) @ LUMA_709


def luma_gain(relit: NDArray[np.float32], source: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) stops: log2((Y_relit + FLOOR) / (Y_source + FLOOR)), both display-referred."""
    return np.log2((linear_luma(relit) + FLOOR) / (linear_luma(source) + FLOOR))


def smooth(gain: NDArray[np.float32], sigma: float = 2.0) -> NDArray[np.float32]:
    """A gain under a Gaussian of `sigma` pixels: the light, less what rolls off per pixel."""
    return np.asarray(cv2.GaussianBlur(gain, (0, 0), sigma), np.float32)


def strength(gain: NDArray[np.float32]) -> float:
    """Mean |gain|, stops. Printed beside every consistency figure, so that doing nothing shows."""
    return float(np.abs(gain).mean())
