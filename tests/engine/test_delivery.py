"""Delivery: what a light map does to code values, measured against the same maths in float64."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lav_engine.delivery import deliver
from lav_engine.dither import blue_noise
from lav_engine.media.colour import from_rgb, to_rgb
from lav_engine.media.planes import Layout, Planes

FLOATS = NDArray[np.float64]

LAYOUTS = [
    Layout(322, 180, 8, 2, 2, "bt709"),
    Layout(322, 180, 8, 2, 2, "bt601", is_full_range=True),
    Layout(1031, 61, 8, 2, 2, "bt709"),  # odd both ways, wider than a chunk
    Layout(322, 180, 10, 2, 1, "bt709"),
    Layout(322, 180, 10, 2, 2, "bt2020"),
    Layout(322, 180, 12, 1, 1, "bt709", has_alpha=True),
    Layout(322, 180, 16, 1, 1, "rgb", is_full_range=True),
    Layout(322, 180, 8, 1, 1, "rgb", is_full_range=True),
]


def name(layout: Layout) -> str:
    ratio = f"{layout.across}{layout.down}"
    return f"{layout.matrix}-{layout.depth}-{ratio}-{layout.width}x{layout.height}"


every_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=name)


def noise(layout: Layout, seed: int = 0) -> Planes:
    """Every code there is, superwhites and colours outside the gamut among them."""
    rng = np.random.default_rng(seed)
    shapes = (layout.height, layout.width), layout.chroma_shape, layout.chroma_shape
    y, u, v = (rng.integers(0, 1 << layout.depth, size).astype(layout.dtype) for size in shapes)
    return Planes(layout, 7, y, u, v, y.copy() if layout.has_alpha else None)


def grey(layout: Layout, display: float | NDArray[np.float64]) -> Planes:
    """A neutral picture; `display` 0..1, anything that broadcasts to (H, W)."""
    level = np.broadcast_to(np.asarray(display, np.float64), (layout.height, layout.width))
    codes = np.stack([level] * 3 + [np.ones_like(level)], axis=-1) @ from_rgb(layout).T
    y = np.rint(codes[..., 0]).astype(layout.dtype)
    u, v = (np.full(layout.chroma_shape, codes[0, 0, c], np.float64) for c in (1, 2))
    return Planes(layout, 0, y, u.astype(layout.dtype), v.astype(layout.dtype))


def flat(value: float | tuple[float, float, float]) -> NDArray[np.float32]:
    return np.broadcast_to(np.asarray(value, np.float32), (9, 16, 3)).copy()


def same(one: Planes, two: Planes) -> bool:
    pairs = zip((one.y, one.u, one.v), (two.y, two.u, two.v), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def colours(planes: Planes) -> FLOATS:
    """(H, W, 3) display values; each chroma sample stands for its whole block."""
    layout = planes.layout
    u, v = (
        plane.repeat(layout.down, 0).repeat(layout.across, 1)[: layout.height, : layout.width]
        for plane in (planes.u, planes.v)
    )
    codes = np.stack([planes.y, u, v, np.ones_like(planes.y)], axis=-1).astype(np.float64)
    return codes @ to_rgb(layout).T


def light(display: FLOATS) -> FLOATS:
    return np.copysign(np.abs(display) ** 2.4, display)


@every_layout
def test_an_empty_map_and_no_amount_keep_every_code(layout: Layout):
    source = noise(layout)
    assert same(deliver(source, flat(0), flat(0)), source)
    assert same(deliver(source, flat(1.5), flat(0.1), amount=0), source)


@every_layout
def test_pixels_the_map_leaves_alone_keep_every_code_beside_ones_it_lights(layout: Layout):
    source = noise(layout)
    gain, flare = flat(0), flat(0)
    gain[:, 10:] = 2
    flare[:, 10:] = 0.05
    relit = deliver(source, gain, flare)
    # Bilinear: what lies left of the last zero column's centre is all zeros; chroma is on blocks.
    left = int(layout.width * 9.5 / 16) // 2 * 2
    np.testing.assert_array_equal(relit.y[:, :left], source.y[:, :left])
    columns = left // layout.across
    np.testing.assert_array_equal(relit.u[:, :columns], source.u[:, :columns])
    np.testing.assert_array_equal(relit.v[:, :columns], source.v[:, :columns])
    assert not np.array_equal(relit.y, source.y)


@every_layout
def test_alpha_layout_and_media_frame_travel_along(layout: Layout):
    source = noise(layout)
    relit = deliver(source, flat(-1), flat(0))
    assert (relit.layout, relit.media_frame, relit.a) == (layout, 7, source.a)
    assert relit.y.dtype == source.y.dtype


@every_layout
@pytest.mark.parametrize("flare", [0.0, 0.02, 0.4])
def test_a_light_below_the_shoulder_is_what_scene_light_says(layout: Layout, flare: float):
    """Random pictures at most at display .5, a darkening coloured light, against float64."""
    rng = np.random.default_rng(3)
    rgb = rng.uniform(0.02, 0.5, (*layout.chroma_shape, 3))
    codes = np.concatenate([rgb, np.ones((*layout.chroma_shape, 1))], -1) @ from_rgb(layout).T
    whole = codes.repeat(layout.down, 0).repeat(layout.across, 1)[: layout.height, : layout.width]
    y, u, v = (np.rint(plane) for plane in (whole[..., 0], codes[..., 1], codes[..., 2]))
    source = Planes(layout, 0, *(plane.astype(layout.dtype) for plane in (y, u, v)))
    stops = np.array([-0.2, -1.0, -1.6])
    relit = deliver(source, flat((-0.2, -1.0, -1.6)), flat(flare))
    lit = light(np.maximum(colours(source), 0)) * 2**stops + flare
    wanted = lit ** (1 / 2.4) + np.minimum(colours(source), 0) * 2 ** (stops / 2.4)
    change = (wanted - colours(source)) @ from_rgb(layout)[:, :3].T
    luma = relit.y.astype(np.float64) - source.y - change[..., 0]
    # Dither rounds either way by less than a code; the fast norm is good to 5e-5 of white.
    assert np.abs(luma).max() < 1 + 6e-5 * (1 << layout.depth)
    assert abs(luma.mean()) < 0.02 + 3e-5 * (1 << layout.depth)
    means = [plane.astype(np.float64).mean() for plane in (relit.u, relit.v)]
    before = [plane.astype(np.float64).mean() for plane in (source.u, source.v)]
    moved = np.array(means) - before
    tolerance = 0.05 + 1e-4 * (1 << layout.depth)
    np.testing.assert_allclose(moved, change[..., 1:].mean(axis=(0, 1)), atol=tolerance)


def test_one_stop_on_mid_grey_is_one_stop():
    layout = Layout(320, 180, 10, 2, 1, "bt709")
    card = grey(layout, 0.18 ** (1 / 2.4))
    for stops in (-2.0, -1.0, 1.0):
        relit = light(colours(deliver(card, flat(stops), flat(0)))).mean()
        assert np.log2(relit / light(colours(card)).mean()) == pytest.approx(stops, abs=0.02)


def test_half_the_amount_is_half_the_stops():
    layout = Layout(320, 180, 10, 2, 1, "bt709")
    source = grey(layout, np.linspace(0.1, 0.6, 320))
    half = deliver(source, flat(1.0), flat(0), amount=0.5)
    assert same(half, deliver(source, flat(0.5), flat(0)))


def test_a_pool_changes_nothing():
    source = noise(LAYOUTS[2])
    gain = np.random.default_rng(0).normal(0, 1, (9, 16, 3)).astype(np.float32)
    alone = deliver(source, gain, flat(0.01))
    with ThreadPoolExecutor(2) as pool:
        assert same(deliver(source, gain, flat(0.01), pool=pool), alone)


# --- the shoulder -----------------------------------------------------------------------------

FINE = Layout(512, 16, 16, 1, 1, "rgb", is_full_range=True)


def lifted(display: NDArray[np.float64], stops: float) -> FLOATS:
    return colours(deliver(grey(FINE, display), flat(stops), flat(0)))[8, :, 1]


@pytest.mark.parametrize("stops", [0.25, 1.0, 3.0, 6.0])
def test_brighter_stays_brighter_and_nothing_rises_to_white(stops: float):
    source = np.linspace(0, 1, FINE.width)
    relit = lifted(source, stops)
    assert np.diff(relit).min() > -3e-5  # a code of dither either way
    assert (relit >= source - 3e-5).all()
    assert relit[source < 0.98].max() < 0.9805
    np.testing.assert_allclose(relit[source > 0.98], source[source > 0.98], atol=3e-5)


def test_the_shoulder_has_no_corner():
    steps = np.linspace(0.4, 1.2, 60)
    source = np.full(FINE.width, 0.7)
    risen = np.array([lifted(source, stops)[256] for stops in steps])
    assert np.abs(np.diff(risen, 2)).max() < 2e-3  # a corner of slope 1 to 0 would be .0028


def test_a_bright_pixel_made_darker_is_not_touched_by_the_shoulder():
    source = np.linspace(0.8, 1, FINE.width)
    np.testing.assert_allclose(lifted(source, -0.5), source * 2 ** (-0.5 / 2.4), atol=4e-5)


def test_a_strong_warm_light_keeps_its_hue_at_the_top():
    card = grey(FINE, 0.8)
    relit = colours(deliver(card, flat((2.0, 1.0, -0.5)), flat(0))).mean(axis=(0, 1))
    assert 0.98 > relit[0] > relit[1] > 0.8 > relit[2]
    alone = 0.8 + 0.8 * (2 ** (1 / 2.4) - 1) * 0.18 / (0.18 + 0.8 * (2 ** (1 / 2.4) - 1))
    assert relit[1] < alone - 0.02  # green held back with red, instead of turning to yellow


def test_the_shoulder_sets_in_smoothly_where_a_channel_is_clipped():
    """Red at white, its gain passing through 0: green must not jump there."""
    level = np.zeros((FINE.height, FINE.width, 3))
    level[:] = (1.0, 0.5, 0.5)
    g, b, r = (np.rint(level[..., c] * 65535).astype(np.uint16) for c in (1, 2, 0))
    gain = np.zeros((9, 512, 3), np.float32)
    gain[..., 0] = np.linspace(-0.01, 0.01, 512)
    gain[..., 1] = 0.3
    green = colours(deliver(Planes(FINE, 0, g, b, r), gain, np.zeros_like(gain)))[8, :, 1]
    assert np.abs(np.diff(green)).max() < 1e-4


def test_superwhites_stay_where_the_light_rises_and_follow_where_it_falls():
    layout = Layout(64, 36, 10, 2, 1, "bt709")
    source = grey(layout, 1.05)
    assert same(deliver(source, flat(1), flat(0)), source)
    darker = deliver(source, flat(-1), flat(0))
    assert colours(darker).mean() == pytest.approx(1.05 * 2 ** (-1 / 2.4), abs=1e-3)


# --- dither and interpolation -----------------------------------------------------------------


def plateaus(row: FLOATS) -> int:
    """The longest run of equal values."""
    changes = np.flatnonzero(np.diff(row))
    return int(np.diff(np.concatenate([[-1], changes, [len(row) - 1]])).max())


def test_a_smooth_ramp_keeps_short_plateaus_in_8_bit():
    layout = Layout(1920, 64, 8, 2, 2, "bt709")
    source = grey(layout, np.linspace(0.1, 0.5, layout.width))
    ideal = layout.width / (float(source.y.max()) - float(source.y.min()))
    gain = np.linspace(0.3, 0.9, 32, dtype=np.float32)[None, :, None].repeat(18, 0).repeat(3, 2)
    relit = deliver(source, gain, np.zeros_like(gain))
    rows = relit.y.astype(np.float64)
    assert max(plateaus(row) for row in rows) <= 2 * ideal
    # What the eye averages over a few pixels is the ramp itself, not a staircase.
    smooth = cv2.blur(rows, (15, 15))[32, 30:-30]
    fit = np.polynomial.Polynomial.fit(np.arange(len(smooth)), smooth, 6)
    assert np.abs(smooth - fit(np.arange(len(smooth)))).max() < 0.45


def test_dither_stands_still_so_that_it_does_not_flicker():
    source = grey(Layout(256, 128, 8, 2, 2, "bt709"), 0.5)
    gain = flat(0.013)
    one, again = (deliver(source, gain, flat(0)) for _ in range(2))
    later = deliver(Planes(source.layout, 1, source.y, source.u, source.v), gain, flat(0))
    assert same(one, again)
    assert len(np.unique(one.y)) == 2
    assert np.array_equal(one.y, later.y)


def test_dither_is_blue():
    tile = blue_noise()
    assert len(np.unique(tile)) == tile.size
    spectrum = np.abs(np.fft.fft2(tile - tile.mean())) ** 2
    y, x = np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64), indexing="ij")
    low = np.hypot(x, y) < 0.12
    assert spectrum[low].mean() < 0.05 * spectrum[~low].mean()


def test_a_coarse_map_is_sampled_at_pixel_centres():
    """A straight line of gain stays a straight line, as far as the outermost centres."""
    layout = Layout(640, 32, 16, 1, 1, "rgb", is_full_range=True)
    centres = (np.arange(20, dtype=np.float32) + 0.5) / 20
    lift = 2.4 * np.log2(1 + 0.2 * centres)  # linear as a display gain, which is interpolated
    gain = lift.astype(np.float32)[None, :, None].repeat(4, 0).repeat(3, 2)
    relit = colours(deliver(grey(layout, 0.5), gain, np.zeros_like(gain)))[16, :, 0]
    at = np.clip((np.arange(640) + 0.5) / 640, centres[0], centres[-1])
    np.testing.assert_allclose(relit, 0.5 * (1 + 0.2 * at), atol=4e-5)
