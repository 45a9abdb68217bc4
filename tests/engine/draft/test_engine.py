import numpy as np
import pytest
from draft_scenes import ball, card, disc, fields, lit, window

from lav_engine.engines.draft import spec
from lav_engine.engines.draft.engine import DraftEngine
from lav_engine.media.colour import LUMA_709
from lav_engine.spec import Ambient, Key, Lamp, Light, Options, Scope

INSIDE, OUTSIDE = disc(100.0) > 0.99, disc(100.0) < 0.01


def level(gain):
    return np.log2(np.exp2(gain) @ LUMA_709)


def test_a_grey_card_square_to_a_lamp_keeps_its_code_values():
    made = fields(window(card()), lit(0.0))
    assert np.abs(made.gain).max() < 0.05  # falloff and easing together; a level is about .02
    assert not made.flare.any()


@pytest.mark.parametrize("azimuth", [0.0, 70.0, 180.0])
def test_one_stop_more_is_one_stop_more_below_the_highlights(azimuth):
    clip = window(ball())
    one = fields(clip, lit(azimuth, stops=-1.5)).gain
    more = fields(clip, lit(azimuth, stops=-0.5)).gain
    np.testing.assert_allclose(more - one, 1.0, atol=1e-3)


def test_what_would_nearly_clip_is_lit_less_and_keeps_its_hue():
    clip = window(ball())
    rise = fields(clip, lit(0.0, stops=1.0)).gain - fields(clip, lit(0.0)).gain
    core = disc(100.0) > 0.99
    assert 0 < rise[0][core].min() < 0.8  # its red is .55 already
    assert np.ptp(rise, axis=-1).max() < 1e-3
    np.testing.assert_allclose(rise[0, :20, 200:], 1.0, atol=1e-3)  # the wall far from it


def test_lamps_add_up():
    clip = window(ball())
    key, fill = Lamp(azimuth=-70, elevation=20), Lamp(azimuth=60, stops=-1.5, kelvin=3200)
    alone = [np.exp2(fields(clip, Light(lamps=(lamp,), exposure=0.0)).gain) for lamp in (key, fill)]
    both = fields(clip, Light(lamps=(key, fill), exposure=0.0)).gain
    no_light = fields(clip, Light(ambient=Ambient(0.0), exposure=0.0)).gain
    assert np.isfinite(no_light).all()
    np.testing.assert_allclose(np.exp2(both), alone[0] + alone[1], rtol=1e-3)


def test_a_lamp_at_the_source_white_leaves_colour_alone():
    gain = fields(window(ball()), lit(-70.0, 20.0)).gain
    assert np.ptp(gain, axis=-1).max() < 1e-4


def test_a_warm_lamp_raises_red_and_lowers_blue():
    gain = fields(window(card()), lit(0.0, kelvin=3200.0)).gain
    red, green, blue = gain[0].mean(axis=(0, 1))
    assert red > green > blue


@pytest.mark.parametrize(("azimuth", "sign"), [(-70.0, 1), (70.0, -1)])
def test_the_side_the_lamp_stands_on_is_brighter(azimuth, sign):
    gain = level(fields(window(ball()), lit(azimuth, 20.0)).gain[0])
    left, right = INSIDE.copy(), INSIDE.copy()
    left[:, 100:], right[:, :100] = False, False
    assert sign * (gain[left].mean() - gain[right].mean()) > 0.8


def test_a_lamp_behind_lights_the_edge_more_than_the_centre():
    gain = level(fields(window(ball()), lit(180.0)).gain[0])
    core = disc(100.0) > 0.99
    y, x = np.indices(core.shape)
    away = np.hypot(x - 100, y - 74)
    assert gain[core & (away > 36)].mean() > gain[away < 15].mean() + 0.3


def test_shadows_of_a_single_lamp_are_not_black():
    gain = level(fields(window(ball()), lit(-90.0)).gain)
    assert gain.min() > -5.5


def test_the_gain_changes_sharply_at_the_subject_and_not_around_it():
    gain = level(fields(window(ball()), lit(-80.0)).gain[0])
    row = gain[74]
    beside, beyond = row[100 + 45 : 100 + 49].mean(), row[100 + 54 : 100 + 68].mean()
    assert abs(beside - beyond) < 0.15
    assert beside - row[100 + 36] > 0.8


def test_the_subject_alone_is_lit_when_asked():
    made = fields(window(ball()), lit(-70.0, 20.0), Options(scope=Scope.subject))
    assert np.abs(made.gain[0][disc(100.0) < 0.01][::7]).mean() < 0.05
    assert np.abs(made.gain[0][INSIDE]).mean() > 0.3
    rest = fields(window(ball()), lit(-70.0, 20.0), Options(scope=Scope.background))
    assert np.abs(rest.gain[0][INSIDE]).mean() < 0.05


def test_a_user_mask_takes_the_place_of_the_matte():
    mask = disc(180.0)[None]
    made = fields(window(ball(), mask=mask), lit(-70.0), Options(scope=Scope.subject))
    assert not made.gain[0][mask[0] == 0].any()
    assert np.abs(made.gain[0][mask[0] > 0.99]).mean() > 0.2


def test_haze_is_flare_from_the_lamps_side():
    light = Light(lamps=(Lamp(azimuth=-80.0),), exposure=0.0, haze=0.1)
    made = fields(window(ball()), light)
    assert made.flare.min() >= 0
    assert made.flare[0, :, :40].mean() > 2 * made.flare[0, :, -40:].mean()
    np.testing.assert_allclose(made.gain, fields(window(ball()), lit(-80.0)).gain, atol=1e-5)


def test_haze_hardly_veils_a_black_scene():
    light = Light(lamps=(Lamp(azimuth=-80.0),), exposure=0.0, haze=0.1)
    black, grey = (fields(window(card(v)), light).flare.mean() for v in (0.0005, 0.3))
    assert black < 0.5 * grey


def test_clipped_white_takes_less_of_a_lamps_hue():
    white, grey = (
        fields(window(card(v)), lit(0.0, kelvin=2800.0)).gain[0].mean(axis=(0, 1))
        for v in (1.0, 0.3)
    )
    assert np.ptp(white) < 0.5 * np.ptp(grey)


def test_a_practical_is_brightest_beside_itself():
    lamp = Lamp(at=(0.15, 0.5), radius=0.3)
    gain = level(fields(window(card()), Light(lamps=(lamp,), exposure=0.0)).gain[0])
    assert gain[72, 38] > gain[72, 128] + 1 > gain[72, 240] + 1.5


def test_results_do_not_depend_on_what_ran_before():
    clip, other = window(ball(5, 1.0)), window(ball(5, 2.0))
    fresh = fields(clip, lit(-70.0)).gain
    used = DraftEngine()
    for azimuth in (20.0, 110.0):
        fields(clip, lit(azimuth), engine=used)
        fields(other, lit(azimuth), engine=used)
        fields(window(ball(5, 3.0)), lit(azimuth), engine=used)
    np.testing.assert_array_equal(fields(clip, lit(-70.0), engine=used).gain, fresh)


def test_windows_that_share_frames_nearly_agree_on_them():
    limits = spec.limits
    end = limits.frames + limits.overlap
    start = limits.frames - limits.preroll
    clip = ball(2 * limits.frames, 1.0)
    one = fields(window(clip[:end], 0), lit(-70.0)).gain
    two = fields(window(clip[start:], start), lit(-70.0)).gain
    apart = np.abs(one[limits.frames :] - two[limits.preroll :][: limits.overlap])
    assert apart.mean() < 0.02  # a level is about .02 stop at mid grey
    assert np.percentile(apart, 99) < 0.4  # the ball's outline, a fraction of a pixel apart


def test_a_light_that_jumps_between_two_frames_is_not_smeared():
    left, right = lit(-70.0), lit(70.0)
    light = Light(lamps=left.lamps, exposure=0.0, keys=(Key(3, left), Key(4, right)))
    gain = fields(window(ball(8)), light).gain
    np.testing.assert_allclose(gain[3], fields(window(ball(8)), left).gain[3], atol=0.02)
    np.testing.assert_allclose(gain[4], fields(window(ball(8)), right).gain[4], atol=0.02)


def test_a_still_clip_gets_a_still_light():
    gain = fields(window(np.repeat(ball(), 12, axis=0)), lit(-70.0)).gain
    assert np.abs(np.diff(gain, axis=0)).max() < 0.02


def test_exposure_makes_up_for_a_dimmer_lamp():
    clip, engine = window(ball()), DraftEngine()
    bright, dim = (
        engine.expose(clip, Light(lamps=(Lamp(stops=stops),)), Options()) for stops in (0.0, -2.0)
    )
    assert dim - bright == pytest.approx(2.0, abs=0.05)
    assert abs(bright) < 0.8
