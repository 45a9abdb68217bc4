"""What is subject and what is background in a window.

The editor's mask; without one Draft's own matte, with the outline of SAM 2 where that is installed.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.base import Window
from lav_engine.engines.draft import scene
from lav_engine.errors import Code, LavError
from lav_engine.lightmap import LightFields
from lav_engine.spec import Scope

Matte = NDArray[np.float32]  # (F, H, W), 1 on the subject
# Frames (F, H, W, 3) and their coarse mattes to finer ones; None: there is no such model here.
Outlines = Callable[[NDArray[np.float32], Matte], Matte | None]

SUBJECT = 0.5  # a pixel from this share on belongs to the subject
LATENT = 8  # pixels per latent: what has no whole one cannot be kept
FILLED = 4.0  # pixels, standard deviation: how far the subject's light is carried over its edge


def subject(window: Window, scope: Scope, outlines: Outlines | None = None) -> Matte | None:
    """None where the scope makes no difference between subject and background.

    Raises LavError(MASK_UNUSABLE) when a new background is to be made around nothing.
    """
    if scope == Scope.both:
        return None
    matte = window.mask if window.mask is not None else _automatic(window, outlines)
    if scope == Scope.new_background and not is_kept(matte):
        raise nothing_kept(window)
    return np.clip(matte, 0, 1).astype(np.float32)


def is_kept(matte: Matte) -> bool:
    """Whether the subject fills one latent at least, in one frame at least."""
    return any((cv2.erode(m, np.ones((LATENT, LATENT))) >= SUBJECT).any() for m in matte)


def nothing_kept(window: Window) -> LavError:
    found = "The mask shows no subject" if window.mask is not None else "No subject was found"
    last = window.first + len(window.frames) - 1
    return LavError(
        f"{found} in frames {window.first} to {last}, or one too small to keep, so no new "
        "background can be made around it.",
        "Give a mask that is white on the subject, or render the range in which it is seen.",
        Code.mask_unusable,
    )


def shown(matte: Matte | None, scope: Scope, shape: tuple[int, int, int]) -> Matte:
    """(F, H, W): where a take that shows the engine's own frames shows them."""
    if matte is None:
        return np.ones(shape, np.float32)
    return matte if scope == Scope.subject else 1 - matte


def scoped(fields: LightFields, matte: Matte | None, scope: Scope) -> LightFields:
    """The light where it belongs. Around a subject on a new background there is only its own."""
    if matte is None:
        return fields
    if scope == Scope.new_background:
        gain = np.stack([_carried(g, m) for g, m in zip(fields.gain, matte, strict=True)])
        return LightFields(gain, fields.flare)
    share = (matte if scope == Scope.subject else 1 - matte)[..., None]
    return LightFields(fields.gain * share, fields.flare * share)


def _automatic(window: Window, outlines: Outlines | None) -> Matte:
    seen = scene.read(window)
    coarse = np.stack([m.astype(np.float32) for m in seen.mattes])
    fine = outlines(window.frames, coarse) if outlines else None
    return coarse if fine is None else np.stack(scene.steadied([*fine], seen.links))


def _carried(gain: NDArray[np.float32], matte: NDArray[np.float32]) -> NDArray[np.float32]:
    """The subject's gain, continued beyond its edge, so that the edge does not mix in others'."""
    share = matte[..., None]
    near = cv2.GaussianBlur(gain * share, (0, 0), FILLED)
    weight = cv2.GaussianBlur(matte, (0, 0), FILLED)[..., None]
    return (gain * share + near / (weight + 1e-3) * (1 - share)).astype(np.float32)
