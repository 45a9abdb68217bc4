import numpy as np
from draft_scenes import ball, card, disc, window

from lav_engine.engines.draft import delight, geometry, matte, scene, temporal
from lav_engine.engines.draft.pixels import places, shrink
from lav_engine.media.colour import encode_bt1886


def overlap(one, other):
    return np.minimum(one, other).sum() / np.maximum(one, other).sum()


def test_the_matte_is_the_ball():
    found = scene.read(window(ball())).mattes[0].astype(np.float32)
    assert overlap(found, disc(100.0)) > 0.95


def test_the_matte_follows_the_ball():
    found = scene.read(window(ball(12, 2.0))).mattes
    for t in (0, 5, 11):
        assert overlap(found[t].astype(np.float32), disc(100.0 + 2 * t)) > 0.92


def test_a_featureless_frame_has_no_subject():
    read = scene.read(window(card()))
    assert not read.mattes[0].any()
    assert read.texture == 0


def test_reading_twice_gives_the_same():
    clip = window(ball(3, 2.0))
    one, two = scene.read(clip), scene.read(clip)
    for a, b in zip(one.mattes, two.mattes, strict=True):
        np.testing.assert_array_equal(a, b)


def test_an_outline_nobody_sees_is_not_drawn():
    frame = card(0.2)[0] + np.random.default_rng(1).normal(0, 0.01, (144, 256, 3))
    found = matte.snap(frame.astype(np.float32), shrink(disc(), matte.CUT_SIDE))
    assert np.abs(np.diff(found, axis=1)).max() < 0.15


def test_what_fills_the_border_is_no_subject():
    assert matte.is_readable(disc())
    assert not matte.is_readable(1 - disc())
    assert not matte.is_readable(np.zeros((144, 256), np.float32))


def test_an_inflated_disc_is_close_to_a_sphere():
    found = np.stack(geometry.inflate(disc()).normals(144, 256), -1)
    y, x = np.mgrid[0:144, 0:256]
    u, v = (x - 128) / 42, (74 - y) / 42
    inside = u * u + v * v < 0.9
    true = np.stack([u, v, np.sqrt(np.clip(1 - u * u - v * v, 0, 1))], -1)
    angle = np.degrees(np.arccos(np.clip((found * true).sum(-1), -1, 1)))
    assert angle[inside].mean() < 8


def test_old_light_from_the_left_is_found_and_bounded():
    x, y = places(96, 96)
    m = disc()[24:120:1, 80:176]
    normals = geometry.inflate(m).normals(*m.shape)
    lit = encode_bt1886(0.2 * np.exp(-0.8 * normals[0]))
    slopes = delight.fit(np.dstack([lit] * 3), m, normals, x, y)
    old = delight.old_light(slopes, normals, x, y)
    assert old[50, 20] > old[50, 76]
    assert np.abs(old).max() <= delight.LIMIT / np.log(2) + 1e-6


def test_a_plain_ball_lit_from_the_camera_is_not_taken_for_lit_from_above():
    m = disc()[24:120, 80:176]
    normals = geometry.inflate(m).normals(*m.shape)
    lit = encode_bt1886(0.3 * (0.3 + 0.7 * normals[2]))
    slopes = delight.fit(np.dstack([lit] * 3), m, normals, *places(*m.shape))
    old = delight.old_light(slopes, normals, *places(*m.shape))
    assert abs(old[20, 48] - old[76, 48]) < 0.15
    assert old[48, 48] > old[48, 12] + 0.2


def test_a_hollow_is_what_is_darker_than_its_own_colour_around_it():
    m = np.ones((36, 64), np.float32)
    display = np.full((36, 64, 3), (0.6, 0.4, 0.3), np.float32)
    display[14:20, 20:30] *= 0.75  # in shade
    display[14:20, 40:50] = (0.1, 0.2, 0.5)  # another thing
    found = geometry.hollows(display, m)
    assert found[17, 25] < -0.3
    assert abs(found[17, 45]) < 0.1
    assert abs(found[5, 10]) < 0.1


def test_a_trunk_cut_by_the_lower_edge_stands():
    m = np.zeros((144, 256), np.float32)
    m[40:, 90:160] = 1
    tall = geometry.inflate(m).normals(144, 256)[1]
    m[-10:] = 0
    whole = geometry.inflate(m).normals(144, 256)[1]
    assert 0 <= tall[80, 125] < whole[80, 125]


def test_neighbours_tell_a_frame_what_it_could_not_see():
    clip = ball(5, 2.0)
    links = temporal.link(clip)
    told = [disc(100.0 + 2 * t)[..., None] for t in range(5)]
    told[2] = np.zeros_like(told[2])
    found = temporal.settle(told, [1.0, 1.0, 0.0, 1.0, 1.0], links, 0.9)[2][..., 0]
    assert overlap(found, disc(104.0)) > 0.93


def test_settling_takes_out_noise_but_not_motion():
    clip = ball(12, 1.0)
    links = temporal.link(clip)
    rng = np.random.default_rng(5)
    noisy = [
        (disc(100.0 + t) + rng.normal(0, 0.1, (144, 256)))[..., None].astype(np.float32)
        for t in range(12)
    ]
    settled = temporal.settle(noisy, [1.0] * 12, links, 0.85)
    before = np.std(noisy[6][..., 0] - disc(106.0))
    after = np.std(settled[6][..., 0] - disc(106.0))
    assert after < 0.6 * before


def test_the_ball_is_what_moves():
    moves = temporal.moving(temporal.link(ball(6, 3.0)))[3]
    small = shrink(disc(109.0), temporal.KEPT_SIDE)
    assert moves[small > 0.9].mean() > 4 * moves[small < 0.1].mean()


def test_a_single_frame_moves_nothing():
    assert temporal.moving(temporal.link(ball(1))) == []
