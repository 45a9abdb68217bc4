"""What a window's frames say about the scene, whatever light is wanted: small enough to keep."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.base import Window
from lav_engine.engines.draft import delight, geometry, matte, temporal
from lav_engine.engines.draft.geometry import Balloon
from lav_engine.light.exposure import skin_weight
from lav_engine.media.colour import LUMA_709, decode_bt1886

Field = NDArray[np.float32]
Half = NDArray[np.float16]

KEY_STEP = 8  # media frames between mattes read from scratch
MATTE_MEMORY = 0.92  # certainty kept over one frame of flow
RELIEF_MEMORY = 0.85
BLACK = 0.004  # linear; log luma stays finite below


@dataclass(frozen=True, slots=True)
class Scene:
    """One entry per frame of the window."""

    mattes: tuple[Half, ...]  # (H, W)
    balloons: tuple[Balloon, ...]
    reliefs: tuple[Half, ...]  # (H, W, 2)
    slopes: tuple[Field, ...]  # (2, 4): the light already there, see `delight.fit`
    texture: float  # 0: featureless, nothing to guess from .. 1


def read(window: Window) -> Scene:
    frames = window.frames
    links = temporal.link(frames)
    mattes = _mattes(window, links)
    balloons = [
        geometry.inflate(m, None, skin_weight(f)) for m, f in zip(mattes, frames, strict=True)
    ]
    slopes = _slopes(frames, mattes, balloons)
    reliefs = _reliefs(frames, mattes, balloons, slopes, links)
    return Scene(
        tuple(m.astype(np.float16) for m in mattes),
        tuple(balloons),
        tuple(r.astype(np.float16) for r in reliefs),
        tuple(slopes),
        0.0 if matte.is_flat(frames[len(frames) // 2]) else 1.0,
    )


def _mattes(window: Window, links: temporal.Links) -> list[Field]:
    frames = window.frames
    if window.mask is not None:
        return [np.clip(m, 0, 1).astype(np.float32) for m in window.mask]
    height, width = frames.shape[1:3]
    keys = _keys(window.first, len(frames))
    moves = temporal.moving(links)
    read = {t: matte.read(frames[t], moves[t] if moves else None) for t in keys}
    good = [t for t in keys if matte.is_readable(read[t])]
    if not good:
        is_flat = matte.is_flat(frames[keys[len(keys) // 2]])
        whole = np.zeros((height, width), np.float32) if is_flat else matte.oval(height, width)
        return [whole] * len(frames)
    blank = np.zeros((height, width, 1), np.float32)
    told = [read[t][..., None] if t in good else blank for t in range(len(frames))]
    weights = [1.0 if t in good else 0.0 for t in range(len(frames))]
    settled = temporal.settle(told, weights, links, MATTE_MEMORY)
    # Every step along the flow blurs an edge a little; this gives it back without looking at noise.
    return [_crisp(m[..., 0]) for m in settled]


def _keys(first: int, count: int) -> list[int]:
    """Frames on the media's own grid, so that windows that share a frame read it alike."""
    keys = [t for t in range(count) if (first + t) % KEY_STEP == KEY_STEP // 2]
    return keys or [count // 2]


def _crisp(soft: Field) -> Field:
    t = np.clip((soft - 0.2) / 0.6, 0, 1)
    return t * t * (3 - 2 * t)


def _slopes(
    frames: NDArray[np.float32], mattes: list[Field], balloons: list[Balloon]
) -> list[Field]:
    """Old light per frame, averaged over the window: it belongs to the set, not to a frame."""
    height, width = frames.shape[1:3]
    small = (
        (96, max(2, round(96 * height / width)))
        if width >= height
        else (
            max(2, round(96 * width / height)),
            96,
        )
    )
    x, y = geometry.places(small[1], small[0])
    found = []
    for frame, m, balloon in zip(frames, mattes, balloons, strict=True):
        log = log_luma(cv2.resize(frame, small, interpolation=cv2.INTER_AREA))
        soft = cv2.resize(m, small, interpolation=cv2.INTER_AREA)
        found.append(delight.fit(log, soft, balloon.normals(small[1], small[0]), x, y))
    reach = np.arange(len(found))
    near = np.exp(-np.abs(reach[:, None] - reach) / 12)
    near /= near.sum(1, keepdims=True)
    return list(np.einsum("ts,sij->tij", near, np.stack(found)).astype(np.float32))


def _reliefs(
    frames: NDArray[np.float32],
    mattes: list[Field],
    balloons: list[Balloon],
    slopes: list[Field],
    links: temporal.Links,
) -> list[Field]:
    height, width = frames.shape[1:3]
    x, y = geometry.places(height, width)
    found = []
    for frame, m, balloon, slope in zip(frames, mattes, balloons, slopes, strict=True):
        normals = balloon.normals(height, width)
        stops = delight.old_light(slope, m, normals, x, y)
        log = log_luma(frame) - np.float32(np.log(2)) * stops
        found.append(geometry.relief(log, geometry.flatten(log)))
    return temporal.settle(found, [1.0] * len(found), links, RELIEF_MEMORY)


def log_luma(frame: Field) -> Field:
    return np.log(np.maximum(decode_bt1886(frame) @ LUMA_709, 0) + np.float32(BLACK))
