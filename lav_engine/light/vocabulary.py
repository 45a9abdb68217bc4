"""The words a light is made of: colours, directions, manners, degrees. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from lav_engine.light.directions import DIRECTIONS
from lav_engine.spec import RGB, Role


@dataclass(frozen=True, slots=True)
class Aim:
    """A place the light comes from; None is not said."""

    azimuth: float
    elevation: float | None


@dataclass(frozen=True, slots=True)
class Manner:
    """What a word adds to a light; `azimuth` and `elevation` are where, on whichever side."""

    size: float = 0.0  # + is the share of what lacks to overcast, - is taken off
    ambient: float = 0.0  # stops
    bias: float = 0.0  # EV
    haze: float = 0.0
    mired: float = 0.0  # + is warmer
    azimuth: float | None = None  # degrees off the camera's axis, unsigned
    elevation: float | None = None


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COLOURS: dict[str, RGB] = {  # linear Rec.709
    "red": (1.0, 0.06, 0.05),
    "crimson": (1.0, 0.04, 0.12),
    "scarlet": (1.0, 0.09, 0.04),
    "rose": (1.0, 0.35, 0.42),
    "pink": (1.0, 0.24, 0.46),
    "magenta": (1.0, 0.07, 0.75),
    "fuchsia": (1.0, 0.07, 0.65),
    "purple": (0.5, 0.12, 1.0),
    "violet": (0.42, 0.15, 1.0),
    "indigo": (0.22, 0.12, 1.0),
    "lavender": (0.65, 0.55, 1.0),
    "blue": (0.1, 0.28, 1.0),
    "cobalt": (0.07, 0.22, 1.0),
    "azure": (0.15, 0.5, 1.0),
    "cyan": (0.08, 0.8, 1.0),
    "aqua": (0.08, 0.8, 1.0),
    "turquoise": (0.1, 0.8, 0.7),
    "teal": (0.08, 0.7, 0.68),
    "green": (0.1, 1.0, 0.18),
    "emerald": (0.06, 0.8, 0.3),
    "lime": (0.45, 1.0, 0.1),
    "yellow": (1.0, 0.72, 0.1),
    "gold": (1.0, 0.6, 0.17),
    "golden": (1.0, 0.6, 0.2),
    "amber": (1.0, 0.45, 0.08),
    "orange": (1.0, 0.37, 0.07),
    "peach": (1.0, 0.6, 0.42),
    "sepia": (1.0, 0.7, 0.42),
    "silver": (0.88, 0.94, 1.0),
    "white": (1.0, 1.0, 1.0),
}


def _aim(name: str) -> Aim:
    return Aim(*DIRECTIONS[name])


_LEFT = Aim(DIRECTIONS["left"][0], None)  # "golden hour from the left" keeps its low sun
_RIGHT = Aim(DIRECTIONS["right"][0], None)
AIMS: dict[str, Aim] = {
    "left": _LEFT,
    "left side": _LEFT,
    "left hand side": _LEFT,
    "camera left": _LEFT,
    "screen left": _LEFT,
    "right": _RIGHT,
    "right side": _RIGHT,
    "right hand side": _RIGHT,
    "camera right": _RIGHT,
    "screen right": _RIGHT,
    "top left": _aim("top-left"),
    "upper left": _aim("top-left"),
    "above left": _aim("top-left"),
    "top right": _aim("top-right"),
    "upper right": _aim("top-right"),
    "above right": _aim("top-right"),
    "bottom left": _aim("bottom-left"),
    "lower left": _aim("bottom-left"),
    "bottom right": _aim("bottom-right"),
    "lower right": _aim("bottom-right"),
    "kicker left": _aim("kicker-left"),
    "kicker right": _aim("kicker-right"),
    "above": _aim("top"),
    "overhead": _aim("top"),
    "top": _aim("top"),
    "ceiling": _aim("top"),
    "below": _aim("bottom"),
    "bottom": _aim("bottom"),
    "underneath": _aim("bottom"),
    "floor": _aim("bottom"),
    "footlight": _aim("bottom"),
    "underlight": _aim("bottom"),
}

_BEHIND = Manner(azimuth=150, elevation=15, ambient=0.7, haze=0.02)
_FRONT = Manner(azimuth=0, elevation=10)
_SIDE = Manner(azimuth=90, elevation=8)
MANNERS: dict[str, Manner] = {
    "backlit": _BEHIND,
    "back lit": _BEHIND,
    "backlight": _BEHIND,
    "back light": _BEHIND,
    "backlighting": _BEHIND,
    "back lighting": _BEHIND,
    "contre jour": _BEHIND,
    "silhouette": Manner(azimuth=165, elevation=15, ambient=-1.0, bias=-0.8),
    "from behind": _BEHIND,
    "behind the subject": _BEHIND,
    "from the back": _BEHIND,
    "from the front": _FRONT,
    "frontal": _FRONT,
    "front lit": _FRONT,
    "front light": _FRONT,
    "front lighting": _FRONT,
    "ring light": _FRONT,
    "on axis": _FRONT,
    "flat light": Manner(azimuth=0, elevation=10, ambient=1.0, size=0.3),
    "flat lighting": Manner(azimuth=0, elevation=10, ambient=1.0, size=0.3),
    "side light": _SIDE,
    "side lighting": _SIDE,
    "side lit": _SIDE,
    "sidelight": _SIDE,
    "sidelit": _SIDE,
    "split lighting": _SIDE,
    "three quarter": Manner(azimuth=45, elevation=30),
    "rembrandt": Manner(azimuth=45, elevation=45, ambient=-0.3),
    "loop lighting": Manner(azimuth=35, elevation=35),
    "butterfly": Manner(azimuth=0, elevation=50),
    "paramount": Manner(azimuth=0, elevation=50),
    "low angle": Manner(elevation=6),
    "low sun": Manner(elevation=8),
    "long shadow": Manner(elevation=8, size=-0.1),
    "soft": Manner(size=0.5),
    "softly": Manner(size=0.5),
    "diffuse": Manner(size=0.6),
    "diffused": Manner(size=0.6),
    "gentle": Manner(size=0.35, ambient=0.3),
    "hard": Manner(size=-0.3),
    "harsh": Manner(size=-0.3, ambient=-0.3),
    "crisp": Manner(size=-0.2),
    "shadow": Manner(size=-0.3, ambient=-1.5),
    "soft shadow": Manner(size=0.5),
    "hard shadow": Manner(size=-0.3),
    "deep shadow": Manner(ambient=-1.0),
    "dramatic": Manner(size=-0.1, ambient=-1.0),
    "cinematic": Manner(ambient=-0.5),
    "moody": Manner(ambient=-0.8, bias=-0.3),
    "natural": Manner(ambient=0.3),
    "nature": Manner(ambient=0.3),
    "high contrast": Manner(ambient=-1.0),
    "contrasty": Manner(ambient=-1.0),
    "low contrast": Manner(ambient=1.2, size=0.15),
    "low key": Manner(ambient=-1.0, bias=-0.5),
    "high key": Manner(ambient=1.5, bias=0.35, size=0.3),
    "even": Manner(ambient=1.0, size=0.2),
    "bright": Manner(bias=0.35),
    "brightly": Manner(bias=0.35),
    "dark": Manner(ambient=-0.6, bias=-0.5),
    "dim": Manner(bias=-0.4),
    "dimly": Manner(bias=-0.4),
    "warm": Manner(mired=90),
    "cozy": Manner(mired=60),
    "cool": Manner(mired=-50),
    "cold": Manner(mired=-75),
    "foggy": Manner(haze=0.1, size=0.2),
    "fog": Manner(haze=0.1, size=0.2),
    "misty": Manner(haze=0.08, size=0.1),
    "mist": Manner(haze=0.08, size=0.1),
    "hazy": Manner(haze=0.07),
    "haze": Manner(haze=0.07),
    "smoky": Manner(haze=0.06),
    "volumetric": Manner(haze=0.06),
    "god ray": Manner(haze=0.06),
}
# Words that describe things as often as light: "a dark suit" is no dark light.
ADJECTIVES = _words(
    "soft softly gentle hard harsh crisp bright dark dim warm cool cold even natural"
)

ROLES: dict[str, Role] = {
    "key": Role.key,
    "key light": Role.key,
    "fill": Role.fill,
    "fill light": Role.fill,
    "rim": Role.rim,
    "rim light": Role.rim,
    "rim lighting": Role.rim,
    "edge light": Role.rim,
    "hair light": Role.rim,
    "kicker": Role.kicker,
}

DEGREES: dict[str, float] = {
    "very": 1.6,
    "really": 1.6,
    "super": 1.8,
    "extremely": 2.0,
    "strong": 1.5,
    "strongly": 1.5,
    "intense": 1.6,
    "slightly": 0.5,
    "slight": 0.5,
    "subtle": 0.5,
    "subtly": 0.5,
    "a bit": 0.5,
    "a little": 0.5,
    "little": 0.5,
    "faint": 0.5,
}
NEGATIONS = _words("no not without never minus")

# Nouns that make the words before them words about light.
NOUNS = _words(
    "light lights lighting lit illumination illuminated glow glowing hue tone tint gel ray beam "
    "shine gleam ambience ambiance atmosphere atmospheric mood vibe look feel feeling "
    "source scene style room place air"
)
# Words that end a phrase about light or a thing.
BREAKS = _words(", from with in on at of to by under over through into near behind while")
FILLERS = (
    NOUNS
    | BREAKS
    | _words(
        "a an the and or is are it its it's his her their there this that as for but "
        "coming falling shining hitting lighted side ambient photo shot"
    )
    | {"on top of", "at the bottom of", "in front of", "on the floor", "right now", "all right"}
)
