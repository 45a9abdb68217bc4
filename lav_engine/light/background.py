"""The light as a picture: what IC-Light starts from to know where the light comes from.

A lamp is a ramp across the frame, bright on its side. For a lone white lamp square to the left,
right, top or bottom it is the reference's gradient, bit for bit (Light-A-Video commit 1b44482,
src/ic_light.py: linspace(255, 0), truncated).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lav_engine.light.directions import direction_vector
from lav_engine.light.lamp_colour import lamp_rgb
from lav_engine.spec import RGB, Ambient, Lamp, Light

GAMMA = 2.4  # BT.1886: linear light to the display values that the model reads
NEUTRAL = 127  # what the model reads as no light in particular
USUAL_SIZE = 0.3  # up to here a lamp is a full ramp; an overcast sky is half of one

Image = NDArray[np.float64]


def light_image(light: Light, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3), display-referred. The strongest lamp reaches 255 in its own colour."""
    if not light.lamps:
        even = NEUTRAL * _tone(light.ambient, light.source_white, 0.0)
        return np.broadcast_to(even, (height, width, 3)).astype(np.uint8)
    sources = [*light.lamps, *([light.ambient] if light.ambient.stops is not None else [])]
    strongest = max(_stops(one) for one in sources)
    image = np.zeros((height, width, 3))
    for one in sources:
        ramp = _ramp(one, width, height) if isinstance(one, Lamp) else np.full((1, 1), 255.0)
        lit = ramp[..., None] * _tone(one, light.source_white, _stops(one) - strongest)
        image = image + lit - image * lit / 255  # screened: lamps add up, nothing clips
    return image.astype(np.uint8)


def _stops(source: Lamp | Ambient) -> float:
    return source.stops or 0.0


def _tone(source: Lamp | Ambient, white: float, stops: float) -> Image:
    """Display values of the source's colour and relative power; (1, 1, 1) for the key's white."""
    rgb: RGB = lamp_rgb(source, white)
    return (np.array(rgb) / max(rgb) * 2.0**stops) ** (1 / GAMMA)


def _ramp(lamp: Lamp, width: int, height: int) -> Image:
    """(height, width), 0..255."""
    if lamp.at is not None:
        return _pool(lamp, width, height)
    x, y, z = (round(part, 9) for part in direction_vector(lamp.azimuth, lamp.elevation))
    whole = abs(x) + abs(y) + abs(z)
    rows, columns = _slope(y > 0, height)[:, None], _slope(x < 0, width)[None, :]
    ramp = columns * (abs(x) / whole) + rows * (abs(y) / whole) + 255.0 * (abs(z) / whole)
    return _softened(ramp, lamp.size)


def _slope(falling: bool, length: int) -> Image:
    return np.linspace(255, 0, length) if falling else np.linspace(0, 255, length)


def _softened(ramp: Image, size: float) -> Image:
    if size <= USUAL_SIZE:
        return ramp
    share = (size - USUAL_SIZE) / (1 - USUAL_SIZE) / 2
    return ramp + (255 - ramp) * share


def _pool(lamp: Lamp, width: int, height: int) -> Image:
    """Around a lamp in the picture: halved at each `radius`, in picture heights, squared."""
    assert lamp.at is not None
    across = (np.arange(width) + 0.5 - lamp.at[0] * width) / height
    down = (np.arange(height) + 0.5) / height - lamp.at[1]
    away = across[None, :] ** 2 + down[:, None] ** 2
    return 255.0 * np.exp2(-away / lamp.radius**2)
