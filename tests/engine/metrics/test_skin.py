import numpy as np
import pytest
from pictures import disc, texture

from lav_engine.media.colour import decode_bt1886, encode_bt1886
from lav_engine.metrics import skin

TONE = np.array([0.45, 0.27, 0.19], np.float32)  # linear reflectance
MATTE = disc()
WARM = np.array([1.7, 0.9, 0.4])
WHITE = np.ones(3)


def face(tone=TONE):
    """A disc of skin before a blue-grey wall, display-referred."""
    wall = np.array([0.12, 0.16, 0.22], np.float32)
    linear = MATTE[..., None] * tone + (1 - MATTE[..., None]) * wall
    return encode_bt1886(linear) * (0.9 + 0.2 * texture()).astype(np.float32)


def lit(picture, colour):
    return encode_bt1886((decode_bt1886(picture) * colour).astype(np.float32))


def test_skin_is_found_on_the_face_and_only_there():
    found = skin.skin_mask(face(), MATTE)
    assert found[MATTE > 0.5].mean() > 0.9
    assert not found[MATTE == 0].any()


@pytest.mark.parametrize("tone", [(0.07, 0.035, 0.022), (0.6, 0.4, 0.31)])
def test_dark_and_light_skin_are_skin(tone):
    found = skin.skin_mask(face(np.array(tone, np.float32)), MATTE)
    assert found[MATTE > 0.5].mean() > 0.8


def test_a_green_or_grey_subject_has_no_skin():
    for tone in ((0.1, 0.3, 0.1), (0.3, 0.3, 0.3)):
        assert not skin.skin_mask(face(np.array(tone, np.float32)), MATTE).any()


def test_skin_luma_is_the_gain_on_it():
    where = MATTE > 0.5
    assert skin.skin_luma(np.where(where, -0.4, 2).astype(np.float32), where) == pytest.approx(-0.4)


def test_a_coloured_lamp_is_no_hue_shift():
    picture, where = face(), MATTE > 0.9
    lights = np.stack([WARM, WHITE])
    for mixture in (WARM * 0.5, 0.3 * WARM + 0.2 * WHITE):
        assert skin.hue_shift(lit(picture, mixture), picture, where, lights) < 0.3


def test_a_cast_the_lamps_cannot_make_is_a_hue_shift():
    picture, where = face(), MATTE > 0.9
    green = lit(picture, WARM * 0.5 * np.array([0.9, 1.1, 0.9]))
    assert skin.hue_shift(green, picture, where, np.stack([WARM, WHITE])) > 3


def test_the_mixture_never_subtracts_a_lamp():
    blue = np.array([0.2, 0.4, 2.0])
    assert np.allclose(skin.nearest_mixture(WARM, np.stack([WARM, blue])), WARM, atol=1e-9)
    cyan = skin.nearest_mixture(np.array([0.1, 1, 1]), np.stack([WARM, WHITE]))
    assert (cyan > 0).all()
