import math
from dataclasses import replace

import pytest

from lav_engine.errors import Code, LavError
from lav_engine.light.looks import LOOKS
from lav_engine.light.rig import EVERYWHERE, resolve
from lav_engine.spec import Ambient, Key, Lamp, LampPatch, Light, LightRequest, Role


def lit(**said: object) -> Light:
    return resolve(LightRequest(**said)).light  # type: ignore[arg-type]


def test_numbers_alone_are_one_white_lamp_and_nothing_else():
    light = lit(lamp=LampPatch(azimuth=-60.0))
    assert light == Light(lamps=(Lamp(azimuth=-60.0),))
    assert light.ambient.stops is None
    assert light.haze == 0


def test_saying_nothing_is_asked_back():
    for request in (LightRequest(), LightRequest(prompt="  "), LightRequest(exposure=1.0)):
        with pytest.raises(LavError, match="what the light should be"):
            resolve(request)


@pytest.mark.parametrize("prompt", ["a walking bear", "light", "xx"])
def test_a_prompt_without_a_light_in_it_is_no_light(prompt: str):
    with pytest.raises(LavError, match="No word of this prompt") as refused:
        resolve(LightRequest(prompt=prompt))
    assert prompt.split()[-1] in refused.value.message
    assert resolve(LightRequest(prompt=prompt, preset="noir")).light.lamps
    assert resolve(LightRequest(prompt=prompt, lamp=LampPatch(azimuth=10.0))).light.lamps


@pytest.mark.parametrize(
    ("prompt", "meant"), [("film", "'film noir'"), ("Beauty", "'beauty dish'"), ("moonlit", "")]
)
def test_the_beginning_of_a_light_is_no_light_but_says_which_it_could_be(prompt: str, meant: str):
    if not meant:
        assert resolve(LightRequest(prompt=prompt)).matched_words
        return
    with pytest.raises(LavError, match="No word of this prompt") as refused:
        resolve(LightRequest(prompt=prompt))
    assert meant in refused.value.hint


def test_words_come_back_matched_and_unmatched():
    resolved = resolve(LightRequest(prompt="golden hour, a bear"))
    assert resolved.matched_words == ("golden hour",)
    assert resolved.unmatched_words == ("bear",)
    assert resolved.light.prompt == "golden hour, a bear"


def test_every_number_overrides_that_number_of_the_first_lamp():
    patch = LampPatch(elevation=50.0, kelvin=4000.0, tint=5.0, stops=1.0, size=0.9)
    key, kicker = lit(preset="neon", lamp=patch).lamps
    assert (key.elevation, key.kelvin, key.tint, key.stops, key.size) == (50, 4000, 5, 1, 0.9)
    assert key.color is None  # kelvin was asked for
    assert kicker == LOOKS["neon"].light.lamps[1]
    assert lit(prompt="golden hour", lamp=LampPatch(color=(1.0, 0.0, 0.0))).lamps[0].color


def test_a_preset_turned_to_the_right_is_its_mirror():
    key, fill, rim = lit(preset="three-point", lamp=LampPatch(azimuth=40.0)).lamps
    assert (key.azimuth, fill.azimuth, rim.azimuth) == (40.0, -50.0, -150.0)


def test_lamps_placed_one_by_one_do_not_follow_the_first():
    prompt = "red light from the left and cyan light from the right"
    assert lit(prompt=prompt, lamp=LampPatch(azimuth=0.0)).lamps[1].azimuth > 45


def test_a_saved_light_is_taken_as_it_is():
    saved = Light(lamps=(Lamp(azimuth=-40), Lamp(Role.rim, 150)), ambient=Ambient(-2.0), bias=0.3)
    assert lit(light=saved) == saved
    resolved = resolve(LightRequest(prompt="neon", preset="noir", light=saved))
    assert resolved.light.lamps == saved.lamps
    assert resolved.light.prompt == "neon"
    assert resolved.unmatched_words == ()
    assert lit(light=saved, lamp=LampPatch(azimuth=10.0)).lamps[1].azimuth == 150


def test_an_explicit_number_counts_at_every_key():
    keys = (Key(0, Light(lamps=(Lamp(),))), Key(9, Light(lamps=(Lamp(stops=2.0),))))
    light = lit(light=Light(lamps=(Lamp(),), keys=keys), lamp=LampPatch(kelvin=3000.0), haze=0.1)
    assert [key.light.lamps[0].kelvin for key in light.keys] == [3000.0, 3000.0]
    assert [key.light.haze for key in light.keys] == [0.1, 0.1]
    assert light.keys[1].light.lamps[0].stops == 2.0


def test_keyed_exposure_leaves_nothing_to_solve():
    keys = tuple(Key(n, Light(lamps=(Lamp(),), exposure=float(n))) for n in (1, 5))
    assert lit(light=Light(lamps=(Lamp(),), keys=keys)).exposure == 1.0


def test_key_to_fill_ratio_is_in_stops_across_from_the_key():
    key, fill = lit(lamp=LampPatch(azimuth=-50.0, stops=1.0), key_fill=4.0).lamps
    assert fill.role == Role.fill
    assert fill.azimuth == 50.0
    assert fill.stops == key.stops - 2.0
    assert fill.size > 0.8


def test_key_to_fill_sets_a_fill_that_is_there():
    lamps = lit(preset="three-point", key_fill=8.0).lamps
    assert len(lamps) == 3
    assert lamps[1].stops == -3.0


def test_a_frontal_key_gets_its_fill_from_a_side():
    assert abs(lit(lamp=LampPatch(azimuth=0.0), key_fill=2.0).lamps[1].azimuth) > 30


def test_three_lamps_leave_no_room_for_a_fill():
    with pytest.raises(LavError, match="no room for a fill"):
        lit(light=Light(lamps=(Lamp(), Lamp(), Lamp())), key_fill=2.0)


def test_azimuth_wraps():
    assert lit(lamp=LampPatch(azimuth=270.0)).lamps[0].azimuth == -90.0
    assert lit(lamp=LampPatch(azimuth=-180.0)).lamps[0].azimuth == 180.0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["azimuth", "elevation", "kelvin", "tint", "stops", "size"])
def test_what_is_no_number_is_refused_by_name(name: str, value: float):
    with pytest.raises(LavError, match=f"The {name} is (nan|-?inf)") as caught:
        lit(lamp=LampPatch(**{name: value}))  # pyright: ignore[reportArgumentType]
    assert caught.value.code == Code.bad_value


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (LightRequest(lamp=LampPatch(elevation=91.0)), "The elevation is 91, outside"),
        (LightRequest(lamp=LampPatch(kelvin=999.0)), "The kelvin is 999, outside"),
        (LightRequest(lamp=LampPatch(tint=51.0)), "The tint is 51"),
        (LightRequest(lamp=LampPatch(stops=-10.5)), "The stops is -10.5"),
        (LightRequest(lamp=LampPatch(size=1.01)), "The size is 1.01"),
        (LightRequest(lamp=LampPatch(color=(1.0, -1.0, 0.0))), "The colour is -1"),
        (LightRequest(preset="noir", exposure=11.0), "The exposure is 11"),
        (LightRequest(preset="noir", haze=-0.1), "The haze is -0.1"),
        (LightRequest(preset="soft-window", key_fill=0.5), "key to fill ratio is 0.5"),
        (LightRequest(preset="soft-window", key_fill=math.nan), "key to fill ratio is nan"),
        (LightRequest(preset="nope"), "no light preset called 'nope'"),
        (LightRequest(light=Light()), "neither a lamp nor ambient"),
        (LightRequest(light=Light(lamps=(Lamp(),) * 4)), "has 4 lamps"),
        (LightRequest(light=Light(lamps=(Lamp(),), source_white=0.0)), "source white is 0"),
    ],
)
def test_out_of_range_is_one_sentence_with_the_value_and_the_range(
    request_: LightRequest, sentence: str
):
    with pytest.raises(LavError) as caught:
        resolve(request_)
    assert sentence in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ((Key(5, Light(lamps=(Lamp(),))), Key(5, Light(lamps=(Lamp(),)))), "not in order"),
        ((Key(5, Light(lamps=(Lamp(),))), Key(1, Light(lamps=(Lamp(),)))), "not in order"),
        ((Key(0, Light(lamps=(Lamp(),))), Key(1, Light(lamps=(Lamp(), Lamp())))), "do not match"),
        (
            (Key(0, Light(lamps=(Lamp(),))), Key(1, Light(lamps=(Lamp(color=(1, 0, 0)),)))),
            "do not match",
        ),
    ],
)
def test_keys_that_cannot_fade_are_refused(keys: tuple[Key, ...], sentence: str):
    with pytest.raises(LavError, match=sentence):
        lit(light=Light(lamps=(Lamp(),), keys=keys))


def test_engines_that_read_words_need_no_word_of_light():
    resolved = resolve(LightRequest(prompt="a red cat"), needs_lamps=False)
    assert resolved.light == replace(EVERYWHERE, prompt="a red cat")
    assert resolve(LightRequest(), needs_lamps=False).light == EVERYWHERE
    said = resolve(LightRequest(prompt="candle light"), needs_lamps=False)
    assert said == resolve(LightRequest(prompt="candle light"))
