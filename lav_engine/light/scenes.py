"""Scene words: a phrase that means a whole light. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from lav_engine.light.looks import LOOKS
from lav_engine.spec import RGB, Ambient, Lamp, Light, Role


@dataclass(frozen=True, slots=True)
class Scene:
    light: Light
    dye: float = 1.0  # how far a colour word takes its lamps: "blue moonlight" is no blue lamp


def _lamp(
    azimuth: float,
    elevation: float,
    kelvin: float = 5600.0,
    size: float = 0.3,
    color: RGB | None = None,
    role: Role = Role.key,
) -> Lamp:
    return Lamp(role, azimuth, elevation, kelvin, color=color, size=size)


def _light(
    lamp: Lamp, ambient: float, kelvin: float = 5600.0, bias: float = 0.0, haze: float = 0.0
) -> Light:
    return Light(lamps=(lamp,), ambient=Ambient(ambient, kelvin), bias=bias, haze=haze)


_SUNSET = _light(_lamp(-75, 12, 2700, 0.3), -2.2, 7000, haze=0.05)
_SUNRISE = _light(_lamp(-70, 15, 3300, 0.35), -2.0, 7500, bias=0.1, haze=0.05)
_DUSK = _light(_lamp(-60, 25, 4000, 0.6), -1.8, 9000, bias=-0.5, haze=0.02)
_SUN = _light(_lamp(-50, 45, 5300, 0.1), -2.4, 7000, bias=0.1)
_NOON = _light(_lamp(-25, 70, 5600, 0.08), -2.3, 7000, bias=0.1)
_FIRE = _light(_lamp(-55, -18, 2000, 0.35, role=Role.practical), -2.6, 3200, bias=-0.4)
_SCREEN = _light(_lamp(-40, -10, 9000, 0.5, role=Role.practical), -3.0, bias=-0.5)
_STUDIO = _light(_lamp(-45, 35, size=0.4), -3.0)
_NIGHT = _light(_lamp(-70, 35, 7500, 0.3), -3.2, 8000, bias=-0.8)
_POLICE = Light(
    lamps=(
        _lamp(-75, 10, color=(1.0, 0.05, 0.05), size=0.15),
        _lamp(75, 10, color=(0.08, 0.2, 1.0), size=0.15),
    ),
    ambient=Ambient(-3.0, kelvin=7500),
    bias=-0.4,
)


def _look(name: str, dye: float) -> Scene:
    return Scene(LOOKS[name].light, dye)


# Several phrases may share a scene. A night sky, sun and flames keep most of their own colour.
_PHRASES: dict[str, Scene] = {
    "golden hour, magic hour": _look("golden-hour", 0.5),
    "sunset, setting sun, evening": Scene(_SUNSET, 0.5),
    "sunrise, dawn, morning": Scene(_SUNRISE, 0.5),
    "dusk, twilight": Scene(_DUSK, 0.5),
    "blue hour": Scene(_light(_lamp(-50, 45, 9500, 0.8), -1.6, 11000, bias=-0.5), 0.4),
    "moonlight, moonlit, moon": _look("moonlight", 0.3),
    "night, nighttime, midnight, starlight": Scene(_NIGHT, 0.4),
    "noon, midday": Scene(_NOON, 0.5),
    "sunlight, sunny, sun, sunshine, sunbeam": Scene(_SUN, 0.5),
    "daylight, day, daytime": Scene(_light(_lamp(-50, 45, size=0.4), -1.8, 6500), 0.5),
    "overcast, cloudy, skylight": _look("overcast", 0.5),
    "window light, window": _look("soft-window", 0.6),
    "forest, dappled": Scene(_light(_lamp(-45, 50, 5400, 0.3), -1.8, 6000, haze=0.03), 0.5),
    "underwater": Scene(
        _light(_lamp(-15, 70, size=0.6, color=(0.25, 0.75, 0.9)), -1.5, 12000, -0.2, 0.06), 0.6
    ),
    "lightning": Scene(_light(_lamp(-50, 45, 9000, 0.02), -3.5, bias=-0.2), 0.5),
    "candle light, candlelight, candle, candlelit": _look("candle", 0.4),
    "firelight, campfire, bonfire, fireplace, fire, flame": Scene(_FIRE, 0.4),
    "tungsten, incandescent, lamplight, lamp, bulb, lantern": _look("lamplight", 1.0),
    "fluorescent, office light": Scene(
        Light(
            lamps=(Lamp(Role.key, -20, 70, kelvin=4300, tint=8, size=0.8),),
            ambient=Ambient(-1.5, kelvin=4300, tint=6),
        )
    ),
    "tv, television, screen, monitor, computer": Scene(_SCREEN, 0.8),
    "headlight, flashlight, torch": Scene(_light(_lamp(-10, 0, 5000, 0.1), -3.5, bias=-0.3)),
    "studio, portrait lighting, beauty light, beauty dish": Scene(_STUDIO),
    "softbox, soft box": Scene(_light(_lamp(-50, 35, size=0.65), -3.0)),
    "three point": _look("three-point", 1.0),
    "spotlight, spot light, stage": Scene(
        _light(_lamp(-25, 55, 4800, 0.05), -3.8, bias=-0.15, haze=0.02)
    ),
    "noir, film noir": _look("noir", 1.0),
    "horror, spooky": Scene(_light(_lamp(-20, -45, 6500, 0.1), -3.6, bias=-0.4)),
    "neon, cyberpunk, nightclub, club, synthwave": _look("neon", 1.0),
    "teal and orange, orange and teal": _look("teal-and-orange", 1.0),
    "police": Scene(_POLICE),
}
SCENES: dict[str, Scene] = {
    phrase: scene for phrases, scene in _PHRASES.items() for phrase in phrases.split(", ")
}
