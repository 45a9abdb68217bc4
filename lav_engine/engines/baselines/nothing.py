"""Do nothing: the take is the source."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lav_engine.engines.base import Step, Window
from lav_engine.engines.baselines.limits import LIMITS
from lav_engine.lightmap import LightFields
from lav_engine.spec import EngineSpec, Light, Options

spec = EngineSpec(
    name="nothing",
    title="Do nothing",
    summary="Leaves every pixel as it is.",
    limits=LIMITS,
    factory="lav_engine.engines.baselines.nothing:Nothing",
)


class Nothing:
    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        return 0.0

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        still = np.zeros_like(window.frames)
        yield Step(len(still), len(still), LightFields(still, still))
