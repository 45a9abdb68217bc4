"""What a take newly lost: highlights at white, shadows at black."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def newly_blown(relit: NDArray[np.float32], source: NDArray[np.float32]) -> float:
    """Share of pixels, %, with a channel at 254/255 or more that all stayed below 250 before."""
    return 100 * float(((relit.max(-1) >= 253.5 / 255) & (source.max(-1) < 250 / 255)).mean())


def newly_crushed(relit: NDArray[np.float32], source: NDArray[np.float32]) -> float:
    """Share of pixels, %, with every channel at 3/255 or less of which one was above 10 before."""
    return 100 * float(((relit.max(-1) <= 3.5 / 255) & (source.max(-1) > 10 / 255)).mean())
