"""Detail that must survive: gradients, fine texture, and smooth ramps in 8 bit."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import LUMA_709, decode_bt1886
from lav_engine.metrics.gain import linear_luma

# Gaussians that pass half the amplitude at a period of 2 and 8 pixels: sigma = 0.1874 period.
FINE, COARSE = 0.375, 1.5
FLOOR = 0.002  # linear; keeps the noise of near-black out


def gradient_correlation(relit: NDArray[np.float32], source: NDArray[np.float32]) -> float:
    """Correlation of the Sobel gradients of sqrt(linear luma); 1 keeps every edge."""
    one, other = (_gradients(np.sqrt(linear_luma(np.clip(f, 0, 1)))) for f in (relit, source))
    return float(np.corrcoef(one, other)[0, 1])


def band_energy_ratio(
    relit: NDArray[np.float32], source: NDArray[np.float32], where: NDArray[np.bool_]
) -> float:
    """Energy (mean square) of 2-8 px detail in log luma over the source's; 1 keeps texture.

    The mean change of light inside `where` is divided out, per channel, and detail is taken in the
    logarithm, because light multiplies: red light shows skin smoother than white light does, and
    dimmed skin keeps its texture; neither is a loss.
    """
    before, after = decode_bt1886(source), decode_bt1886(relit)
    change = after[where].mean(axis=0) / np.maximum(before[where].mean(axis=0), 1e-5)
    after = after / np.maximum(change, 1e-3)
    was, now = (_band(np.log2(np.maximum(f @ LUMA_709, 0) + FLOOR))[where] for f in (before, after))
    return float((now**2).mean() / max(float((was**2).mean()), 1e-12))


def plateau_ratio(codes: NDArray[np.integer], ideal: NDArray[np.floating]) -> float:
    """Longest plateau of a ramp against the length its slope allows; 1 is a perfect rounding.

    `codes` (W,) is the encoded ramp, `ideal` (W,) the same ramp unrounded, in code values. Each run
    of equal codes is divided by 1 / |slope of ideal| around it; runs cut by the ends are left out.
    """
    starts = np.flatnonzero(np.diff(codes)) + 1
    slope = np.abs(np.gradient(cv2.blur(ideal.astype(np.float64)[None], (15, 1))[0]))
    ratios = []
    for first, end in pairwise(starts):
        step = 1 / max(float(slope[first:end].mean()), 1e-6)
        ratios.append((end - first) / max(step, 1.0))
    return max(ratios) if ratios else float("inf")


def _gradients(picture: NDArray[np.float32]) -> NDArray[np.floating]:
    dx, dy = cv2.Sobel(picture, cv2.CV_32F, 1, 0), cv2.Sobel(picture, cv2.CV_32F, 0, 1)
    return np.concatenate([np.ravel(dx), np.ravel(dy)]).astype(np.float32)


def _band(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    fine, coarse = (cv2.GaussianBlur(picture, (0, 0), sigma) for sigma in (FINE, COARSE))
    return np.asarray(fine - coarse, np.float32)
