"""A strip's light settings as lav.v1 says them, and back."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import bpy

from ..messages import Ambient, Color, Lamp, Light, LightRequest, from_json, to_json
from ..model import Refusal, TakeRecord
from ..settings import Settings
from . import strips

PLAIN = Light(ambient=Ambient(stops=-2.6, kelvin=4600.0))  # what the default lamp stands in
DEFAULTS = {"azimuth": 0.0, "elevation": 0.0, "kelvin": 5600.0, "tint": 0.0, "stops": 0.0}
SMALLEST = 0.3  # a lamp's size where nothing is said

SHARED = (
    *("preset", "title", "prompt", "by_hand", "base", "count", "is_exposure_locked", "exposure"),
    *("amount", "engine", "mask_from", "mask_strip", "mask_file", "handles", "place"),
)
OF_LAMP = ("role", *DEFAULTS, "use_color", "color", "size")


def settings_of(scene: Any, strip: Any) -> Settings:
    """Raises Refusal where the mask that is wanted is not there."""
    light = strip.lav_light
    title = light.title if light.preset else "Light"
    return Settings(
        light=request_of(light),
        look=light.preset or "light",
        title=f"{title}, changed" if light.by_hand and light.preset else title,
        engine=light.engine,
        amount=light.amount,
        mask=_mask(scene, light),
        handles=light.handles,
        above=light.place == "ABOVE",
    )


def request_of(light: Any) -> LightRequest:
    exposure = light.exposure if light.is_exposure_locked else None
    if not light.by_hand:
        return LightRequest(light.prompt, light.preset, exposure=exposure)
    whole = replace(base_of(light), lamps=lamps_as_shown(light), exposure=exposure)
    return LightRequest(light.prompt, light.preset, light=whole)


def lamps_of(light: Any) -> list[Any]:
    return [light.lamp_1, light.lamp_2, light.lamp_3][: light.count]


def base_of(light: Any) -> Light:
    return from_json(Light, json.loads(light.base)) if light.base else PLAIN


def fill(light: Any, said: Light, *, by_hand: bool) -> None:
    """Shows a light in the lamps. With `by_hand` that is what is sent from then on."""
    light.base = json.dumps(to_json(said))
    first = said.keys[0].light if said.keys and said.keys[0].light else said
    light.count = max(1, min(3, len(first.lamps)))
    light.shown = min(light.shown, light.count - 1)
    for group, lamp in zip(lamps_of(light), first.lamps):  # noqa: B905  (3.9 has no strict)
        _fill_lamp(group, lamp)
    light.by_hand = by_hand


def copy(light: Any) -> dict[str, Any]:
    """All of it as plain values, to be pasted."""
    lamps = [{name: _value(lamp, name) for name in OF_LAMP} for lamp in lamps_of(light)]
    return {**{name: getattr(light, name) for name in SHARED}, "lamps": lamps}


def paste(light: Any, said: dict[str, Any]) -> None:
    light.count = said["count"]
    for group, lamp in zip(lamps_of(light), said["lamps"]):  # noqa: B905
        for name in OF_LAMP:
            setattr(group, name, lamp[name])
    for name in SHARED:
        setattr(light, name, said[name])
    light.is_touched = True


def _value(lamp: Any, name: str) -> Any:
    return tuple(lamp.color) if name == "color" else getattr(lamp, name)


def _fill_lamp(group: Any, lamp: Lamp) -> None:
    group.role = lamp.role or "ROLE_KEY"
    for name, default in DEFAULTS.items():
        said = getattr(lamp, name)
        setattr(group, name, default if said is None else said)
    group.size = SMALLEST if lamp.size is None else lamp.size
    group.use_color = lamp.color is not None
    if lamp.color:
        group.color = (lamp.color.red, lamp.color.green, lamp.color.blue)


def lamps_as_shown(light: Any) -> tuple[Lamp, ...]:
    """A practical's place in the picture is the base's."""
    before = base_of(light).lamps
    lamps = []
    for at, group in enumerate(lamps_of(light)):
        known = before[at] if at < len(before) else Lamp()
        numbers = {name: getattr(group, name) for name in (*DEFAULTS, "size")}
        color = Color(*group.color) if group.use_color else None
        lamps.append(replace(known, role=group.role, color=color, **numbers))
    return tuple(lamps)


def _mask(scene: Any, light: Any) -> str:
    """Empty where the subject is to be found in the picture. Raises Refusal where a mask is
    wanted that is not there."""
    if light.mask_from == "FILE":
        if not light.mask_file:
            raise _no_mask("No file is chosen as the mask.")
        return bpy.path.abspath(light.mask_file)
    if light.mask_from == "STRIP":
        found = [one for one in strips.of(scene) if one.name == light.mask_strip]
        if not found:
            raise _no_mask(f"The mask strip {light.mask_strip} is not there.".replace("  ", " "))
        return _file_of(found[0])
    return ""


def _no_mask(said: str) -> Refusal:
    return Refusal(said, "Choose another one, or Auto.", "MASK_MISSING")


def _file_of(strip: Any) -> str:
    if strips.is_movie(strip):
        return strips.filepath(strip)
    if strip.type == "IMAGE" and len(strip.elements) == 1:
        return os.path.join(strips.absolute(strip.directory), strip.elements[0].filename)
    raise _no_mask(f"{strip.name} cannot be a mask: that is one picture, or a movie.")


def restore(light: Any, take: TakeRecord) -> None:
    """The light a take was made with, its exposure locked, as settings for a new version."""
    asked = take.asked
    light.preset = asked.preset if asked else ""
    light.title = take.name
    light.prompt = take.light.prompt if not asked else asked.prompt
    fill(light, take.light, by_hand=True)
    light.engine, light.amount = take.engine, take.amount
    light.is_exposure_locked = take.light.exposure is not None
    light.exposure = take.light.exposure or 0.0
    light.mask_from, light.mask_file = ("FILE", take.mask) if take.mask else ("NONE", "")
    light.is_touched = True
