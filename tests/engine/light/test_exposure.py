import numpy as np
import pytest

from lav_engine.light.exposure import skin_weight, solve, subject_weight
from lav_engine.media.colour import LUMA_709, decode_bt1886

LIGHT_SKIN = (0.76, 0.59, 0.51)  # display-referred
DARK_SKIN = (0.45, 0.32, 0.27)


def scene(skin: tuple[float, float, float], suit: float = 0.2, wall: float = 0.5):
    """Display frames (2, 60, 80, 3) of a head over a suit before a wall, the matte, the face."""
    frames = np.full((2, 60, 80, 3), wall, np.float32)
    matte = np.zeros((2, 60, 80), np.float32)
    frames[:, 25:, 20:60] = suit
    frames[:, 5:25, 32:48] = skin
    matte[:, 25:, 20:60] = matte[:, 5:25, 32:48] = 1
    face = np.zeros(matte.shape, bool)
    face[:, 5:25, 32:48] = True
    return frames, matte, face


def side_lit(frames: np.ndarray, rgb=(1.0, 1.0, 1.0), ratio: float = 8.0) -> np.ndarray:
    """Scene-linear frames lit from the left, `ratio` times weaker on the right."""
    fall = np.geomspace(1.0, 1.0 / ratio, frames.shape[2])[None, None, :, None]
    return decode_bt1886(frames) * fall * np.asarray(rgb)


def solved(frames: np.ndarray, relit: np.ndarray, matte: np.ndarray, bias: float = 0.0) -> float:
    return solve(decode_bt1886(frames), relit, subject_weight(frames, matte), bias)


def lit_side(frames: np.ndarray, relit: np.ndarray, face: np.ndarray, ev: float) -> float:
    """Stops by which the better lit half of the face changed."""
    change = np.log2((relit @ LUMA_709)[face] / (decode_bt1886(frames) @ LUMA_709)[face]) + ev
    return float(np.median(change[change > np.median(change)]))


def test_a_light_that_changes_nothing_needs_no_exposure():
    frames, matte, _ = scene(LIGHT_SKIN)
    assert solved(frames, decode_bt1886(frames), matte) == pytest.approx(0, abs=0.01)


def test_a_stop_more_light_is_a_stop_less_exposure():
    frames, matte, _ = scene(DARK_SKIN)
    relit = side_lit(frames)
    assert solved(frames, relit / 2, matte) - solved(frames, relit, matte) == pytest.approx(
        1, abs=0.1
    )


@pytest.mark.parametrize("skin", [LIGHT_SKIN, DARK_SKIN])
@pytest.mark.parametrize("rgb", [(1, 1, 1), (1.6, 0.9, 0.3), (1.9, 0.15, 0.2), (0.3, 0.6, 1.8)])
@pytest.mark.parametrize("suit", [0.1, 0.9])
def test_the_lit_side_of_a_face_stays_near_its_level(skin, rgb, suit: float):
    frames, matte, face = scene(skin, suit)
    for relit in (side_lit(frames, rgb), side_lit(frames, rgb, 30.0)[:, :, ::-1].copy()):
        ev = solved(frames, relit, matte)
        assert -0.5 < lit_side(frames, relit, face, ev) < 0.7


def test_a_night_is_darker_but_not_on_the_lit_side_of_a_face():
    frames, matte, face = scene(LIGHT_SKIN, wall=0.2)
    relit = side_lit(frames)
    day, night = solved(frames, relit, matte), solved(frames, relit, matte, -0.8)
    assert night < day - 0.4
    assert -0.5 < lit_side(frames, relit, face, night) < -0.2


def test_what_is_asked_beyond_a_night_is_given():
    frames, matte, _ = scene(LIGHT_SKIN, wall=0.2)
    relit = side_lit(frames)
    darkest = solved(frames, relit, matte, -1.8)
    assert darkest == pytest.approx(solved(frames, relit, matte, -0.8) - 1, abs=0.05)


def test_a_wall_near_white_holds_exposure_down_but_not_below_the_face():
    frames, matte, face = scene(LIGHT_SKIN, wall=0.85)
    relit = side_lit(frames)
    held = solved(frames, relit, matte)
    dark, _, _ = scene(LIGHT_SKIN, wall=0.3)
    free = solved(dark, side_lit(dark), matte)
    assert held < free
    assert lit_side(frames, relit, face, held) > -0.5


def test_one_number_for_all_anchors_whatever_their_order():
    frames, matte, _ = scene(LIGHT_SKIN)
    frames[1] *= 0.8
    relit = side_lit(frames)
    forward = solved(frames, relit, matte)
    assert solved(frames[::-1].copy(), relit[::-1].copy(), matte[::-1].copy()) == forward
    assert solved(frames, relit, matte) == forward


def test_no_subject_means_the_whole_picture():
    frames, matte, _ = scene(LIGHT_SKIN)
    whole = solve(decode_bt1886(frames), side_lit(frames), np.ones_like(matte))
    assert solved(frames, side_lit(frames), matte * 0) == pytest.approx(whole, abs=1e-6)


def test_an_anchor_without_the_subject_does_not_spoil_the_others():
    frames, matte, _ = scene(LIGHT_SKIN, wall=0.3)
    alone = solved(frames[:1], side_lit(frames[:1]), matte[:1])
    frames[1], matte[1] = 0.3, 0
    assert solved(frames, side_lit(frames), matte) == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize("level", [0.0, 1e-4, 1.0])
def test_black_and_white_frames_get_a_finite_exposure(level: float):
    frames = np.full((1, 8, 8, 3), level, np.float32)
    ones = np.ones((1, 8, 8), np.float32)
    assert np.isfinite(solve(frames, frames, ones, -0.4))
    assert np.isfinite(solve(frames, frames * 0, ones))


def test_skin_of_every_tone_counts_and_other_things_do_not():
    def weight(*code: int) -> float:
        return float(skin_weight(np.array(code, np.float32) / 255))

    # Light to dark; the first and last but one are the skin patches of the ColorChecker.
    for skin in ((194, 150, 130), (215, 189, 150), (160, 126, 86), (115, 82, 68), (96, 65, 52)):
        assert weight(*skin) > 0.4
    # Grey, sky, grass, a red car, yellow paint, an orange wall, near black.
    others = ((128, 128, 128), (98, 122, 157), (87, 108, 67), (175, 54, 60), (231, 199, 31))
    for other in (*others, (235, 120, 15), (10, 8, 7)):
        assert weight(*other) < 0.3


def test_skin_weight_is_smooth():
    ramp = np.linspace([0.2, 0.5, 0.9], [0.9, 0.5, 0.3], 500, dtype=np.float32)
    assert np.abs(np.diff(skin_weight(ramp))).max() < 0.05
