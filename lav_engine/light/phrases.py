"""A prompt cut into phrases of the vocabulary, marked with what they do. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from lav_engine.light.bounds import RANGES
from lav_engine.light.scenes import SCENES
from lav_engine.light.vocabulary import (
    ADJECTIVES,
    AIMS,
    BREAKS,
    COLOURS,
    DEGREES,
    FILLERS,
    MANNERS,
    NEGATIONS,
    NOUNS,
    ROLES,
)

Kind = Literal[
    "scene", "colour", "kelvin", "aim", "manner", "role", "degree", "negation", "filler", "unknown"
]


class Phrase(NamedTuple):
    kind: Kind
    text: str  # as the vocabulary has it
    degree: float = 1.0  # of a manner: "very" 1.6, below 0 after a "no"


_TABLES: tuple[tuple[Kind, Mapping[str, object] | frozenset[str]], ...] = (
    ("scene", SCENES),
    ("manner", MANNERS),
    ("aim", AIMS),
    ("role", ROLES),
    ("colour", COLOURS),
    ("degree", DEGREES),
    ("negation", NEGATIONS),
    ("filler", FILLERS),
)
_LONGEST = max(len(phrase.split()) for _, table in _TABLES for phrase in table)


def phrases(prompt: str) -> list[Phrase]:
    """Every word of the prompt once, in order; what is negated or about a thing says nothing."""
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)?|[,;.]", prompt.lower())
    words = ["," if word in ";." else word for word in words]
    found: list[Phrase] = []
    place = 0
    while place < len(words):
        length, phrase = _longest(words[place : place + _LONGEST])
        found.append(phrase)
        place += length
    return [_settled(found, i) for i in range(len(found))]


def _longest(words: list[str]) -> tuple[int, Phrase]:
    kelvin = re.fullmatch(r"(\d{3,6})(k|kelvin)?", words[0])
    if kelvin and (kelvin[2] or words[1:2] in (["k"], ["kelvin"])):
        low, high = RANGES["kelvin"]
        kind: Kind = "kelvin" if low <= float(kelvin[1]) <= high else "unknown"
        return (1 if kelvin[2] else 2), Phrase(kind, kelvin[1])
    for length in range(len(words), 0, -1):
        text = " ".join(words[:length])
        for form in (text, text.removesuffix("s")):
            for kind, table in _TABLES:
                if form in table:
                    return length, Phrase(kind, form)
    return 1, Phrase("unknown", words[0])


def _settled(found: list[Phrase], i: int) -> Phrase:
    """The phrase as its neighbours make it."""
    kind, text, _ = found[i]
    if (kind == "colour" or text in ADJECTIVES) and _describes_thing(found[i + 1 : i + 9]):
        return Phrase("unknown", text)
    negated = _negated(found[max(i - 4, 0) : i])
    if kind == "manner":
        before = found[i - 1].text if i else ""
        return Phrase(kind, text, DEGREES.get(before, 1.0) * (-0.75 if negated else 1.0))
    if negated and kind in ("scene", "aim", "role", "colour", "kelvin"):
        return Phrase("filler", text)
    return found[i]


def _describes_thing(rest: list[Phrase]) -> bool:
    """Whether "red" is about a dress: a thing comes before any word of light in its phrase."""
    thing = False
    for kind, text, _ in rest:
        if kind in ("scene", "role") or text in NOUNS:
            return False
        if text in BREAKS:
            break
        thing = thing or kind == "unknown"
    return thing


def _negated(before: list[Phrase]) -> bool:
    """A "no" in front, with only small words and manners between."""
    for kind, text, _ in reversed(before):
        if kind == "negation":
            return True
        if kind not in ("degree", "filler", "manner") or text in (",", "and", "but"):
            return False
    return False
