"""Where light comes from: named directions, and turning a whole rig. Standard library only.

Left and right are the screen's. Azimuth 0 is the camera, +90 screen right, 180 behind the subject.
"""

from __future__ import annotations

import math
from dataclasses import replace

from lav_engine.spec import Lamp

DIRECTIONS: dict[str, tuple[float, float]] = {  # (azimuth, elevation), degrees
    "left": (-70.0, 20.0),
    "right": (70.0, 20.0),
    "top": (0.0, 75.0),
    "bottom": (0.0, -50.0),
    "front": (0.0, 10.0),
    "back": (180.0, 20.0),
    "top-left": (-60.0, 50.0),
    "top-right": (60.0, 50.0),
    "bottom-left": (-60.0, -40.0),
    "bottom-right": (60.0, -40.0),
    "kicker-left": (-135.0, 20.0),
    "kicker-right": (135.0, 20.0),
}


def direction_vector(azimuth: float, elevation: float) -> tuple[float, float, float]:
    """Degrees to the unit vector toward the lamp: x screen right, y up, z toward the camera."""
    a, e = math.radians(azimuth), math.radians(elevation)
    return math.sin(a) * math.cos(e), math.sin(e), math.cos(a) * math.cos(e)


def wrapped(azimuth: float) -> float:
    """The same azimuth in (-180, 180]."""
    if -180.0 < azimuth <= 180.0:
        return azimuth  # untouched, so that saved numbers come back to the bit
    turned_back = (180.0 - azimuth) % 360.0
    return 180.0 - turned_back if turned_back < 360.0 else 180.0  # float % can round up to 360


def opposite(azimuth: float) -> float:
    """The other side of the picture: a mirror; a lamp near the axis goes to a three-quarter."""
    return -azimuth if abs(math.sin(math.radians(azimuth))) > 0.25 else 45.0


def turned(lamps: tuple[Lamp, ...], azimuth: float) -> tuple[Lamp, ...]:
    """The rig with its first lamp at `azimuth`: mirrored if that changes sides, then turned.

    A mirror keeps a fill on the camera's side and a rim behind, where a turn alone would not.
    Practicals with a place in the picture stay there.
    """
    mirror = -1.0 if lamps[0].azimuth * azimuth < 0.0 else 1.0
    rest = azimuth - mirror * lamps[0].azimuth
    others = (
        lamp if lamp.at else replace(lamp, azimuth=wrapped(mirror * lamp.azimuth + rest))
        for lamp in lamps[1:]
    )
    return (replace(lamps[0], azimuth=wrapped(azimuth)), *others)
