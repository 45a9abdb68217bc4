"""The baselines are plain engines that do what they say, and users never see them."""

from fractions import Fraction

import numpy as np
import pytest

from lav_engine import catalog
from lav_engine.engines.base import Window
from lav_engine.engines.baselines import graduated, nothing, tint
from lav_engine.engines.baselines.graduated import Graduated
from lav_engine.spec import Lamp, Light, Options

SPECS = [nothing.spec, tint.spec, graduated.spec]
WINDOW = Window(0, np.full((3, 36, 64, 3), 0.5, np.float32), Fraction(24))
LEFT = Light(lamps=(Lamp(azimuth=-70, elevation=20, kelvin=3200),), exposure=0.0)


def relit(engine, light):
    *_, last = engine.relight(WINDOW, light, Options())
    return last.fields


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_every_baseline_gives_a_whole_map(spec):
    engine = catalog.load_engine(spec)
    fields = relit(engine, LEFT)
    assert fields.gain.shape == fields.flare.shape == WINDOW.frames.shape
    assert fields.gain.dtype == np.float32
    assert np.isfinite(fields.gain).all()
    assert engine.expose(WINDOW, LEFT, Options()) == 0


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_no_baseline_is_offered_to_users(spec):
    assert spec.name not in catalog.engines()


def test_doing_nothing_leaves_zero_gain():
    assert not relit(catalog.load_engine(nothing.spec), LEFT).gain.any()


def test_the_tint_is_the_lamps_colour_everywhere():
    gain = relit(catalog.load_engine(tint.spec), LEFT).gain
    assert np.ptp(gain, axis=(0, 1, 2)).max() == 0
    assert gain[0, 0, 0, 0] > 0 > gain[0, 0, 0, 2]


def test_a_white_lamp_tints_nothing():
    light = Light(lamps=(Lamp(azimuth=-70),), exposure=0.0)
    assert np.abs(relit(catalog.load_engine(tint.spec), light).gain).max() < 1e-6


def test_the_filter_falls_from_the_lamps_side_by_its_strength():
    gain = relit(Graduated(3.0), LEFT).gain[0].mean(axis=-1)
    middle = gain[18]
    assert middle[0] > 0 > middle[-1]
    assert gain.max() - gain.min() == pytest.approx(3, rel=0.05)


def test_the_filter_turns_with_the_lamp_and_is_flat_from_the_front():
    def across(azimuth, elevation):
        light = Light(lamps=(Lamp(azimuth=azimuth, elevation=elevation),), exposure=0.0)
        gain = relit(Graduated(), light).gain[0, ..., 1]
        return gain[18, -1] - gain[18, 0], gain[0, 32] - gain[-1, 32]

    assert across(70, 0)[0] > 1
    assert across(-70, 0)[0] < -1
    assert across(0, 70)[1] > 1
    assert across(0, 0) == pytest.approx((0, 0), abs=1e-6)
