import pytest
from hypothesis import given
from hypothesis import strategies as st

from lav_engine.light.directions import wrapped
from lav_engine.light.keyframes import light_at
from lav_engine.spec import Ambient, Key, Lamp, Light


def faded(a: Lamp, b: Lamp, t: float) -> Lamp:
    keys = (Key(100, Light(lamps=(a,))), Key(200, Light(lamps=(b,))))
    return light_at(Light(keys=keys), 100 + 100 * t).lamps[0]


def test_a_light_without_keys_is_the_same_at_every_frame():
    light = Light(lamps=(Lamp(azimuth=30),), exposure=0.5)
    assert light_at(light, 0) is light


def test_azimuth_goes_the_shorter_way_round_the_back():
    assert faded(Lamp(azimuth=170), Lamp(azimuth=-170), 0.5).azimuth == pytest.approx(180)
    assert faded(Lamp(azimuth=-150), Lamp(azimuth=150), 0.25).azimuth == pytest.approx(-165)
    assert faded(Lamp(azimuth=-30), Lamp(azimuth=30), 0.5).azimuth == pytest.approx(0)


def test_kelvin_fades_in_mireds():
    assert faded(Lamp(kelvin=2000), Lamp(kelvin=10000), 0.5).kelvin == pytest.approx(1e6 / 300)


def test_before_the_first_and_after_the_last_key_the_light_holds():
    a, b = Lamp(stops=-1), Lamp(stops=2)
    assert faded(a, b, -5) == a
    assert faded(a, b, 9) == b
    assert faded(a, b, 0.75).stops == pytest.approx(1.25)


def test_the_solved_exposure_counts_for_keys_without_their_own():
    keys = (Key(0, Light(lamps=(Lamp(),))), Key(10, Light(lamps=(Lamp(stops=1),))))
    assert light_at(Light(keys=keys, exposure=0.7), 5).exposure == 0.7


def test_keyed_exposure_and_ambient_fade():
    first = Light(ambient=Ambient(-4.0), exposure=0.0)
    last = Light(ambient=Ambient(-2.0), exposure=1.0)
    light = light_at(Light(keys=(Key(0, first), Key(4, last))), 1)
    assert light.exposure == pytest.approx(0.25)
    assert light.ambient.stops == pytest.approx(-3.5)


@given(st.data())
def test_keys_return_and_between_them_every_number_is_between(lights, data: st.DataObject):
    light = data.draw(lights(True))
    for key in light.keys:
        at_key = light_at(light, key.media_frame)
        assert at_key.lamps == key.light.lamps
        assert at_key.ambient == key.light.ambient
    first, last = light.keys[0], light.keys[-1]
    frame = data.draw(st.integers(first.media_frame, last.media_frame))
    below = [key for key in light.keys if key.media_frame <= frame][-1]
    above = next(key for key in light.keys if key.media_frame >= frame)
    for a, lamp, b in zip(
        below.light.lamps, light_at(light, frame).lamps, above.light.lamps, strict=True
    ):
        for name in ("elevation", "kelvin", "tint", "stops", "size", "radius"):
            low, high = sorted((getattr(a, name), getattr(b, name)))
            assert low - 1e-6 <= getattr(lamp, name) <= high + 1e-6
        assert -180 < lamp.azimuth <= 180
        arc = abs(wrapped(b.azimuth - a.azimuth))
        assert abs(wrapped(lamp.azimuth - a.azimuth)) <= arc + 1e-6
