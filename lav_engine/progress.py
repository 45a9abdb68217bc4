"""What a render says while it runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lav_engine.spec import Stage, Take

Picture = NDArray[np.uint8]  # (H, W, 3) RGB


@dataclass(frozen=True, slots=True)
class Progress:
    stage: Stage
    done: int  # frames of this stage
    total: int
    fraction: float  # of the whole job, 0..1
    preview: Picture | None = None
    warning: str | None = None
    window: int | None = None  # index of a window whose light has just been stored, or found
    key: str | None = None  # its name in the map store
    is_reused: bool = False  # found there, not lit
    take: Take | None = None  # with the last one
