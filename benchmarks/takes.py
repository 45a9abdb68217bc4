"""Source planes in, relit frames out: the product's windows, light map and delivery, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine import catalog, lightmap, shots, windows
from lav_engine.delivery import deliver
from lav_engine.engines.base import Engine, Window
from lav_engine.engines.baselines import graduated, nothing, tint
from lav_engine.frames import working_size
from lav_engine.lightmap import LightFields
from lav_engine.media.colour import LUMA_709, planes_to_rgb, rgb_to_planes, small_rgb
from lav_engine.media.planes import Layout, Planes
from lav_engine.media.source import Reader
from lav_engine.spec import EngineSpec, Light, Options

BASELINES = {one.spec.name: one.spec for one in (nothing, tint, graduated)}
RATE = Fraction(24)
Frames = NDArray[np.float32]  # (F, H, W, 3) display-referred RGB, [0, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    frames: Frames
    gains: list[NDArray[np.float32]]  # (H, W) per frame, stops: the light map on a grey card
    exposure: float


def engine_named(name: str) -> tuple[Engine, EngineSpec]:
    """A baseline, or an engine users can choose. Raises LavError for neither."""
    spec = BASELINES.get(name) or catalog.engine(name)
    return catalog.load_engine(spec), spec


def read(path: Path, most: int | None = None) -> list[Planes]:
    """The first `most` frames of a clip, as stored."""
    with Reader(path) as reader:
        return list(reader.read(0, min(most or reader.facts.frames, reader.facts.frames)))


def film(frames: Frames, depth: int = 10) -> list[Planes]:
    """Pictures made by code, as a camera would have stored them: 4:4:4, no compression."""
    height, width = frames.shape[1:3]
    layout = Layout(width, height, depth, 1, 1, "bt709")
    return [rgb_to_planes(frame, layout, t) for t, frame in enumerate(frames)]


def pictures(planes: Sequence[Planes]) -> Frames:
    return np.clip(np.stack([planes_to_rgb(frame) for frame in planes]), 0, 1)


def relit(planes: Sequence[Planes], engine: Engine, spec: EngineSpec, light: Light) -> Take:
    """One shot on the media grid from frame 0; exposure is solved unless the light has one."""
    small = _working(planes, spec)
    if light.exposure is None:
        anchors = small[list(shots.anchors((0, len(small))))]
        solved = engine.expose(Window(0, anchors, RATE), light, Options())
        light = replace(light, exposure=solved)
    size = planes[0].layout.width, planes[0].layout.height
    frames, gains = [], []
    for t, (gain, flare) in enumerate(_maps(small, engine, spec, light)):
        frames.append(planes_to_rgb(deliver(planes[t], gain, flare)))
        on_grey = np.log2(np.exp2(gain) @ LUMA_709).astype(np.float32)
        gains.append(cv2.resize(on_grey, size, interpolation=cv2.INTER_LINEAR))
    return Take(np.clip(np.stack(frames), 0, 1), gains, light.exposure or 0.0)


def _working(planes: Sequence[Planes], spec: EngineSpec) -> Frames:
    limits = spec.limits
    width, height = working_size(planes[0].layout, limits.long_side, limits.multiple)
    return np.stack([small_rgb(frame, width, height) for frame in planes])


def _maps(
    small: Frames, engine: Engine, spec: EngineSpec, light: Light
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Gain and flare of each frame, the windows cross-faded."""
    count = len(small)
    gain = np.zeros(small.shape, np.float32)
    flare = np.zeros_like(gain)
    for span in windows.plan(0, count, count, [(0, count)], spec.limits):
        fields = lightmap.stored(_lit(small, span, engine, light))
        for t in range(*span.output):
            weight, at = np.float32(span.weight(t)), t - span.read[0]
            gain[t] += weight * fields.gain[at]
            flare[t] += weight * fields.flare[at]
    yield from zip(gain, flare, strict=True)


def _lit(small: Frames, span: windows.WindowSpan, engine: Engine, light: Light) -> LightFields:
    window = Window(span.read[0], small[slice(*span.read)], RATE)
    *_, last = engine.relight(window, light, Options())
    assert last.fields is not None
    return last.fields
