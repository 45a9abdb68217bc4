import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lav_engine.errors import LavError
from lav_engine.light.lightfile import from_json, to_json
from lav_engine.light.looks import LOOKS
from lav_engine.spec import Key, Lamp, Light


@given(st.data())
def test_a_saved_light_comes_back_to_the_bit(lights, data: st.DataObject):
    light = data.draw(lights(data.draw(st.booleans())))
    assert from_json(to_json(light)) == light


def test_every_look_can_be_saved():
    for look in LOOKS.values():
        assert from_json(to_json(look.light)) == look.light


def test_every_field_is_written_out():
    document = json.loads(to_json(Light(lamps=(Lamp(),))))
    assert document["lav_light"] == 1
    assert set(document) - {"lav_light"} == set(Light.__dataclass_fields__)
    assert set(document["lamps"][0]) == set(Lamp.__dataclass_fields__)


def test_whole_numbers_and_few_fields_are_enough_by_hand():
    light = from_json('{"lav_light": 1, "lamps": [{"azimuth": -70, "kelvin": 3200}]}')
    assert light == Light(lamps=(Lamp(azimuth=-70.0, kelvin=3200.0),))


LAMP = '{"lav_light": 1, "lamps": [{%s}]}'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "not a saved light"),
        ("{}", "not a saved light"),
        ('{"lav_light": 2}', "version 2"),
        ('{"lav_light": true}', "version True"),
        ('{"lav_light": 1}', "neither a lamp nor ambient"),
        ('{"lav_light": 1, "contrast": 2}', "unknown field 'contrast'"),
        ('{"lav_light": 1, "lamps": {}}', "should be a list"),
        ('{"lav_light": 1, "lamps": [3]}', "lamp is 3"),
        ('{"lav_light": 1, "keys": [{"media_frame": 3}]}', "lacks a field"),
        (
            '{"lav_light": 1, "keys": [{"media_frame": 0.5, "light": {"lamps": [{}]}}]}',
            "no whole number",
        ),
        (LAMP % '"kelvin": NaN', "kelvin is nan"),
        (LAMP % '"stops": 1e999', "stops is inf"),
        (LAMP % f'"stops": {"9" * 400}', "stops is inf"),
        (LAMP % '"kelvin": "3200"', "should be a number"),
        (LAMP % '"stops": true', "should be a number"),
        (LAMP % '"role": "sun"', "no lamp role"),
        (LAMP % '"role": ["key"]', "no lamp role"),
        (LAMP % '"color": [1, 2]', "3 numbers"),
        (LAMP % '"color": [0, 0, 0]', "black"),
        (LAMP % '"at": [0.5, 1.5]', "place is 1.5"),
        ('{"lav_light": 1, "prompt": 3, "lamps": [{}]}', "should be text"),
    ],
)
def test_a_damaged_file_gives_one_sentence(text: str, sentence: str):
    with pytest.raises(LavError) as caught:
        from_json(text)
    assert sentence in caught.value.message
    assert caught.value.hint


def test_a_light_that_cannot_be_lit_is_not_saved():
    with pytest.raises(LavError, match="size is nan"):
        to_json(Light(lamps=(Lamp(size=float("nan")),)))
    nested = Light(lamps=(Lamp(),), keys=(Key(0, Light(lamps=(Lamp(),))),))
    with pytest.raises(LavError, match="holds keyframes itself"):
        to_json(Light(keys=(Key(0, nested),)))
