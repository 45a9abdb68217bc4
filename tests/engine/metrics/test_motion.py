import numpy as np
import pytest
from pictures import moving

from lav_engine.metrics import motion


def test_tracking_finds_how_far_the_picture_moved():
    frames, _ = moving(count=2, step=3)
    (found,) = motion.track(frames)
    inner = found.back[30:-30, 30:-30]
    assert inner[..., 0].mean() == pytest.approx(-3, abs=0.2)
    assert found.seen_back[30:-30, 30:-30].mean() > 0.95


def test_pixels_that_came_from_outside_are_not_seen_in_the_frame_before():
    frames, _ = moving(count=2, step=6)
    (found,) = motion.track(frames)
    assert not found.seen_back[:, :3].any()
    assert not found.seen_forth[:, -3:].any()


def test_a_relit_take_that_jumps_differs_in_motion_and_a_dimmed_one_does_not():
    frames, _ = moving(count=4, step=2)
    motions = motion.track(frames)
    dimmed = [frame * np.float32(0.8) for frame in frames]
    jumping = [np.roll(f, 2 * (t % 2), axis=0) for t, f in enumerate(frames)]
    assert motion.motion_difference(dimmed, motions) < 0.2
    assert motion.motion_difference(jumping, motions) > 1.2


def test_a_picture_without_texture_gives_no_motion_figure():
    flat = [np.full((64, 64, 3), 0.5, np.float32)] * 3
    assert np.isnan(motion.motion_difference(flat, motion.track(flat)))
