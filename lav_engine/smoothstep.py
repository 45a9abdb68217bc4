"""The curve by which thresholds are crossed gradually."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def smoothstep(low: float, high: float, values: NDArray[np.floating]) -> NDArray[np.floating]:
    """0 up to `low`, 1 from `high`, without a corner at either."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)
