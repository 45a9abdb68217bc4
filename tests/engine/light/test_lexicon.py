import pytest
from hypothesis import given
from hypothesis import strategies as st

from lav_engine.light.bounds import bounded
from lav_engine.light.lexicon import BASE, parse
from lav_engine.light.looks import LOOKS
from lav_engine.light.vocabulary import COLOURS
from lav_engine.spec import Light, Role


def said(prompt: str) -> Light:
    return parse(prompt).over(BASE)


def test_golden_hour_stands_where_it_is_said():
    left, right = said("golden hour from the left"), said("golden hour from the right")
    assert left.lamps[0].azimuth < -45
    assert right.lamps[0].azimuth > 45
    assert left.lamps[0].elevation == right.lamps[0].elevation < 25
    assert left.lamps[0].kelvin < 3500


def test_two_colours_of_neon_come_from_opposite_sides():
    light = said("red and blue neon")
    red, blue = light.lamps
    assert red.color == COLOURS["red"]
    assert blue.color == COLOURS["blue"]
    assert red.azimuth * blue.azimuth < 0
    assert light.bias < 0


def test_a_colour_takes_the_direction_that_follows_it():
    red, cyan = said("red light from the left and cyan light from the right").lamps
    assert (red.color, cyan.color) == (COLOURS["red"], COLOURS["cyan"])
    assert red.azimuth < -45
    assert cyan.azimuth > 45


def test_one_direction_for_two_colours_places_the_first_and_mirrors_the_second():
    first, second = said("red and blue neon from the right").lamps
    assert first.color == COLOURS["red"]
    assert first.azimuth > 45
    assert second.azimuth < -45


def test_blue_moonlight_is_not_a_blue_wash():
    light = said("blue moonlight")
    red, _, blue = light.lamps[0].color or (0, 0, 1)
    assert 0.25 < red / blue < 0.6
    assert light.bias < -0.3
    assert parse("blue moonlight").unmatched == ()


def test_candle_light_is_a_warm_practical_without_a_place():
    lamp = said("candle light").lamps[0]
    assert lamp.role == Role.practical
    assert lamp.kelvin < 2500
    assert lamp.at is None


def test_kelvin_scene_and_corner_go_together():
    lamp = said("3200K tungsten from top right").lamps[0]
    assert lamp.kelvin == 3200
    assert lamp.azimuth > 30
    assert lamp.elevation > 30
    assert said("light at 4300 kelvin").lamps[0].kelvin == 4300


def test_no_shadows_fills_them():
    plain, filled = said("harsh noon sun"), said("harsh noon sun, no shadows")
    assert plain.ambient.stops is not None
    assert filled.ambient.stops is not None
    assert filled.ambient.stops > plain.ambient.stops + 0.8


def test_degrees_scale_what_follows():
    assert said("very soft light").lamps[0].size > said("soft light").lamps[0].size
    assert said("slightly warm light").lamps[0].kelvin > said("warm light").lamps[0].kelvin


def test_soft_warm_light_from_above():
    lamp = said("very soft warm light from above").lamps[0]
    assert lamp.size > 0.6
    assert lamp.kelvin < 4500
    assert lamp.elevation > 60


def test_hard_side_light_noir_is_hard_and_from_the_side():
    light = said("hard side light from the left, noir")
    assert light.lamps[0].azimuth == -90
    assert light.lamps[0].size < 0.1
    assert light.lamps[1].role == Role.rim
    assert light.lamps[1].azimuth > 90


def test_words_about_things_are_handed_back_and_do_not_colour_the_light():
    spoken = parse("a bear walking on the rock, nature lighting, key light")
    assert spoken.unmatched == ("bear", "walking", "rock")
    spoken = parse("a woman in a red dress, soft window light")
    assert spoken.unmatched == ("woman", "red", "dress")
    assert spoken.over(BASE).lamps[0].color is None


def test_grading_is_not_light():
    spoken = parse("vivid, desaturated, high saturation")
    assert set(spoken.unmatched) >= {"vivid", "desaturated", "saturation"}
    assert spoken.over(BASE) == BASE


def test_what_is_negated_is_not_there():
    assert said("no neon, not from the left") == BASE
    assert parse("without red light").sources[0].color is None


def test_a_rim_gets_its_own_colour_and_stays_behind():
    key, rim = said("warm key light from the right with a blue rim light").lamps
    assert key.azimuth > 45
    assert key.color is None
    assert rim.role == Role.rim
    assert rim.color == COLOURS["blue"]
    assert rim.azimuth < -90


def test_backlight_stands_behind_on_the_side_that_is_said():
    assert said("backlit from the right").lamps[0].azimuth > 120
    assert said("backlit from the left").lamps[0].azimuth < -120


def test_a_flame_in_the_night_is_the_key_and_the_night_stays_dark():
    light = said("dark night with a campfire")
    assert light.lamps[0].role == Role.practical
    assert light.bias < -0.7


def test_what_is_not_said_comes_from_the_preset():
    noir = LOOKS["noir"].light
    light = parse("from the right").over(noir)
    assert light.lamps[0].azimuth > 45
    assert light.lamps[0].size == noir.lamps[0].size
    assert light.lamps[0].elevation == noir.lamps[0].elevation
    assert (light.ambient, light.bias) == (noir.ambient, noir.bias)


@pytest.mark.parametrize("prompt", ["", "свет слева", "💡", "k 99999999k 0k", "no " * 500, ",;."])
def test_strange_prompts_leave_the_base_alone(prompt: str):
    assert said(prompt) == BASE


WORDS = (
    "red blue neon from left right above soft very no hard rim fill key light 3200k night candle"
)


@given(st.lists(st.sampled_from([*WORDS.split(), ",", "and", "bear", "backlit"]), max_size=14))
def test_any_order_of_words_makes_a_valid_light(words: list[str]):
    light = said(" ".join(words))
    assert bounded(light) == light
    assert 1 <= len(light.lamps) <= 3
