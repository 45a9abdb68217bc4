"""The light map: per-channel log2 gain and a low-frequency flare, relative to the source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class LightFields:
    """The map of consecutive frames: out = in * 2**gain + flare, in scene-linear Rec.709."""

    gain: NDArray[np.float32]  # (F, H, W, 3), stops; exactly 0 where nothing changes
    flare: NDArray[np.float32]  # (F, H, W, 3), scene-linear, low frequency, >= 0
