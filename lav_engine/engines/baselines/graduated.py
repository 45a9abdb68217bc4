"""Graduated filter with tint: brighter toward each lamp's side of the picture, blind to shape."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.base import Step, Window
from lav_engine.engines.baselines.limits import LIMITS
from lav_engine.engines.baselines.tint import lamp_colours
from lav_engine.lightmap import LightFields
from lav_engine.spec import EngineSpec, Lamp, Light, Options

spec = EngineSpec(
    name="graduated",
    title="Graduated filter",
    summary="A tinted ramp in stops across the picture, from the lamps' side.",
    limits=LIMITS,
    factory="lav_engine.engines.baselines.graduated:Graduated",
)


class Graduated:
    """`strength` is the stops from one end of the picture to the other, along the lamp."""

    def __init__(self, strength: float = 2.0) -> None:
        self.strength = strength

    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        return 0.0

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        height, width = window.frames.shape[1:3]
        lamps = light.lamps or (Lamp(),)
        filters = [
            colour * np.exp2(self.strength * ramp(lamp, height, width))[..., None]
            for lamp, colour in zip(lamps, lamp_colours(light), strict=True)
        ]
        stops = np.log2(np.mean(filters, axis=0)) + (light.exposure or 0.0)
        gain = np.repeat(stops[None].astype(np.float32), len(window.frames), axis=0)
        yield Step(len(gain), len(gain), LightFields(gain, np.zeros_like(gain)))


def ramp(lamp: Lamp, height: int, width: int) -> NDArray[np.float64]:
    """(H, W) -0.5..0.5 toward the lamp's side; flat for a lamp straight ahead or behind."""
    turn, rise = np.radians(lamp.azimuth), np.radians(lamp.elevation)
    right, up = np.sin(turn) * np.cos(rise), np.sin(rise)
    rows, columns = np.indices((height, width)) + 0.5
    along = right * (columns - width / 2) - up * (rows - height / 2)
    length = abs(right) * width + abs(up) * height
    return along / length * min(1.0, np.hypot(right, up) * 2) if length > 1e-6 else 0 * along
