"""A keyed light at one media frame, number by number. Standard library only."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from lav_engine.light.directions import wrapped
from lav_engine.spec import RGB, Ambient, Lamp, Light


def light_at(light: Light, media_frame: float) -> Light:
    """The light at a media frame, without keys; before the first and after the last key it holds.

    Numbers run linearly between keys, an azimuth along the shorter arc, kelvin in mireds. Keys
    without an exposure of their own take the light's.
    """
    if not light.keys:
        return light
    after = bisect_right([key.media_frame for key in light.keys], media_frame)
    first = light.keys[max(after - 1, 0)]
    last = light.keys[min(after, len(light.keys) - 1)]
    span = last.media_frame - first.media_frame
    t = (media_frame - first.media_frame) / span if span else 0.0
    between = _light(first.light, last.light, t) if t > 0.0 else first.light
    exposure = light.exposure if between.exposure is None else between.exposure
    return replace(between, prompt=between.prompt or light.prompt, exposure=exposure)


def _light(a: Light, b: Light, t: float) -> Light:
    return replace(
        a,
        lamps=tuple(_lamp(x, y, t) for x, y in zip(a.lamps, b.lamps, strict=True)),
        ambient=_ambient(a.ambient, b.ambient, t),
        exposure=_optional(a.exposure, b.exposure, t),
        bias=_mix(a.bias, b.bias, t),
        haze=_mix(a.haze, b.haze, t),
        source_white=_kelvin(a.source_white, b.source_white, t),
    )


def _lamp(a: Lamp, b: Lamp, t: float) -> Lamp:
    at = None
    if a.at is not None and b.at is not None:
        at = _mix(a.at[0], b.at[0], t), _mix(a.at[1], b.at[1], t)
    return replace(
        a,
        azimuth=wrapped(a.azimuth + t * wrapped(b.azimuth - a.azimuth)),
        elevation=_mix(a.elevation, b.elevation, t),
        kelvin=_kelvin(a.kelvin, b.kelvin, t),
        tint=_mix(a.tint, b.tint, t),
        color=_color(a.color, b.color, t),
        stops=_mix(a.stops, b.stops, t),
        size=_mix(a.size, b.size, t),
        at=at,
        radius=_mix(a.radius, b.radius, t),
    )


def _ambient(a: Ambient, b: Ambient, t: float) -> Ambient:
    return Ambient(
        stops=_optional(a.stops, b.stops, t),
        kelvin=_kelvin(a.kelvin, b.kelvin, t),
        tint=_mix(a.tint, b.tint, t),
        color=_color(a.color, b.color, t),
    )


def _mix(a: float, b: float, t: float) -> float:
    return a + t * (b - a)


def _optional(a: float | None, b: float | None, t: float) -> float | None:
    return None if a is None or b is None else _mix(a, b, t)


def _kelvin(a: float, b: float, t: float) -> float:
    return a if a == b else 1.0 / _mix(1.0 / a, 1.0 / b, t)


def _color(a: RGB | None, b: RGB | None, t: float) -> RGB | None:
    if a is None or b is None:
        return None
    return _mix(a[0], b[0], t), _mix(a[1], b[1], t), _mix(a[2], b[2], t)
