"""What a window's frames say about the scene, whatever light is wanted: small enough to keep."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.base import Window
from lav_engine.engines.draft import delight, geometry, matte, temporal
from lav_engine.engines.draft.geometry import Balloon
from lav_engine.media.colour import LUMA_709, decode_bt1886

Field = NDArray[np.float32]
Half = NDArray[np.float16]

KEY_STEP = 8  # media frames between mattes read from scratch
MATTE_MEMORY = 0.92  # certainty kept over one frame of flow
MEMORY = 0.85  # the same for what every frame tells by itself
OLD_SIDE = 96  # long side at which old light is fitted
BLACK = 0.004  # linear; log luma stays finite below


@dataclass(frozen=True, slots=True)
class Scene:
    """One entry per frame of the window."""

    mattes: tuple[Half, ...]  # (H, W)
    balloons: tuple[Balloon, ...]
    reliefs: tuple[Half, ...]  # (H, W, 2)
    slopes: tuple[Field, ...]  # (4,): the light already there, see `delight.fit`
    texture: float  # 0: featureless, nothing to guess from .. 1


def read(window: Window) -> Scene:
    frames = window.frames
    links = temporal.link(frames)
    mattes = _mattes(window, links)
    slopes = _slopes(frames, mattes)
    reliefs = [
        _relief(frame, m, slope) for frame, m, slope in zip(frames, mattes, slopes, strict=True)
    ]
    seen = [np.dstack([m, r]) for m, r in zip(mattes, reliefs, strict=True)]
    settled = temporal.settle(seen, [1.0] * len(seen), links, MEMORY)
    if window.mask is None:
        # Each step along the flow blurs an edge a little; this gives it back, blind to noise.
        mattes = [matte.smooth(0.15, 0.85, s[..., 0]) for s in settled]
    return Scene(
        tuple(m.astype(np.float16) for m in mattes),
        tuple(geometry.inflate(m) for m in mattes),
        tuple(s[..., 1:].astype(np.float16) for s in settled),
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
    blank = np.zeros_like(read[good[0]])
    told = [(read[t] if t in good else blank)[..., None] for t in range(len(frames))]
    weights = [1.0 if t in good else 0.0 for t in range(len(frames))]
    carried = temporal.settle(told, weights, links, MATTE_MEMORY)
    return [matte.snap(f, c[..., 0]) for f, c in zip(frames, carried, strict=True)]


def _keys(first: int, count: int) -> list[int]:
    """Frames on the media's own grid, so that windows that share a frame read it alike."""
    keys = [t for t in range(count) if (first + t) % KEY_STEP == KEY_STEP // 2]
    return keys or [count // 2]


def _slopes(frames: NDArray[np.float32], mattes: list[Field]) -> list[Field]:
    """Old light per frame, averaged over the window: it belongs to the set, not to a frame."""
    found = []
    for frame, m in zip(frames, mattes, strict=True):
        small = matte.shrink(frame, OLD_SIDE)
        soft = matte.shrink(m, OLD_SIDE)
        normals = geometry.inflate(soft).normals(*soft.shape)
        found.append(delight.fit(log_luma(small), soft, normals, *geometry.places(*soft.shape)))
    reach = np.arange(len(found))
    near = np.exp(-np.abs(reach[:, None] - reach) / 12)
    near /= near.sum(1, keepdims=True)
    return list(np.einsum("ts,si->ti", near, np.stack(found)).astype(np.float32))


def _relief(frame: Field, m: Field, slope: Field) -> Field:
    small = matte.shrink(m, OLD_SIDE)
    normals = geometry.inflate(small).normals(*small.shape)
    stops = delight.old_light(slope, small, normals, *geometry.places(*small.shape))
    stops = cv2.resize(stops, m.shape[::-1], interpolation=cv2.INTER_LINEAR)
    log = log_luma(frame) - np.float32(np.log(2)) * stops
    return geometry.relief(log, geometry.flatten(log))


def log_luma(frame: Field) -> Field:
    return np.log(np.maximum(decode_bt1886(frame) @ LUMA_709, 0) + np.float32(BLACK))
