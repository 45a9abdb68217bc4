"""Lights as JSON text, every number written out. Standard library only."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from lav_engine.errors import LavError
from lav_engine.light.bounds import bounded
from lav_engine.spec import RGB, Ambient, Key, Lamp, Light, Role

VERSION = 1
HINT = "Save the light again from the program, or correct the file."


def to_json(light: Light) -> str:
    """The light as text; `from_json` gives an equal one. Raises LavError where it is not valid."""
    return json.dumps({"lav_light": VERSION, **asdict(bounded(light))}, indent=2) + "\n"


def from_json(text: str) -> Light:
    """Raises LavError in one sentence; missing fields keep defaults, unknown ones are refused.

    The sentence does not name the file, which only the caller knows.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LavError("The saved light is not valid JSON.", HINT) from error
    if not isinstance(document, dict) or "lav_light" not in document:
        raise LavError("This file is not a saved light.", "Choose one made by `lav` or the panel.")
    version = document.pop("lav_light")
    if version != VERSION or isinstance(version, bool):
        raise LavError(
            f"The saved light has version {version!r}; this program reads version {VERSION}.",
            "Update the program, or save the light again.",
        )
    return bounded(_light(document))


def _light(value: Any) -> Light:
    return Light(**_fields("light", value, _LIGHT))


def _keys(value: Any) -> tuple[Key, ...]:
    return tuple(Key(**_fields("keyframe", item, _KEY, needed=True)) for item in _list(value))


def _lamps(value: Any) -> tuple[Lamp, ...]:
    return tuple(Lamp(**_fields("lamp", item, _LAMP)) for item in _list(value))


def _ambient(value: Any) -> Ambient:
    return Ambient(**_fields("ambient", value, _AMBIENT))


def _fields(
    what: str, value: Any, readers: dict[str, Callable[[Any], Any]], needed: bool = False
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LavError(f"In the saved light, {what} is {value!r:.40}, not a set of fields.", HINT)
    for name in value.keys() - readers.keys():
        raise LavError(f"In the saved light, {what} has an unknown field {name!r:.40}.", HINT)
    if needed and value.keys() != readers.keys():
        raise LavError(f"In the saved light, a {what} lacks a field.", HINT)
    return {name: readers[name](item) for name, item in value.items()}


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise LavError(f"In the saved light, {value!r:.40} should be a list.", HINT)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise LavError(f"In the saved light, {value!r:.40} should be a number.", HINT)
    return float("inf") if abs(value) > 1e300 else float(value)  # bounds refuse it by name


def _optional(value: Any) -> float | None:
    return None if value is None else _number(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise LavError(f"In the saved light, {value!r:.40} should be text.", HINT)
    return value


def _frame(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise LavError(f"In the saved light, media frame {value!r:.40} is no whole number.", HINT)
    return value


def _role(value: Any) -> Role:
    if not isinstance(value, str) or value not in Role.__members__:
        roles = ", ".join(Role)
        raise LavError(f"In the saved light, {value!r:.40} is no lamp role.", f"Use {roles}.")
    return Role(value)


def _color(value: Any) -> RGB | None:
    if value is None:
        return None
    red, green, blue = _numbers(value, 3)
    return red, green, blue


def _place(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    x, y = _numbers(value, 2)
    return x, y


def _numbers(value: Any, count: int) -> list[float]:
    if len(_list(value)) != count:
        raise LavError(f"In the saved light, {value!r:.40} should be {count} numbers.", HINT)
    return [_number(item) for item in value]


_AMBIENT: dict[str, Callable[[Any], Any]] = {
    "stops": _optional,
    "kelvin": _number,
    "tint": _number,
    "color": _color,
}
_LAMP: dict[str, Callable[[Any], Any]] = {
    "role": _role,
    "azimuth": _number,
    "elevation": _number,
    "kelvin": _number,
    "tint": _number,
    "color": _color,
    "stops": _number,
    "size": _number,
    "at": _place,
    "radius": _number,
}
_LIGHT: dict[str, Callable[[Any], Any]] = {
    "prompt": _text,
    "lamps": _lamps,
    "ambient": _ambient,
    "exposure": _optional,
    "bias": _number,
    "haze": _number,
    "source_white": _number,
    "keys": _keys,
}
_KEY: dict[str, Callable[[Any], Any]] = {"media_frame": _frame, "light": _light}
