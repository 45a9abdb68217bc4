"""Takes as JSON and back."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from lav_engine.record import plain, typed
from lav_engine.spec import Ambient, ClipRange, Codec, Key, Lamp, Light, Role, Take

LIGHT = Light(
    "dusk",
    (Lamp(Role.practical, 1 / 3, color=(0.1, 0.2, 0.7), at=(0.25, 1e-17)), Lamp()),
    Ambient(-1.0),
    exposure=0.1 + 0.2,
)
TAKE = Take(
    path=Path("/media/Grün 1.mov"),
    clip=ClipRange(Path("clip.mov"), 3, 9, Fraction(24000, 1001)),
    width=1920,
    height=1080,
    engine="draft",
    engine_version="1",
    light=replace(LIGHT, keys=(Key(0, LIGHT), Key(8, Light()))),
    amount=0.7,
    codec=Codec.prores,
    timecode="01:00:00;02",
    reel="",
    seconds=1.5,
    map_folder=Path("/maps"),
    map_keys=("ab", "cd"),
    warnings=("One.",),
)


def test_a_take_is_the_same_after_json():
    found = typed(Take, json.loads(json.dumps(plain(TAKE))))
    assert found == TAKE
    assert isinstance(found.codec, Codec)
    assert isinstance(found.clip.path, Path)
    assert isinstance(found.light.keys[0].light.lamps[0].role, Role)


@pytest.mark.parametrize("value", [None, 3, "take", [], {}, {"path": 1}, {"nothing": 1}])
def test_what_is_no_take_is_refused(value: object):
    with pytest.raises((ValueError, TypeError, KeyError)):
        typed(Take, value)


@pytest.mark.parametrize("value", [[0.1, 0.2], [0.1, 0.2, 0.3, 0.4]])
def test_a_colour_of_two_or_four_numbers_is_refused(value: object):
    with pytest.raises(ValueError, match="zip"):
        typed(Lamp, {"color": value})
