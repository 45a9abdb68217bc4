"""What a prompt says about light, and that laid over a base light. Standard library only."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from lav_engine.light.bounds import MAX_LAMPS
from lav_engine.light.directions import opposite, turned
from lav_engine.light.lamp_colour import lamp_rgb
from lav_engine.light.scenes import Scene
from lav_engine.light.vocabulary import Aim, Manner
from lav_engine.spec import RGB, Lamp, Light, Role

SECONDARY = (Role.fill, Role.rim, Role.kicker)
NO_AMBIENT = -6.0  # stops: where a word about ambient starts when there is none


@dataclass(frozen=True, slots=True)
class Source:
    """A lamp the prompt speaks of; None is not said."""

    role: Role | None = None
    color: RGB | None = None
    kelvin: float | None = None
    aim: Aim | None = None


@dataclass(frozen=True, slots=True)
class Spoken:
    sources: tuple[Source, ...]  # the key first; there is always a key
    scene: Scene | None
    darkening: float  # EV: the darkest scene word counts ("candle light at night"); inf for none
    manner: Manner  # all manners added up
    matched: tuple[str, ...]
    unmatched: tuple[str, ...]  # words that say nothing about light here

    @property
    def aims(self) -> int:
        """How many lamps the prompt places itself."""
        return sum(source.aim is not None for source in self.sources)

    def over(self, base: Light) -> Light:
        """The light that is said; what is not said comes from `base`, which has a lamp."""
        light = self.scene.light if self.scene else base
        lamps = _turned(light.lamps, self.sources[0].aim, self.manner)
        dye = self.scene.dye if self.scene else 1.0
        light = replace(
            light,
            lamps=_sourced(lamps, self.sources, dye, light.source_white),
            bias=min(light.bias, self.darkening),
        )
        return _mannered(light, self.manner)


def _turned(lamps: tuple[Lamp, ...], aim: Aim | None, manner: Manner) -> tuple[Lamp, ...]:
    """The rig with its key where it is said to be; a manner places it on whichever side it is."""
    key = lamps[0]
    azimuth = aim.azimuth if aim else key.azimuth
    elevation = manner.elevation
    if manner.azimuth is not None:
        azimuth = math.copysign(manner.azimuth, azimuth or key.azimuth)
    if aim and aim.elevation is not None:
        elevation = aim.elevation
    if azimuth != key.azimuth:
        lamps = turned(lamps, azimuth)
    if elevation is None:
        return lamps
    return (replace(lamps[0], elevation=elevation), *lamps[1:])


def _sourced(
    lamps: tuple[Lamp, ...], sources: tuple[Source, ...], dye: float, source_white: float
) -> tuple[Lamp, ...]:
    """The lamps with colours and places as said; lamps that are missing are made."""
    key, *rest = lamps
    result = [_coloured(key, sources[0], dye, source_white)]
    for source in sources[1:]:
        spare = next((lamp for lamp in rest if source.role in (None, lamp.role)), None)
        if spare:
            rest.remove(spare)
        lamp = _placed(spare or _companion(result, source.role), source.aim)
        result.append(_coloured(lamp, source, dye, source_white))
    if any(source.color or source.kelvin for source in sources):
        rest = [lamp for lamp in rest if lamp.color is None]  # "red neon" is not also cyan
    return (*result, *rest)[:MAX_LAMPS]


def _companion(lamps: list[Lamp], role: Role | None) -> Lamp:
    """A lamp the base does not have: across from the key, and a third one above."""
    key = lamps[0]
    across = opposite(key.azimuth)
    if role == Role.fill:
        return Lamp(Role.fill, across, 20.0, key.kelvin, stops=key.stops - 1.6, size=0.9)
    if role == Role.rim or role == Role.kicker:
        azimuth = math.copysign(145.0 if role == Role.rim else 125.0, across)
        return Lamp(role, azimuth, 30.0, key.kelvin, stops=key.stops - 0.3, size=0.2)
    if len(lamps) == 1:
        return replace(key, azimuth=across)
    return replace(key, azimuth=0.0, elevation=70.0)


def _placed(lamp: Lamp, aim: Aim | None) -> Lamp:
    if aim is None:
        return lamp
    azimuth = aim.azimuth
    if lamp.role == Role.rim and azimuth:
        azimuth = math.copysign(lamp.azimuth, azimuth)  # a rim from the left is still behind
    elevation = lamp.elevation if aim.elevation is None else aim.elevation
    return replace(lamp, azimuth=azimuth, elevation=elevation)


def _coloured(lamp: Lamp, source: Source, dye: float, source_white: float) -> Lamp:
    if source.kelvin is not None:
        return replace(lamp, kelvin=source.kelvin, color=None)
    if source.color is None:
        return lamp
    own = lamp_rgb(replace(lamp, color=None), source_white)
    red, green, blue = (
        (1.0 - dye) * o / max(own) + dye * c for o, c in zip(own, source.color, strict=True)
    )
    return replace(lamp, color=(red, green, blue))


def _mannered(light: Light, manner: Manner) -> Light:
    lamps = tuple(
        replace(
            lamp,
            size=_softened(lamp.size, manner.size),
            kelvin=_warmed(lamp.kelvin, manner.mired),
        )
        for lamp in light.lamps
    )
    ambient = light.ambient
    if manner.ambient:
        start = NO_AMBIENT if ambient.stops is None else ambient.stops
        ambient = replace(ambient, stops=_within(-6.0, start + manner.ambient, 1.0))
    ambient = replace(ambient, kelvin=_warmed(ambient.kelvin, manner.mired / 2))
    return replace(
        light,
        lamps=lamps,
        ambient=ambient,
        bias=_within(-2.0, light.bias + manner.bias, 1.5),
        haze=_within(0.0, light.haze + manner.haze, 0.3),
    )


def _softened(size: float, change: float) -> float:
    return _within(0.02, size + change * (1.0 - size if change > 0 else 1.0), 1.0)


def _warmed(kelvin: float, mired: float) -> float:
    return _within(1500.0, 1e6 / max(1e6 / kelvin + mired, 50.0), 20000.0) if mired else kelvin


def _within(low: float, value: float, high: float) -> float:
    return min(max(value, low), high)
