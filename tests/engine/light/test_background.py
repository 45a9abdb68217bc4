"""The light as a picture: the paper's four gradients bit for bit, and every other light."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lav_engine.light.background import NEUTRAL, light_image
from lav_engine.spec import Ambient, Lamp, Light

STORED = np.load(Path(__file__).parents[2] / "golden" / "b_backgrounds.npz")
SIDES = {"LEFT": (-90.0, 0.0), "RIGHT": (90.0, 0.0), "TOP": (0.0, 90.0), "BOTTOM": (0.0, -90.0)}
SIZES = ((64, 64), (96, 64), (512, 512), (720, 480), (832, 480))


def lit(*lamps: Lamp, ambient: Ambient = Ambient(), size: tuple[int, int] = (96, 64)) -> NDArray:
    return light_image(Light(lamps=lamps, ambient=ambient), *size)


def side(name: str) -> Lamp:
    azimuth, elevation = SIDES[name]
    return Lamp(azimuth=azimuth, elevation=elevation)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SIDES)
def test_a_lamp_from_a_side_is_the_papers_gradient(name: str, size: tuple[int, int]) -> None:
    image = lit(side(name), size=size)
    profile = STORED[f"{name}_{size[0]}x{size[1]}_profile_u8"]
    line = profile[None, :, None] if name in {"LEFT", "RIGHT"} else profile[:, None, None]
    assert image.dtype == np.uint8
    assert np.array_equal(image, np.broadcast_to(line, (size[1], size[0], 3)))


@pytest.mark.parametrize("name", SIDES)
def test_the_whole_picture_is_the_papers(name: str) -> None:
    assert np.array_equal(lit(side(name)), STORED[f"{name}_96x64_u8"])


@pytest.mark.parametrize("azimuth", range(-180, 181, 30))
@pytest.mark.parametrize("elevation", [-60, 0, 60])
def test_light_comes_from_where_the_lamp_is(azimuth: int, elevation: int) -> None:
    image = lit(Lamp(azimuth=azimuth, elevation=elevation)).astype(float)
    right = image[:, -1].mean() - image[:, 0].mean()
    up = image[0].mean() - image[-1].mean()
    across = np.sin(np.radians(azimuth)) * np.cos(np.radians(elevation))
    assert abs(across) < 1e-6 or np.sign(right) == np.sign(across)
    assert elevation == 0 or np.sign(up) == np.sign(elevation)


def test_a_lamp_in_front_is_white_everywhere() -> None:
    assert lit(Lamp(azimuth=0, elevation=0)).min() == 255


def test_colour_and_several_lamps_show() -> None:
    warm = lit(Lamp(azimuth=-90, kelvin=2500))
    assert warm[30, 0, 0] > warm[30, 0, 1] > warm[30, 0, 2]
    both = lit(Lamp(azimuth=-90), Lamp(azimuth=90, color=(0.0, 0.0, 1.0), stops=-1))
    assert both[30, 0].tolist() == [255, 255, 255]
    assert both[30, -1, 2] > 150
    assert both[30, -1, 0] < 50


def test_a_fill_lifts_the_dark_side_by_its_power() -> None:
    levels = [lit(side("LEFT"), ambient=Ambient(stops))[:, -1].max() for stops in (-6, -3, -1)]
    assert levels == sorted(levels)
    assert levels[0] > 0


def test_a_lamp_in_the_picture_glows_where_it_stands() -> None:
    image = lit(Lamp(at=(0.25, 0.5), radius=0.2)).astype(int)
    row, column = np.unravel_index(image[..., 0].argmax(), image.shape[:2])
    assert abs(int(row) - 32) <= 1
    assert abs(int(column) - 24) <= 1
    assert image[32, 90, 0] < 10


def test_no_light_at_all_says_nothing() -> None:
    assert np.all(lit() == NEUTRAL)


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (3, 3), (16, 2)])
def test_any_size_works(size: tuple[int, int]) -> None:
    assert lit(side("LEFT"), side("TOP"), size=size).shape == (size[1], size[0], 3)
