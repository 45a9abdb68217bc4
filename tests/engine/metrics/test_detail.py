import cv2
import numpy as np
import pytest
from pictures import texture

from lav_engine.media.colour import decode_bt1886, encode_bt1886
from lav_engine.metrics import detail

EVERYWHERE = np.ones((160, 200), bool)


def test_a_dimmed_picture_keeps_its_gradients_and_its_texture():
    picture = texture()
    dimmed = picture * np.float32(0.75)  # one stop
    assert detail.gradient_correlation(dimmed, picture) > 0.99
    assert detail.band_energy_ratio(dimmed, picture, EVERYWHERE) == pytest.approx(1, abs=0.06)


def test_red_light_on_coloured_texture_is_no_loss():
    picture = texture()
    picture[..., 0] = cv2.GaussianBlur(picture[..., 0], (0, 0), 2) + 0.2  # smooth in red, as skin
    red = encode_bt1886(decode_bt1886(picture) * np.array([0.8, 0.25, 0.08], np.float32))
    assert detail.band_energy_ratio(red, picture, EVERYWHERE) == pytest.approx(1, abs=0.02)


def test_a_blur_is_seen_by_both():
    picture = texture()
    soft = cv2.GaussianBlur(picture, (0, 0), 1.2)
    assert detail.gradient_correlation(soft, picture) < 0.95
    assert detail.band_energy_ratio(soft, picture, EVERYWHERE) < 0.6


def test_sharpening_is_seen_by_the_texture():
    picture = texture()
    crisp = np.clip(picture + 0.5 * (picture - cv2.GaussianBlur(picture, (0, 0), 1.5)), 0, 1)
    assert detail.band_energy_ratio(crisp, picture, EVERYWHERE) > 1.3


def test_a_plainly_rounded_ramp_has_a_plateau_ratio_near_one():
    ideal = np.linspace(20, 200, 1000)
    assert detail.plateau_ratio(np.rint(ideal).astype(int), ideal) < 1.2


def test_a_ramp_of_fewer_codes_has_long_plateaus():
    ideal = np.linspace(20, 200, 1000)
    coarse = (np.rint(ideal / 3) * 3).astype(int)
    assert detail.plateau_ratio(coarse, ideal) > 2.5
