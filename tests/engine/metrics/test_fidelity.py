import cv2
import numpy as np
import pytest
from pictures import texture

from lav_engine.metrics import fidelity


def test_the_best_exposure_is_the_one_that_was_taken_away():
    truth = texture()[None]
    assert fidelity.best_exposure(fidelity.expose(truth, -1.3), truth) == pytest.approx(
        1.3, abs=0.01
    )


def test_psnr_is_that_of_the_noise_that_was_added():
    truth = texture()[None]
    noise = np.random.default_rng(2).normal(0, 0.02, truth.shape).astype(np.float32)
    assert fidelity.psnr(truth + noise, truth) == pytest.approx(33.98, abs=0.1)


def test_exposure_cannot_hide_a_wrong_light():
    truth = texture()[None]
    slope = np.linspace(0.6, 1.4, truth.shape[2], dtype=np.float32)[:, None]
    matched = fidelity.expose(truth * slope, fidelity.best_exposure(truth * slope, truth))
    assert fidelity.psnr(matched, truth) < 20


def test_a_green_cast_is_negative_a():
    frame = texture()
    green = frame * np.array([0.97, 1.02, 0.97], np.float32)
    a, _ = fidelity.cast(green, frame, np.ones(frame.shape[:2], bool))
    assert a < -1.5
    assert fidelity.cast(frame, frame, np.ones(frame.shape[:2], bool)) == (0, 0)


def test_a_blurred_take_cannot_reach_the_psnr_of_a_sharp_one():
    truth = texture()[None]
    soft = np.stack([cv2.GaussianBlur(truth[0], (0, 0), 2)])
    assert fidelity.psnr(soft, truth) < fidelity.psnr(truth * np.float32(0.99), truth)
