"""Words to light. Standard library only.

The longest phrase wins. A scene word is a whole light; colours make lamps; a direction belongs to
the colour or role it follows; a manner ("soft", "low key") shifts what is there. All other words
are handed back. Saturation and contrast are grading, not light, so those words are among them.
"""

from __future__ import annotations

import math
from dataclasses import replace
from difflib import get_close_matches

from lav_engine.light.bounds import MAX_LAMPS
from lav_engine.light.phrases import Phrase, phrases
from lav_engine.light.scenes import SCENES
from lav_engine.light.spoken import SECONDARY, Source, Spoken
from lav_engine.light.vocabulary import AIMS, COLOURS, MANNERS, ROLES, Aim, Manner
from lav_engine.spec import Ambient, Lamp, Light, Role

BASE = Light(lamps=(Lamp(azimuth=-55.0, elevation=28.0, size=0.35),), ambient=Ambient(-3.0))
_SAYING = ("scene", "colour", "kelvin", "aim", "manner", "role")


def parse(prompt: str) -> Spoken:
    """Never fails; lay the result over `BASE` or a preset's light with `Spoken.over`."""
    said = phrases(prompt)
    scenes = [SCENES[phrase.text] for phrase in said if phrase.kind == "scene"]
    lost = [phrase.text for phrase in said if phrase.kind == "unknown"]
    # A flame or lamp in the picture outshines the night or room it stands in.
    scenes.sort(key=lambda scene: scene.light.lamps[0].role != Role.practical)
    return Spoken(
        sources=_sources(said),
        scene=scenes[0] if scenes else None,
        darkening=min((scene.light.bias for scene in scenes), default=math.inf),
        manner=_manner(said),
        matched=tuple(dict.fromkeys(phrase.text for phrase in said if phrase.kind in _SAYING)),
        unmatched=tuple(dict.fromkeys(word for word in lost if len(word) > 2)),
    )


def nearest(prompt: str) -> tuple[str, ...]:
    """Scene words that begin with one of the prompt's, or else look like it."""
    words = prompt.lower().split()
    begun = tuple(phrase for phrase in SCENES if phrase.split()[0] in words)
    return begun or tuple(get_close_matches(prompt.lower().strip(), SCENES, 1, 0.8))


def _manner(said: list[Phrase]) -> Manner:
    """All manners added up; the first that has a place gives it."""
    total = Manner()
    for phrase in said:
        if phrase.kind != "manner":
            continue
        word, degree = MANNERS[phrase.text], phrase.degree
        total = Manner(
            size=total.size + degree * word.size,
            ambient=total.ambient + degree * word.ambient,
            bias=total.bias + degree * word.bias,
            haze=total.haze + degree * word.haze,
            mired=total.mired + degree * word.mired,
            azimuth=word.azimuth if total.azimuth is None and degree > 0 else total.azimuth,
            elevation=word.elevation if total.elevation is None and degree > 0 else total.elevation,
        )
    return total


def _sources(said: list[Phrase]) -> tuple[Source, ...]:
    """Lamps in the order said, the key first, each with the direction that belongs to it."""
    sources: list[tuple[int, Source]] = []  # where in the prompt, and what
    aims: list[tuple[int, Aim]] = []
    for i, (kind, text, _) in enumerate(said):
        if kind == "aim":
            aims.append((i, AIMS[text]))
        elif kind == "role" and sources and sources[-1][0] == i - 1:  # "blue rim light"
            sources[-1] = (i, replace(sources[-1][1], role=ROLES[text]))
        elif kind == "role":
            sources.append((i, Source(role=ROLES[text])))
        elif kind == "colour":
            sources.append((i, Source(color=COLOURS[text])))
        elif kind == "kelvin":
            sources.append((i, Source(kelvin=float(text))))
    if all(source.role in SECONDARY for _, source in sources):
        sources.insert(0, (-1, Source(role=Role.key)))
    if len(sources) == 1:  # "from the left and right": one kind of lamp, twice
        sources += [(i, replace(sources[0][1], role=None)) for i, _ in aims[1:]]
    placed = _placed(said, sources, aims)
    return tuple(sorted(placed, key=lambda source: source.role in SECONDARY)[:MAX_LAMPS])


def _placed(
    said: list[Phrase], sources: list[tuple[int, Source]], aims: list[tuple[int, Aim]]
) -> list[Source]:
    result = [source for _, source in sources]
    if len(aims) == len(sources):
        return [replace(source, aim=aim) for source, (_, aim) in zip(result, aims, strict=True)]
    for place, aim in aims:
        owner = max((n for n, (i, _) in enumerate(sources) if i < place), default=0)
        while owner and _one_breath(said, sources[owner - 1][0], sources[owner][0]):
            owner -= 1  # "red and blue from the left": red is the key
        if result[owner].aim is None:
            result[owner] = replace(result[owner], aim=aim)
    return result


def _one_breath(said: list[Phrase], first: int, second: int) -> bool:
    between = said[first + 1 : second]
    return first >= 0 and all(phrase.text in ("and", ",") for phrase in between)
