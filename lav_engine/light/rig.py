"""A light request becomes a light. Standard library only.

A saved light is taken as it is. Otherwise a prompt is laid over a preset (or a plain key with a
little ambient light); numbers alone are one white lamp and nothing else, so that a stop on it is a
stop of everything. Every explicit number then overrides that number of the first lamp.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace

from lav_engine.errors import LavError
from lav_engine.light import lexicon, looks
from lav_engine.light.bounds import MAX_LAMPS, bounded, number
from lav_engine.light.directions import opposite, turned
from lav_engine.spec import Ambient, Lamp, LampPatch, Light, LightRequest, Role

EVERYWHERE = Light(ambient=Ambient(stops=0.0))


@dataclass(frozen=True, slots=True)
class Resolved:
    light: Light  # every number within its range
    matched_words: tuple[str, ...] = ()
    unmatched_words: tuple[str, ...] = ()  # of the prompt: not understood as light


def resolve(request: LightRequest, *, needs_lamps: bool = True) -> Resolved:
    """Raises LavError for a number out of range, an unknown preset, or no light at all.

    A prompt in which no word is understood is no light. For engines that read words themselves
    (`needs_lamps` False) it is light from everywhere, without a lamp.
    """
    base, follows, words = _base(request, needs_lamps)
    light = _overridden(base, request, follows)
    return replace(words, light=bounded(light))


def _base(request: LightRequest, needs_lamps: bool) -> tuple[Light, bool, Resolved]:
    """The light before numbers, whether its lamps follow the first when that is turned, words."""
    if request.light is not None:
        light = bounded(request.light)
        light = replace(light, prompt=request.prompt or light.prompt)
        return light, False, Resolved(light)
    preset = looks.find(request.preset).light if request.preset else None
    if request.prompt.strip():
        spoken = lexicon.parse(request.prompt)
        if not (spoken.matched or preset or _has_numbers(request)):
            if needs_lamps:
                raise _not_understood(request.prompt, spoken.unmatched)
            light = replace(EVERYWHERE, prompt=request.prompt)
            return light, False, Resolved(light, (), spoken.unmatched)
        light = replace(spoken.over(preset or lexicon.BASE), prompt=request.prompt)
        return light, spoken.aims < 2, Resolved(light, spoken.matched, spoken.unmatched)
    if preset:
        return preset, True, Resolved(preset)
    if not (_has_numbers(request) or needs_lamps):
        return EVERYWHERE, False, Resolved(EVERYWHERE)
    if not _has_numbers(request):
        raise LavError(
            "Nothing says what the light should be.",
            "Give a prompt, a preset, a saved light, or a direction.",
        )
    light = Light(lamps=(Lamp(),))
    return light, False, Resolved(light)


def _has_numbers(request: LightRequest) -> bool:
    return request.lamp != LampPatch() or request.key_fill is not None


def _not_understood(prompt: str, words: tuple[str, ...]) -> LavError:
    hint = "Say one, like 'golden hour from the left', or choose one of `lav presets`."
    if near := lexicon.nearest(prompt):
        hint = f"Did you mean {' or '.join(map(repr, near))}? `lav presets` shows all looks."
    said = ", ".join(words) or prompt.strip()
    return LavError(f"No word of this prompt says a light: {said}.", hint)


def _overridden(light: Light, request: LightRequest, follows: bool) -> Light:
    """Explicit numbers over the light and, where it is keyed, over each of its keys."""
    patch = request.lamp
    if patch != LampPatch():
        light = replace(light, lamps=_patched(light.lamps or (Lamp(),), patch, follows))
    if request.key_fill is not None:
        light = replace(light, lamps=_filled(light.lamps, request.key_fill))
    if request.exposure is not None:
        light = replace(light, exposure=request.exposure)
    if request.haze is not None:
        light = replace(light, haze=request.haze)
    keys = tuple(replace(k, light=_overridden(k.light, request, follows)) for k in light.keys)
    if keys and light.exposure is None:
        light = replace(light, exposure=keys[0].light.exposure)  # keyed exposure: nothing to solve
    return replace(light, keys=keys)


def _patched(lamps: tuple[Lamp, ...], patch: LampPatch, follows: bool) -> tuple[Lamp, ...]:
    """A preset's other lamps follow the first around; lamps placed one by one stay."""
    said = {f.name: value for f in fields(patch) if (value := getattr(patch, f.name)) is not None}
    if patch.color is None and (patch.kelvin is not None or patch.tint is not None):
        said["color"] = None
    if follows and patch.azimuth is not None:
        lamps = turned(lamps, number("azimuth", patch.azimuth))
    return (replace(lamps[0], **said), *lamps[1:])


def _filled(lamps: tuple[Lamp, ...], ratio: float) -> tuple[Lamp, ...]:
    """A soft fill across from the key, `ratio` times weaker; an existing fill gets the stops."""
    key = lamps[0] if lamps else Lamp()
    stops = key.stops - math.log2(number("key to fill ratio", ratio))
    if any(lamp.role == Role.fill for lamp in lamps):
        return tuple(replace(a, stops=stops) if a.role == Role.fill else a for a in lamps)
    if len(lamps) >= MAX_LAMPS:
        raise LavError(
            f"This light already has {MAX_LAMPS} lamps, so there is no room for a fill.",
            "Leave the key to fill ratio out, or take a lamp away.",
        )
    fill = Lamp(Role.fill, opposite(key.azimuth), 20.0, key.kelvin, key.tint, key.color, stops, 0.9)
    return (*(lamps or (key,)), fill)
