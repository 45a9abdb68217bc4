"""Looks: named lights that survive scopes. Standard library only.

A look's key is at 0 stops; the rest are ratios to it, since exposure is solved per clip. No look
has pure black shadows: ambient stays within four stops of the key. A dark look is dark around
its light: biases down to -.8 leave the lit side of a face less than half a stop under.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from lav_engine.errors import Code, LavError
from lav_engine.spec import Ambient, Lamp, Light, Role

GROUPS = ("Natural", "Indoor", "Night", "Stylised")


@dataclass(frozen=True, slots=True)
class Look:
    name: str
    title: str
    group: str  # one of GROUPS
    summary: str
    light: Light  # from its own default side; its prompt is for engines that read words


def find(name: str) -> Look:
    """Raises LavError(UNKNOWN_PRESET) with the nearest name, or all there are."""
    if name in LOOKS:
        return LOOKS[name]
    near = get_close_matches(name.lower().replace(" ", "-"), LOOKS, n=1)
    hint = f"Did you mean {near[0]!r}?" if near else f"Choose one of: {', '.join(LOOKS)}."
    raise LavError(f"There is no light preset called {name!r}.", hint, Code.unknown_preset)


_ALL = (
    Look(
        "golden-hour",
        "Golden hour",
        "Natural",
        "Low warm sun from the side, cool sky in the shadows.",
        Light(
            prompt="golden hour, warm low sunlight",
            lamps=(Lamp(Role.key, -84, 15, kelvin=3100, size=0.15),),
            ambient=Ambient(-3.8, kelvin=7500),
            bias=0.15,
            haze=0.03,
        ),
    ),
    Look(
        "backlit-sunset",
        "Sunset behind",
        "Natural",
        "The sun low behind the subject, a soft fill from the camera.",
        Light(
            prompt="backlit by the setting sun, warm rim light, hazy",
            lamps=(
                Lamp(Role.key, -150, 14, kelvin=2800, size=0.3),
                Lamp(Role.fill, 25, 20, kelvin=5000, stops=-1.6, size=0.9),
            ),
            ambient=Ambient(-2.3, kelvin=6500),
            haze=0.08,
        ),
    ),
    Look(
        "overcast",
        "Overcast",
        "Natural",
        "Even light from a grey sky, hardly a shadow.",
        Light(
            prompt="soft overcast daylight",
            lamps=(Lamp(Role.key, -20, 65, kelvin=6300, size=1.0),),
            ambient=Ambient(-1.0, kelvin=6600),
        ),
    ),
    Look(
        "soft-window",
        "Soft window",
        "Indoor",
        "Daylight through a large window, the room falls off gently.",
        Light(
            prompt="soft window light",
            lamps=(Lamp(Role.key, -65, 22, kelvin=5800, size=0.7),),
            ambient=Ambient(-2.6, kelvin=4600),
        ),
    ),
    Look(
        "rembrandt",
        "Rembrandt",
        "Indoor",
        "Studio key high at 45 degrees, a triangle of light on the far cheek.",
        Light(
            prompt="rembrandt lighting, studio portrait",
            lamps=(
                Lamp(Role.key, -45, 45, kelvin=5200, size=0.3),
                Lamp(Role.rim, 145, 35, stops=-1.0, size=0.3),
            ),
            ambient=Ambient(-3.2),
        ),
    ),
    Look(
        "three-point",
        "Three-point",
        "Indoor",
        "Key, fill at 3:1 and a rim: the interview.",
        Light(
            prompt="three point studio lighting",
            lamps=(
                Lamp(Role.key, -40, 35, size=0.5),
                Lamp(Role.fill, 50, 15, stops=-1.6, size=0.9),
                Lamp(Role.rim, 150, 40, stops=-0.3, size=0.3),
            ),
            ambient=Ambient(-3.5),
        ),
    ),
    Look(
        "lamplight",
        "Tungsten lamp",
        "Indoor",
        "A table lamp beside the subject in a dim warm room.",
        Light(
            prompt="warm tungsten lamp light, evening interior",
            lamps=(Lamp(Role.practical, -60, 8, kelvin=2900, size=0.4),),
            ambient=Ambient(-2.6, kelvin=3700),
            bias=-0.3,
        ),
    ),
    Look(
        "candle",
        "Candle",
        "Indoor",
        "A small flame, low and close; the room keeps a trace of warm light.",
        Light(
            prompt="candle light",
            lamps=(Lamp(Role.practical, -60, -12, kelvin=2100, size=0.3),),
            ambient=Ambient(-2.6, kelvin=3000),
            bias=-0.4,
        ),
    ),
    Look(
        "moonlight",
        "Moonlight",
        "Night",
        "A cool hard key, deep shadows; blacks stay black and lamps stay warm.",
        Light(
            prompt="moonlight, night",
            lamps=(Lamp(Role.key, -75, 35, kelvin=9000, size=0.15),),
            ambient=Ambient(-3.6, kelvin=8000),
            bias=-0.8,
        ),
    ),
    Look(
        "neon",
        "Neon street",
        "Night",
        "Magenta from one side, cyan from the other.",
        Light(
            prompt="neon light, city night",
            lamps=(
                Lamp(Role.key, -70, 8, color=(1.0, 0.09, 0.45), size=0.3),
                Lamp(Role.kicker, 75, 8, color=(0.08, 0.6, 1.0), stops=-0.5, size=0.3),
            ),
            ambient=Ambient(-3.0, color=(0.65, 0.6, 1.0)),
            bias=-0.4,
            haze=0.02,
        ),
    ),
    Look(
        "noir",
        "Noir",
        "Stylised",
        "One hard lamp from the side, a thin rim, the rest in the dark.",
        Light(
            prompt="film noir lighting, hard shadows",
            lamps=(
                Lamp(Role.key, -75, 28, size=0.05),
                Lamp(Role.rim, 140, 30, stops=-1.0, size=0.1),
            ),
            ambient=Ambient(-4.0),
            bias=-0.4,
        ),
    ),
    Look(
        "teal-and-orange",
        "Teal and orange",
        "Stylised",
        "Warm key on the skin, a teal kicker and teal shadows.",
        Light(
            prompt="teal and orange lighting, cinematic",
            lamps=(
                Lamp(Role.key, -55, 22, kelvin=3600, size=0.4),
                Lamp(Role.kicker, 125, 15, color=(0.12, 0.6, 0.7), stops=-0.5, size=0.3),
            ),
            ambient=Ambient(-2.8, color=(0.5, 0.85, 0.9)),
        ),
    ),
)
LOOKS: dict[str, Look] = {look.name: look for look in _ALL}
