"""What a window's frames say about the scene, whatever light is wanted: small enough to keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.base import Window
from lav_engine.engines.draft import delight, geometry, matte, temporal
from lav_engine.engines.draft.geometry import HOLLOW_SIDE, Balloon
from lav_engine.engines.draft.pixels import Field, places, shrink
from lav_engine.engines.draft.stir import stir
from lav_engine.smoothstep import smoothstep

Half = NDArray[np.float16]

KEY_STEP = 8  # media frames between mattes read from scratch
KEY_MEMORY = 0.92  # certainty such a matte keeps over one frame of flow
MEMORY = 0.85  # the same for what every frame tells by itself
OLD_SIDE = 96  # long side at which old light is fitted
OLD_REACH = 12  # frames over which it is averaged: it belongs to the set, not to a frame


@dataclass(frozen=True, slots=True)
class Scene:
    """One entry per frame of the window."""

    mattes: tuple[Half, ...]  # (H, W)
    balloons: tuple[Balloon, ...]
    hollows: tuple[Field, ...]  # (h, w, 1), see `geometry.hollows`
    slopes: tuple[Field, ...]  # (6,): the light already there, see `delight.fit`
    links: temporal.Links  # along which anything of this window may be steadied
    texture: float  # 0: featureless, nothing to guess from .. 1


def read(window: Window) -> Scene:
    frames = window.frames
    links = temporal.link(frames)
    mattes = _mattes(window, links)
    balloons = [geometry.inflate(m) for m in mattes]
    slopes = _slopes(frames, mattes, balloons)
    hollows = [_hollows(frame, m) for frame, m in zip(frames, mattes, strict=True)]
    return Scene(
        tuple(m.astype(np.float16) for m in mattes),
        tuple(balloons),
        tuple(temporal.settle(hollows, [1.0] * len(hollows), links, MEMORY)),
        tuple(slopes),
        links,
        0.0 if matte.is_flat(frames[len(frames) // 2]) else 1.0,
    )


def _hollows(frame: Field, matte: Field) -> Field:
    return geometry.hollows(shrink(frame, HOLLOW_SIDE), shrink(matte, HOLLOW_SIDE))[..., None]


def _mattes(window: Window, links: temporal.Links) -> list[Field]:
    frames = window.frames
    if window.mask is not None:
        return [np.clip(m, 0, 1).astype(np.float32) for m in window.mask]
    carried = _carried(window, links)
    if not carried:
        height, width = frames.shape[1:3]
        is_flat = matte.is_flat(frames[len(frames) // 2])
        whole = np.zeros((height, width), np.float32) if is_flat else matte.oval(height, width)
        return [whole] * len(frames)
    snapped = [matte.snap(f, c) for f, c in zip(frames, carried, strict=True)]
    return steadied(snapped, links)


def steadied(mattes: list[Field], links: temporal.Links) -> list[Field]:
    """(H, W) each, averaged along the flow."""
    settled = temporal.settle([m[..., None] for m in mattes], [1.0] * len(mattes), links, MEMORY)
    # Each step along the flow blurs an edge a little; this gives it back, blind to noise.
    return [smoothstep(0.15, 0.85, m[..., 0]) for m in settled]


def _carried(window: Window, links: temporal.Links) -> list[Field]:
    """Coarse mattes read on key frames, told to all others along the flow. Empty: none readable."""
    frames = window.frames
    keys = _keys(window.first, len(frames))
    moves = temporal.moving(links)
    if moves:
        read = {t: matte.read(frames[t], moves[t], stir(frames, links, t)) for t in keys}
    else:
        read = {t: matte.read(frames[t]) for t in keys}
    good = {t: m for t, m in read.items() if matte.is_readable(m)}
    if not good:
        return []
    blank = np.zeros_like(read[keys[0]])
    told = [good.get(t, blank)[..., None] for t in range(len(frames))]
    weights = [1.0 if t in good else 0.0 for t in range(len(frames))]
    return [m[..., 0] for m in temporal.settle(told, weights, links, KEY_MEMORY)]


def _keys(first: int, count: int) -> list[int]:
    """Frames on the media's own grid, so that windows that share a frame read it alike."""
    keys = [t for t in range(count) if (first + t) % KEY_STEP == KEY_STEP // 2]
    return keys or [count // 2]


def _slopes(
    frames: NDArray[np.float32], mattes: list[Field], balloons: list[Balloon]
) -> list[Field]:
    found = []
    for frame, m, balloon in zip(frames, mattes, balloons, strict=True):
        small, soft = shrink(frame, OLD_SIDE), shrink(m, OLD_SIDE)
        found.append(delight.fit(small, soft, balloon.normals(*soft.shape), *places(*soft.shape)))
    apart = np.arange(len(found))
    near = np.exp(-np.abs(apart[:, None] - apart) / OLD_REACH)
    near /= near.sum(1, keepdims=True)
    return list((near @ np.stack(found)).astype(np.float32))
