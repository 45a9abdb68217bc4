import numpy as np
import pytest

from lav_engine.light.lamp_colour import lamp_rgb
from lav_engine.metrics import chroma
from lav_engine.spec import Lamp


# Pairs 1, 7, 13 and 25 of Sharma, Wu and Dalal 2005, table 1.
@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, -0.001, 2.49), (50.0, 0.0011, -2.49), 4.7461),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_ciede2000_gives_the_published_differences(one, other, difference):
    assert chroma.delta_e_2000(np.array(one), np.array(other)) == pytest.approx(
        difference, abs=1e-4
    )


def test_white_is_lab_100_and_grey_has_no_chroma():
    assert chroma.lab(np.ones(3)) == pytest.approx([100, 0, 0], abs=0.01)
    assert np.hypot(*chroma.lab(np.full(3, 0.4))[1:]) < 0.01


def light_colour(mired, source_white):
    """(3,) scene-linear Rec.709 of a black body in a clip balanced for `source_white` kelvin.

    May leave the gamut (negative blue) below about 1900 K.
    """
    white = chroma.BRADFORD @ chroma.planck_xyz(1e6 / source_white)
    cones = (chroma.BRADFORD @ chroma.planck_xyz(mired)) / white * (chroma.BRADFORD @ chroma.D65)
    return np.linalg.solve(chroma.XYZ_709, np.linalg.solve(chroma.BRADFORD, cones))


@pytest.mark.parametrize("kelvin", [2500, 3200, 5600, 7500, 10000])
def test_mireds_of_a_black_body_are_found_again(kelvin):
    light = light_colour(1e6 / kelvin, 5600)
    assert chroma.mired_of(light, 5600) == pytest.approx(1e6 / kelvin, abs=0.3)


@pytest.mark.parametrize("kelvin", [2700, 4300, 9000])
def test_mireds_agree_with_the_lamp_colours_the_engines_use(kelvin):
    seen = chroma.mired_of(np.array(lamp_rgb(Lamp(kelvin=kelvin), 5600)), 5600)
    assert seen == pytest.approx(1e6 / kelvin, abs=1)


def test_half_the_colour_of_a_lamp_misses_by_more_than_five_mired():
    half = np.sqrt(light_colour(1e6 / 3200, 5600))
    assert abs(chroma.mired_of(half, 5600) - 1e6 / 3200) > 20
