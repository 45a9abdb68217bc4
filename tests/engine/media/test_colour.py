"""Float colour is exact where codes are, and changes nothing on the way there and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lav_engine.media.chroma import heighten, thin, widen
from lav_engine.media.colour import (
    decode_bt1886,
    encode_bt1886,
    from_rgb,
    planes_to_rgb,
    rgb_to_planes,
    small_rgb,
    to_rgb,
)
from lav_engine.media.convert import convert
from lav_engine.media.planes import Codes, Layout, Planes

HD = Layout(48, 32, 10, 2, 1, "bt709")
LAYOUTS = [
    Layout(width, 32, depth, *sampling, matrix, is_full)
    for depth in (8, 10, 12, 16)
    for sampling in ((1, 1), (2, 1), (2, 2))
    for matrix in ("bt601", "bt709", "bt2020")
    for is_full in (False, True)
    for width in (48, 47)
] + [Layout(48, 31, depth, 1, 1, "rgb", is_full_range=True) for depth in (8, 10, 12, 16)]


def any_codes(layout: Layout, seed: int = 3) -> Planes:
    """Every code the depth has: below black, above white, far outside the gamut."""
    dice = np.random.default_rng(seed)

    def plane(shape: tuple[int, int]) -> Codes:
        return dice.integers(0, 1 << layout.depth, shape, dtype=layout.dtype)

    luma = layout.height, layout.width
    alpha = plane(luma) if layout.has_alpha else None
    return Planes(
        layout, 7, plane(luma), plane(layout.chroma_shape), plane(layout.chroma_shape), alpha
    )


def one_colour(layout: Layout, y: int, u: int, v: int) -> Planes:
    luma, chroma = (layout.height, layout.width), layout.chroma_shape
    codes = (np.full(luma, y), np.full(chroma, u), np.full(chroma, v))
    return Planes(layout, 0, *(one.astype(layout.dtype) for one in codes))


def assert_same(one: Planes, other: Planes) -> None:
    assert np.array_equal(one.y, other.y)
    assert np.array_equal(one.u, other.u)
    assert np.array_equal(one.v, other.v)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_rgb_and_back_changes_no_code(layout: Layout) -> None:
    planes = any_codes(layout)
    assert_same(planes, rgb_to_planes(planes_to_rgb(planes), layout))


def test_known_codes_have_their_colours() -> None:
    for codes, colour in (
        ((940, 512, 512), (1, 1, 1)),
        ((64, 512, 512), (0, 0, 0)),
        ((250, 409, 960), (1, 0, 0)),  # BT.709 red in 10 bit, rounded
        ((691, 167, 105), (0, 1, 0)),
        ((127, 960, 471), (0, 0, 1)),
        ((1019, 512, 512), (1.0902, 1.0902, 1.0902)),
    ):
        assert planes_to_rgb(one_colour(HD, *codes))[5, 5] == pytest.approx(colour, abs=0.002)
    full = Layout(16, 16, 8, 2, 2, "bt601", is_full_range=True)
    assert planes_to_rgb(one_colour(full, 76, 85, 255))[5, 5] == pytest.approx((1, 0, 0), abs=0.005)
    rgb = Layout(16, 16, 8, 1, 1, "rgb", is_full_range=True)
    assert planes_to_rgb(one_colour(rgb, 255, 0, 51))[5, 5] == pytest.approx((0.2, 1, 0))


def test_colours_outside_the_gamut_are_not_clipped() -> None:
    rgb = planes_to_rgb(any_codes(HD))
    assert rgb.min() < -0.3
    assert rgb.max() > 1.3


def test_both_matrices_are_inverse() -> None:
    for layout in LAYOUTS:
        there = np.vstack([from_rgb(layout), [0, 0, 0, 1]])
        back = np.vstack([to_rgb(layout), [0, 0, 0, 1]])
        assert there @ back == pytest.approx(np.eye(4), abs=1e-9)


def test_bt1886_is_a_power_that_keeps_the_sign() -> None:
    display = np.linspace(-0.2, 1.2, 57, dtype=np.float32)
    assert decode_bt1886(np.float32([0.5]))[0] == pytest.approx(0.5**2.4)
    assert encode_bt1886(decode_bt1886(display)) == pytest.approx(display, abs=1e-6)


def test_chroma_is_sited_left_and_between_lines() -> None:
    """A ramp across the picture stays a ramp, at the same place."""
    x = np.arange(64, dtype=np.float32)[None].repeat(64, axis=0)
    wide = widen(np.ascontiguousarray(x[:, ::2]), 64)
    assert np.array_equal(wide[:, :63], x[:, :63])
    y = x.T
    between = np.ascontiguousarray((y[::2] + y[1::2]) / 2)
    assert heighten(between, 64)[1:63] == pytest.approx(y[1:63])
    assert thin(y, 1, 2)[1:-1] == pytest.approx(between[1:-1])


def test_thinning_fresh_chroma_does_not_alias() -> None:
    stripes = np.tile(np.float32([0, 1]), (32, 16))
    assert thin(stripes, 2, 1)[:, 2:-2] == pytest.approx(0.5)  # not 0, as plain decimation has it


@pytest.mark.parametrize("layout", [HD, replace(HD, depth=8, down=2), LAYOUTS[-1]], ids=str)
def test_small_pictures_are_the_average_of_the_large(layout: Layout) -> None:
    layout = replace(layout, width=480, height=320)
    y, x = np.mgrid[:320, :480].astype(np.float32) / 480
    picture = np.stack([0.2 + 0.6 * x, 0.7 - 0.5 * y, 0.4 + 0.3 * x * y], axis=-1)
    planes = rgb_to_planes(picture.astype(np.float32), layout)
    for width, height in ((120, 80), (104, 72), (240, 160), (480, 320)):
        small = small_rgb(planes, width, height)
        assert small.shape == (height, width, 3)
        assert small.dtype == np.float32
        rows, columns = 320 / height, 480 / width
        v = ((np.arange(height) + 0.5) * rows - 0.5)[:, None] / 480
        u = ((np.arange(width) + 0.5) * columns - 0.5)[None] / 480
        expected = np.stack(
            np.broadcast_arrays(0.2 + 0.6 * u, 0.7 - 0.5 * v, 0.4 + 0.3 * u * v), -1
        )
        assert np.abs(small - expected).max() < 0.01


def test_small_pictures_stay_between_black_and_white() -> None:
    small = small_rgb(any_codes(replace(HD, width=128, height=96)), 64, 48)
    assert small.min() >= 0
    assert small.max() <= 1


# --- from one layout to another ---------------------------------------------------------------


def test_the_same_layout_is_the_same_planes() -> None:
    planes = any_codes(HD)
    assert convert(planes, HD) is planes


def test_more_bits_are_exact() -> None:
    source = replace(HD, depth=8)
    planes = any_codes(source)
    deep = convert(planes, HD)
    assert np.array_equal(deep.y, planes.y.astype(int) * 4)
    assert np.array_equal(deep.u, planes.u.astype(int) * 4)
    assert deep.media_frame == 7
    assert_same(planes, convert(deep, source))


def test_fewer_bits_keep_the_mean() -> None:
    planes = one_colour(HD, 501, 513, 510)
    shallow = convert(planes, replace(HD, depth=8))
    assert set(np.unique(shallow.y)) == {125, 126}
    for mine, code in ((shallow.y, 501), (shallow.u, 513), (shallow.v, 510)):
        assert mine.astype(float).mean() == pytest.approx(code / 4, abs=0.02)


def test_sampling_there_and_back_changes_no_code() -> None:
    for down in (1, 2):
        source = replace(HD, down=down)
        planes = any_codes(source)
        for other in (replace(HD, across=1, depth=16), replace(HD, across=1, down=1, depth=16)):
            if other.down <= down:
                assert_same(planes, convert(convert(planes, other), source))


def test_full_range_lands_on_video_levels() -> None:
    full = Layout(16, 16, 8, 2, 2, "bt709", is_full_range=True)
    video = convert(one_colour(full, 255, 128, 255), Layout(16, 16, 10, 2, 1, "bt709"))
    assert (video.y[3, 3], video.u[3, 3], video.v[3, 3]) == (940, 512, 958)


def test_rgb_becomes_rec_709() -> None:
    rgb = Layout(16, 16, 8, 1, 1, "rgb", is_full_range=True)
    red = convert(one_colour(rgb, 0, 0, 255), Layout(16, 16, 10, 2, 1, "bt709"))
    assert np.abs(np.int32([red.y[3, 3], red.u[3, 3], red.v[3, 3]]) - (250, 409, 960)).max() <= 1


def test_alpha_follows_the_depth_and_is_opaque_where_there_was_none() -> None:
    deep = replace(HD, has_alpha=True, depth=12)
    planes = any_codes(replace(HD, has_alpha=True))
    alpha = convert(planes, deep).a
    assert planes.a is not None
    assert alpha is not None
    assert np.array_equal(np.rint(alpha * (1023 / 4095)), planes.a)
    opaque = convert(any_codes(HD), deep).a
    assert opaque is not None
    assert (opaque == 4095).all()
    assert convert(planes, HD).a is None
