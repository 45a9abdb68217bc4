"""What a light may hold: every number within its range, or one sentence. Standard library only."""

from __future__ import annotations

import math
from dataclasses import replace

from lav_engine.errors import LavError
from lav_engine.light.directions import wrapped
from lav_engine.spec import Ambient, Key, Lamp, Light

MAX_LAMPS = 3
RANGES: dict[str, tuple[float, float]] = {
    "azimuth": (-math.inf, math.inf),  # any angle; it wraps
    "elevation": (-90.0, 90.0),
    "kelvin": (1000.0, 20000.0),
    "tint": (-50.0, 50.0),
    "stops": (-10.0, 10.0),
    "size": (0.0, 1.0),
    "radius": (0.01, 10.0),
    "place": (0.0, 1.0),
    "exposure": (-10.0, 10.0),
    "bias": (-10.0, 10.0),
    "haze": (0.0, 1.0),
    "source white": (1000.0, 20000.0),
    "key to fill ratio": (1.0, 1000.0),
    "colour": (0.0, 1000.0),
}


def number(name: str, value: float) -> float:
    """`value` as it is, or LavError naming it and its range."""
    low, high = RANGES[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise LavError(f"The {name} is {value!r}, which is not a number.", _range(low, high))
    if not low <= value <= high:
        raise LavError(f"The {name} is {value:g}, outside its range.", _range(low, high))
    return float(value)


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return "Give an angle in degrees."
    return f"Give a number from {low:g} to {high:g}."


def bounded(light: Light) -> Light:
    """The light with azimuths wrapped to (-180, 180]. Raises LavError for what cannot be lit."""
    if light.keys:
        _bounded_keys(light.keys)
    elif not light.lamps and light.ambient.stops is None:
        raise LavError(
            "This light has neither a lamp nor ambient light, so the clip would be black.",
            "Add a lamp.",
        )
    if len(light.lamps) > MAX_LAMPS:
        raise LavError(
            f"This light has {len(light.lamps)} lamps; there can be at most {MAX_LAMPS}.",
            "Take the weakest ones out.",
        )
    return replace(
        light,
        lamps=tuple(_bounded_lamp(lamp) for lamp in light.lamps),
        ambient=_bounded_ambient(light.ambient),
        exposure=None if light.exposure is None else number("exposure", light.exposure),
        bias=number("bias", light.bias),
        haze=number("haze", light.haze),
        source_white=number("source white", light.source_white),
        keys=tuple(Key(key.media_frame, bounded(key.light)) for key in light.keys),
    )


def _bounded_lamp(lamp: Lamp) -> Lamp:
    return replace(
        lamp,
        azimuth=wrapped(number("azimuth", lamp.azimuth)),
        elevation=number("elevation", lamp.elevation),
        kelvin=number("kelvin", lamp.kelvin),
        tint=number("tint", lamp.tint),
        color=_bounded_color(lamp.color),
        stops=number("stops", lamp.stops),
        size=number("size", lamp.size),
        at=None if lamp.at is None else (number("place", lamp.at[0]), number("place", lamp.at[1])),
        radius=number("radius", lamp.radius),
    )


def _bounded_ambient(ambient: Ambient) -> Ambient:
    return replace(
        ambient,
        stops=None if ambient.stops is None else number("stops", ambient.stops),
        kelvin=number("kelvin", ambient.kelvin),
        tint=number("tint", ambient.tint),
        color=_bounded_color(ambient.color),
    )


def _bounded_color(
    color: tuple[float, float, float] | None,
) -> tuple[float, float, float] | None:
    if color is None:
        return None
    red, green, blue = (number("colour", c) for c in color)
    if max(red, green, blue) < 1e-6:
        raise LavError("The colour of a lamp is black: no light.", "Lower its stops instead.")
    return red, green, blue


def _bounded_keys(keys: tuple[Key, ...]) -> None:
    frames = [key.media_frame for key in keys]
    if frames != sorted(set(frames)):
        raise LavError(
            "The keyframes of this light are not in order, or two share a frame.",
            "Sort them by media frame, one per frame.",
        )
    if any(key.light.keys for key in keys):
        raise LavError("A keyframe of this light holds keyframes itself.", "Use one list of keys.")
    if len({_shape(key.light) for key in keys}) > 1:
        raise LavError(
            "The keyframes of this light do not match, so it cannot fade between them.",
            "Give every key the same lamps, each with a colour or with kelvin in all keys, "
            "and ambient, places and exposure in all keys or in none.",
        )


def _shape(light: Light) -> tuple[object, ...]:
    """What must be the same in two lights to fade from one to the other number by number."""
    lamps = tuple((lamp.role, lamp.color is None, lamp.at is None) for lamp in light.lamps)
    ambient = light.ambient
    return (
        lamps,
        ambient.color is None,
        ambient.stops is None,
        light.exposure is None,
    )
