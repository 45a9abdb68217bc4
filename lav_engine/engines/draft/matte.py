"""The soft outline of the subject: found coarsely, laid onto the picture's edges, checked.

A frame is read on its own; `temporal.settle` makes the readings of a window agree.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.draft.guided import blur, guided
from lav_engine.engines.draft.pixels import Field, enlarge, shrink
from lav_engine.engines.draft.stir import Stir
from lav_engine.engines.draft.subject import bins_of, find, likeness
from lav_engine.smoothstep import smoothstep

CUT_SIDE = 144  # long side for the cut
TRACK = 0.5  # weight of colour against a matte carried from a neighbour
SEEN = (3.0, 8.0)  # CIELAB steps between which an outline goes from unseen to seen
UNSEEN_BLUR = 10.0  # pixels at CUT_SIDE
FLAT = 0.02  # spread of display luma under which a frame shows nothing at all


def read(frame: Field, hint: Field | None = None, seen: Stir | None = None) -> Field:
    """Coarse matte (h, w) in 0..1 of one display-referred frame; for the rest see `find`.

    All zero where the frame is featureless or shows no outline.
    """
    if is_flat(frame):
        return np.zeros(shrink(frame, CUT_SIDE).shape[:2], np.float32)
    small = _bytes(shrink(frame, CUT_SIDE))
    return find(small, hint, seen)


def snap(frame: Field, carried: Field) -> Field:
    """A matte carried here along the flow, settled on this frame's own colours and edges."""
    small = _bytes(shrink(frame, CUT_SIDE))
    guide = small.astype(np.float32) / 255
    bins = bins_of(small)
    held = np.clip(carried, 0.03, 0.97)
    place = np.log(held / (1 - held))
    now = held
    for _ in range(2):
        belief = place + TRACK * likeness(bins, now)
        now = guided(guide, 1 / (1 + np.exp(-belief)), 3, 4e-4)
        now = np.clip(now, 0.01, 0.99)
    return refine(frame, _fade_unseen(smoothstep(0.15, 0.85, now), guide))


def _fade_unseen(matte: Field, small: Field) -> Field:
    """Blurs the outline where no change of colour shows it: light draws no edge of its own."""
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2Lab), np.float32)
    step = np.linalg.norm(_nearby(lab, matte) - _nearby(lab, 1 - matte), axis=-1)
    edge = 4 * matte * (1 - matte) + np.float32(1e-3)
    seen = blur(edge * smoothstep(*SEEN, step), 4.0) / blur(edge, 4.0)
    wide = blur(matte, UNSEEN_BLUR)
    return wide + seen * (matte - wide)


def _nearby(lab: Field, weight: Field) -> Field:
    share = np.maximum(blur(weight, 2.5), 0.02)
    return blur(lab * weight[..., None], 2.5) / share[..., None]


def refine(frame: Field, coarse: Field) -> Field:
    """A coarse cut, its edge laid onto the picture's own."""
    height, width = frame.shape[:2]
    soft = guided(frame, enlarge(coarse, width, height), max(2, max(height, width) // 64), 2e-4, 2)
    return np.clip((soft - 0.05) / 0.9, 0, 1)


def is_flat(frame: Field) -> bool:
    small = shrink(frame, CUT_SIDE)
    return float(np.std(small, axis=(0, 1)).max()) < FLAT


def is_readable(matte: Field) -> bool:
    """Whether a matte could be a subject: something in the middle, little on the border."""
    height, width = matte.shape
    v, u = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    middle = matte[(u / 0.6) ** 2 + ((v - 0.04) / 0.68) ** 2 < 1].mean()
    side = int(height * 0.6)
    border = np.concatenate([matte[0], matte[:side, 0], matte[:side, -1]]).mean()
    return bool(middle >= 0.3 and border <= 0.6 and matte.mean() >= 0.02)


def oval(height: int, width: int) -> Field:
    """A close-up's stand-in: an ellipsoid without edges."""
    v, u = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
    return np.exp(-((u / 0.36) ** 4) - (v / 0.48) ** 4).astype(np.float32)


def _bytes(image: Field) -> NDArray[np.uint8]:
    return np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8)
