"""Global tint: the lamps' mean colour over the whole picture, like a gel on the lens."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.base import Step, Window
from lav_engine.engines.baselines.limits import LIMITS
from lav_engine.light.lamp_colour import lamp_power, lamp_rgb
from lav_engine.lightmap import LightFields
from lav_engine.spec import EngineSpec, Lamp, Light, Options

spec = EngineSpec(
    name="tint",
    title="Global tint",
    summary="The lamps' colour over the whole picture.",
    limits=LIMITS,
    factory="lav_engine.engines.baselines.tint:Tint",
)


class Tint:
    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        return 0.0

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        colours = lamp_colours(light)
        stops = np.log2(colours.mean(axis=0)) + (light.exposure or 0.0)
        gain = np.broadcast_to(stops.astype(np.float32), window.frames.shape).copy()
        yield Step(len(gain), len(gain), LightFields(gain, np.zeros_like(gain)))


def lamp_colours(light: Light) -> NDArray[np.float64]:
    """(N, 3) linear Rec.709, one per lamp; their mean is the mixture at the exposure of one."""
    lamps = light.lamps or (Lamp(),)
    colours = np.array([lamp_rgb(lamp, light.source_white) for lamp in lamps])
    powers = np.array([lamp_power(lamp) for lamp in lamps])
    return colours * (powers / powers.mean())[:, None]
