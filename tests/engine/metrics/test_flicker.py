import numpy as np
import pytest
from pictures import moving

from lav_engine.metrics import edges, flicker, gain, motion


@pytest.fixture(scope="module")
def scene():
    frames, mattes = moving(count=6, step=2)
    return frames, mattes, motion.track(frames)


def test_a_take_equal_to_its_source_has_a_ratio_of_one(scene):
    frames, _, motions = scene
    own = flicker.warped_error(frames, motions)
    assert flicker.flicker_ratio(frames, own, motions) == pytest.approx(1)


def test_a_darker_steady_take_keeps_the_ratio(scene):
    frames, _, motions = scene
    own = flicker.warped_error(frames, motions)
    darker = [frame * np.float32(0.6) for frame in frames]
    assert flicker.flicker_ratio(darker, own, motions) == pytest.approx(1, abs=0.02)


def test_five_percent_of_flicker_is_seen(scene):
    frames, _, motions = scene
    own = flicker.warped_error(frames, motions)
    pulsing = [frame * np.float32(1 - 0.05 * (t % 2)) for t, frame in enumerate(frames)]
    assert flicker.flicker_ratio(pulsing, own, motions) > 1.5
    gains = [gain.luma_gain(a, b) for a, b in zip(pulsing, frames, strict=True)]
    assert flicker.gain_flicker(gains, motions) > 0.1


def test_light_that_moves_with_the_subject_does_not_shimmer(scene):
    _, mattes, motions = scene
    bands = [edges.edge_band(matte) for matte in mattes]
    soft = [gain.smooth(matte, 4) for matte in mattes]
    value, _ = flicker.shimmer(soft, motions, bands)
    assert value < 0.05


def test_a_matte_edge_that_jumps_in_one_frame_shimmers_there(scene):
    _, mattes, motions = scene
    bands = [edges.edge_band(matte) for matte in mattes]
    soft = [gain.smooth(matte, 4) for matte in mattes]
    soft[3] = np.roll(soft[3], 4, axis=1)
    value, frame = flicker.shimmer(soft, motions, bands)
    assert value > 0.3
    assert frame == 3


def test_a_ramp_in_time_is_no_shimmer_but_a_blink_is(scene):
    frames, mattes, motions = scene
    bands = [edges.edge_band(matte) for matte in mattes]
    flat = np.ones(mattes[0].shape, np.float32)
    fading = [flat * np.float32(0.2 * t) for t in range(len(frames))]
    blinking = [flat * np.float32(0.1 * (t == 2)) for t in range(len(frames))]
    assert flicker.shimmer(fading, motions, bands)[0] < 1e-3
    assert flicker.shimmer(blinking, motions, bands)[0] > 0.15


def test_without_an_edge_there_is_no_shimmer_figure(scene):
    _, mattes, motions = scene
    none = [np.zeros(matte.shape, bool) for matte in mattes]
    value, frame = flicker.shimmer([gain.smooth(m) for m in mattes], motions, none)
    assert np.isnan(value)
    assert frame == -1
