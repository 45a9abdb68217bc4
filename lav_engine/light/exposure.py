"""Exposure: one EV for a light on a clip, judged on the subject and its skin.

The subject keeps its perceived level as a whole, but its lit side stays near the level it had: a
face half in shadow must not be pushed until the lit half glows, nor left dark for a dark suit. A
night gets dark around the lit side first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import LUMA_709
from lav_engine.smoothstep import smoothstep

Array = NDArray[np.floating]

LIT_SHARE = 0.7  # the lit side's level is this quantile of the subject's change
LIT_RANGE = (-0.1, 0.4)  # stops the lit side may end below and above the source, before bias
LIT_LOWEST = -0.33  # stops: as far as highlights or a night may take it
NIGHT = 0.8  # EV of darkening that spares the lit side; what a light asks beyond it is given
BLOWN_SHARE = 0.02  # of the picture may reach white; the engine spares highlights where they are
BLACK = 0.02  # linear; a pixel this dark counts half, a blacker one less
FAINT = 1e-4  # linear; keeps logarithms finite
SKIN_WEIGHT = 25.0  # a face is a twentieth of a dark suit and still what is looked at


def solve(reference: Array, relit: Array, weights: Array, bias: float = 0.0) -> float:
    """EV to add to `relit` so that the subject sits where it did in `reference`, plus `bias`.

    reference, relit: (F, H, W, 3) scene-linear Rec.709 of the anchor frames, relit at EV 0.
    weights: (F, H, W) >= 0, e.g. `subject_weight`; all zero means the whole picture.
    """
    before, after = _luma(reference), _luma(relit)
    share = _shares(weights) * (before / (before + BLACK))
    if share.sum() < 1e-9:
        return float(bias)
    change = np.log2((after + FAINT) / (before + FAINT))
    lit = _quantile(change, share, LIT_SHARE)
    even = 3 * np.log2(_mean(np.cbrt(before), share) / max(_mean(np.cbrt(after), share), 1e-4))
    ev = np.clip(even, LIT_RANGE[0] - lit, LIT_RANGE[1] - lit) + bias
    lowest = LIT_LOWEST + min(bias + NIGHT, 0.0)
    return float(max(min(ev, _headroom(reference, relit)), lowest - lit))


def subject_weight(display: Array, matte: Array) -> NDArray[np.float32]:
    """Weights for `solve`, (..., H, W): the matte with its skin counted more.

    display: (..., H, W, 3) display-referred Rec.709, [0, 1]; matte: (..., H, W), [0, 1].
    """
    return (matte * (1 + (SKIN_WEIGHT - 1) * skin_weight(display))).astype(np.float32)


def skin_weight(display: Array) -> NDArray[np.float32]:
    """How much each pixel looks like skin, smooth in [0, 1]. (..., 3) display RGB to (...).

    Skin of every tone lies along one hue of the vectorscope; depth of tone changes lightness and
    saturation, not hue. Grey, strongly coloured and near-black pixels are let go gradually.
    """
    rgb = np.clip(np.asarray(display, np.float32), 0, 1)
    y = rgb @ LUMA_709
    cb, cr = (rgb[..., 2] - y) / 1.8556, (rgb[..., 0] - y) / 1.5748  # ITU-R BT.709-6
    hue = np.degrees(np.arctan2(cr, cb))
    chroma = np.hypot(cb, cr) / (y + 0.05)
    likely = np.exp(-(((hue - 128.0) / 22.0) ** 4))
    likely *= smoothstep(0.03, 0.1, chroma) * (1 - smoothstep(0.42, 0.62, chroma))
    return (likely * smoothstep(0.06, 0.16, y)).astype(np.float32)


def _luma(linear: Array) -> Array:
    return np.maximum(linear @ LUMA_709, 0)


def _shares(weights: Array) -> Array:
    """Weights of which every frame with a subject has the same sum."""
    total = weights.sum(axis=(-2, -1), keepdims=True)
    if total.sum() < 1e-6:
        return np.full(weights.shape, 1.0 / weights.size)
    return weights / np.maximum(total, 1e-6 * weights[0].size)


def _mean(values: Array, share: Array) -> float:
    return float((values * share).sum() / share.sum())


def _quantile(values: Array, share: Array, q: float) -> float:
    order = np.argsort(values, axis=None, kind="stable")
    sums = np.cumsum(share.ravel()[order], dtype=np.float64)
    return float(values.ravel()[order[np.searchsorted(sums, q * sums[-1])]])


def _headroom(reference: Array, relit: Array) -> float:
    """EV at which BLOWN_SHARE of the pixels that were not white before become so."""
    peak = np.where(reference.max(axis=-1) < 0.9, relit.max(axis=-1), 0)
    return float(-np.log2(max(float(np.quantile(peak, 1 - BLOWN_SHARE)), 1e-3)))
