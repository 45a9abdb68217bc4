"""Edges: the subject's light stays on the subject, and smooth light stays smooth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lav_engine.edges import bring_up, guide_size
from lav_engine.media.colour import rgb_to_planes
from lav_engine.media.planes import Layout, Planes

FLOATS = NDArray[np.float32]
FULL_HD = Layout(1920, 1080, 8, 2, 2, "bt709")
MAP = 512, 288


def scene(seed: int = 0) -> tuple[Planes, FLOATS]:
    """A wavy disc before a textured wall, and its true matte (H, W)."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:1080, 0:1920].astype(np.float32)
    angle = np.arctan2(y - 594, x - 960)
    radius = np.hypot((x - 960) / 326, (y - 594) / 356) - 0.12 * np.sin(7 * angle)
    matte = np.clip((1 - radius) * 326 + 0.5, 0, 1)
    coarse = rng.normal(0, 0.05, (135, 240, 3)).astype(np.float32)
    wall = np.array([0.45, 0.5, 0.55], np.float32) + cv2.resize(coarse, (1920, 1080))
    picture = wall + matte[..., None] * np.array([0.2, 0, -0.12], np.float32)
    picture += rng.normal(0, 0.01, picture.shape).astype(np.float32)
    return rgb_to_planes(np.clip(picture, 0, 1), FULL_HD), matte


def stepped(matte: FLOATS, blur: float) -> tuple[FLOATS, FLOATS]:
    """(map, truth): -.5 stop on the wall, +.9 on the disc; the map area-scaled and blurred."""
    truth = (matte * 1.4 - 0.5)[..., None].repeat(3, 2)
    gain = cv2.resize(truth, MAP, interpolation=cv2.INTER_AREA)
    if blur:
        gain = cv2.GaussianBlur(gain, (0, 0), blur)
    return np.asarray(gain, np.float32), truth


def halo(gain: FLOATS, matte: FLOATS) -> float:
    """Stops: background gain 0-4 pixels from the matte against 10-25 pixels from it."""
    full = cv2.resize(gain, (1920, 1080), interpolation=cv2.INTER_LINEAR)[..., 1]
    away = cv2.distanceTransform((matte == 0).astype(np.uint8), cv2.DIST_L2, 5)
    near, far = (away > 0) & (away <= 4), (away > 10) & (away <= 25)
    return float(full[near].mean() - full[far].mean())


@pytest.mark.parametrize(("blur", "limit"), [(0.0, 0.55), (0.7, 0.65)])
def test_a_step_leaves_less_of_a_halo_than_interpolation(blur: float, limit: float):
    planes, matte = scene()
    gain, truth = stepped(matte, blur)
    brought = bring_up(gain, gain, planes)
    assert brought.shape == (540, 960, 3)
    assert halo(brought, matte) < limit * halo(gain, matte)
    full = [cv2.resize(one, (1920, 1080)) for one in (gain, brought)]
    before, after = (float(np.square(one - truth).mean()) for one in full)
    assert after < 0.55 * before


def test_smooth_light_is_interpolated_and_nothing_else():
    planes, _ = scene()
    x = np.linspace(-1, 1, MAP[0], dtype=np.float32)  # .02 stop in 5 pixels
    gain = x[None, :, None].repeat(MAP[1], 0).repeat(3, 2)
    plain = cv2.resize(gain, (960, 540), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(bring_up(gain, gain, planes), plain)


def test_light_that_is_nothing_stays_nothing_beside_an_edge():
    planes, matte = scene()
    gain = np.maximum(stepped(matte, 0)[0] + 0.5, 0)  # 0 on the wall, 1.4 on the disc
    plain = cv2.resize(gain, (960, 540), interpolation=cv2.INTER_LINEAR)
    brought = bring_up(gain, gain, planes)
    assert not brought[plain == 0].any()
    assert brought.max() <= gain.max() + 1e-5


def test_a_source_hardly_larger_than_the_map_is_left_to_interpolation():
    gain = np.zeros((288, 512, 3), np.float32)
    planes = rgb_to_planes(
        np.full((288, 512, 3), 0.5, np.float32), Layout(512, 288, 8, 2, 2, "bt709")
    )
    assert bring_up(gain, gain, planes) is gain


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1920, 1080), (960, 540)),
        ((3840, 2160), (960, 540)),
        ((2048, 858), (1024, 429)),
        ((1080, 1920), (540, 960)),
        ((640, 480), None),
        ((960, 540), (960, 540)),
    ],
)
def test_edges_are_brought_to_a_whole_fraction_of_the_source(
    size: tuple[int, int], expected: tuple[int, int] | None
):
    columns = round(512 * size[0] / max(size))
    assert guide_size(Layout(*size, 10, 2, 1, "bt709"), columns) == expected
