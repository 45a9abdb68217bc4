"""An engine for tests of what is around engines: small, quick, and it counts what it is asked."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.base import Step, Window
from lav_engine.lightmap import LightFields
from lav_engine.pictures import Pictures
from lav_engine.spec import Delivery, EngineLimits, EngineSpec, Lane, Light, Options

Frames = NDArray[np.float32]  # (F, H, W, 3)

SPEC = EngineSpec(
    name="toy",
    title="Toy",
    summary="",
    limits=EngineLimits(
        long_side=64,
        multiple=2,
        frames=6,
        overlap=2,
        preroll=1,
        lane=Lane.cpu,
        deliveries=(Delivery.light, Delivery.picture),
    ),
    factory="",
)
WARNING = "The card is small."


class Toy:
    """Its light and its pictures depend on all that an engine is given."""

    def __init__(self, models: str = "") -> None:
        self.models = models
        self.lit: list[int] = []  # first frames of windows
        self.exposed = 0

    def identity(self, options: Options) -> str:
        return self.models

    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        self.exposed += 1
        return float(anchors.frames.mean()) + 0.1

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        self.lit.append(window.first)
        assert light.exposure is not None
        yield Step(1, 2, preview=window.frames[0], warning=WARNING)
        gain = self.gain(window.frames, light.exposure)
        share = np.ones(gain.shape[:3], np.float32)
        own = Pictures(self.picture(window.frames), share)
        yield Step(2, 2, LightFields(gain, np.zeros_like(gain)), pictures=own)

    def gain(self, frames: Frames, exposure: float) -> Frames:
        return 0.3 * frames + np.float32(exposure)

    def picture(self, frames: Frames) -> Frames:
        return 1 - frames
