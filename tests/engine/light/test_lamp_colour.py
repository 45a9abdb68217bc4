"""Lamp colours against Planck's law integrated over the CIE 1931 2 degree observer."""

import math

import numpy as np
import pytest

from lav_engine.light.lamp_colour import BRADFORD, CONES_TO_709, LUMA, lamp_power, lamp_rgb
from lav_engine.spec import SOURCE_WHITE, Ambient, Lamp

XBAR = """.0014 .0042 .0143 .0435 .1344 .2839 .3483 .3362 .2908 .1954 .0956 .0320 .0049 .0093 .0633
.1655 .2904 .4334 .5945 .7621 .9163 1.0263 1.0622 1.0026 .8544 .6424 .4479 .2835 .1649 .0874 .0468
.0227 .0114 .0058 .0029 .0014 .0007 .0003 .0002 .0001"""
YBAR = """.0000 .0001 .0004 .0012 .0040 .0116 .0230 .0380 .0600 .0910 .1390 .2080 .3230 .5030 .7100
.8620 .9540 .9950 .9950 .9520 .8700 .7570 .6310 .5030 .3810 .2650 .1750 .1070 .0610 .0320 .0170
.0082 .0041 .0021 .0010 .0005 .0002 .0001 .0001 .0000"""
ZBAR = """.0065 .0201 .0679 .2074 .6456 1.3856 1.7471 1.7721 1.6692 1.2876 .8130 .4652 .2720 .1582
.0782 .0422 .0203 .0087 .0039 .0021 .0017 .0011 .0008 .0003 .0002 .0000 .0000 .0000 .0000 .0000
.0000 .0000 .0000 .0000 .0000 .0000 .0000 .0000 .0000 .0000"""
CMF = np.array([t.split() for t in (XBAR, YBAR, ZBAR)], float)  # 380..770 nm by 10
RGB_TO_XYZ = np.array(
    [  # ITU-R BT.709 primaries, D65
        [0.4123907993, 0.3575843394, 0.1804807884],
        [0.2126390059, 0.7151686788, 0.0721923154],
        [0.0193308187, 0.1191947798, 0.9505321522],
    ]
)
CONES = np.array(BRADFORD)
D65 = RGB_TO_XYZ @ np.ones(3)
MIREDS = np.arange(45.0, 1050.0, 0.25)


def planck(kelvin: float) -> np.ndarray:
    metres = np.arange(380, 780, 10) * 1e-9
    power = metres**-5 / np.expm1(1.4387769e-2 / (metres * kelvin))
    xyz = CMF @ power
    return xyz / xyz[1]


def uv(xyz: np.ndarray) -> np.ndarray:
    return np.array([4 * xyz[0], 6 * xyz[1]]) / (xyz[0] + 15 * xyz[1] + 3 * xyz[2])


LOCUS = np.array([uv(planck(1e6 / mired)) for mired in MIREDS])


def mired_of(xyz: np.ndarray) -> float:
    return float(MIREDS[np.hypot(*(LOCUS - uv(xyz)).T).argmin()])


def card_white(lamp: Lamp, source_white: float = SOURCE_WHITE) -> np.ndarray:
    """XYZ of a relit grey card, taken back from D65 to the source white by Bradford."""
    display = RGB_TO_XYZ @ np.array(lamp_rgb(lamp, source_white))
    scale = (CONES @ planck(source_white)) / (CONES @ D65)
    return np.linalg.inv(CONES) @ (scale * (CONES @ display))


def test_a_grey_card_shows_the_kelvin_asked_for_within_five_mired():
    for kelvin in range(2000, 10001, 100):
        assert abs(mired_of(card_white(Lamp(kelvin=kelvin))) - 1e6 / kelvin) < 1.0


def test_the_ends_of_the_range_stay_within_five_mired():
    for kelvin in (1700, 1800, 15000, 20000):
        assert abs(mired_of(card_white(Lamp(kelvin=kelvin))) - 1e6 / kelvin) < 5.0


def test_kelvin_holds_for_clips_balanced_to_another_white():
    for source_white in (3200.0, 4300.0, 6500.0):
        for kelvin in (2500, 4000, 8000):
            card = card_white(Lamp(kelvin=kelvin), source_white)
            assert abs(mired_of(card) - 1e6 / kelvin) < 2.0


def test_the_shift_seen_on_the_display_is_the_mired_shift():
    """Read from D65 without adapting back, the card moves by nearly the difference in mired."""
    for kelvin in (3200, 4300, 7500):
        display = RGB_TO_XYZ @ np.array(lamp_rgb(Lamp(kelvin=kelvin), SOURCE_WHITE))
        shift = mired_of(display) - mired_of(D65)
        assert abs(shift - (1e6 / kelvin - 1e6 / SOURCE_WHITE)) < 5.0


def test_a_lamp_at_the_source_white_changes_nothing():
    for white in (2900.0, 5600.0, 6500.0):
        assert lamp_rgb(Lamp(kelvin=white), white) == (1.0, 1.0, 1.0)
        assert lamp_rgb(Ambient(kelvin=white), white) == (1.0, 1.0, 1.0)


def test_a_neutral_colour_is_the_white_lamp():
    for level in (0.001, 0.3, 1.0, 7.0):
        assert lamp_rgb(Lamp(color=(level, level, level)), SOURCE_WHITE) == (1.0, 1.0, 1.0)


def test_kelvin_keeps_luminance_so_stops_keep_their_meaning():
    for kelvin in (1000, 1900, 3200, 20000):
        rgb = lamp_rgb(Lamp(kelvin=kelvin), SOURCE_WHITE)
        assert sum(w * c for w, c in zip(LUMA, rgb, strict=True)) == pytest.approx(1.0)


def test_no_lamp_has_a_channel_at_or_below_zero():
    for kelvin in (1000, 1500, 1900):
        assert min(lamp_rgb(Lamp(kelvin=kelvin), SOURCE_WHITE)) > 0.001
    assert min(lamp_rgb(Lamp(kelvin=3000, tint=-50), SOURCE_WHITE)) > 0.001
    assert min(lamp_rgb(Lamp(color=(0.0, 0.0, 1.0)), SOURCE_WHITE)) > 0.001


def test_pure_colours_stay_within_a_stop_and_a_half_of_white():
    for color in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)):
        assert max(lamp_rgb(Lamp(color=color), SOURCE_WHITE)) < 2**1.5


def test_tint_is_distance_across_the_locus():
    for tint in (-10.0, 5.0, 20.0):
        card = uv(card_white(Lamp(kelvin=4500, tint=tint)))
        distances = np.hypot(*(LOCUS - card).T)
        assert distances.min() * 1000 == pytest.approx(abs(tint), abs=0.3)
        green = lamp_rgb(Lamp(kelvin=4500, tint=tint), SOURCE_WHITE)[1]
        assert (green > lamp_rgb(Lamp(kelvin=4500), SOURCE_WHITE)[1]) == (tint > 0)


def test_the_matrix_is_bradford_in_rec_709():
    cones = CONES @ RGB_TO_XYZ
    expected = np.linalg.inv(cones) * (cones @ np.ones(3))
    assert np.abs(np.array(CONES_TO_709) - expected).max() < 1e-7


def test_a_stop_doubles_the_lamp():
    assert lamp_power(Lamp(stops=1.0)) == 2.0
    assert math.isclose(lamp_power(Lamp(stops=-2.5)), 2.0**-2.5)
