import numpy as np
import pytest
from pictures import disc

from lav_engine.metrics import edges


def test_the_band_lies_within_eight_pixels_of_the_edge():
    band = edges.edge_band(disc(radius=45, x=100, y=80))
    assert band[80, 100 + 45 - 6]
    assert band[80, 100 + 45 + 6]
    assert not band[80, 100]
    assert not band[80, 100 + 45 + 11]


@pytest.mark.parametrize("matte", [np.zeros((40, 40)), np.ones((40, 40))])
def test_a_matte_without_an_edge_has_no_band_and_no_halo(matte):
    matte = matte.astype(np.float32)
    assert not edges.edge_band(matte).any()
    assert np.isnan(edges.halo(np.ones_like(matte), matte))


def test_light_on_the_subject_alone_is_no_halo():
    matte = disc()
    assert edges.halo((matte > 0.5) * np.float32(1.5), matte) == 0


@pytest.mark.parametrize("stops", [0.3, -0.3])
def test_a_glow_or_an_aura_around_the_subject_is_a_halo(stops):
    matte = disc()
    around = (disc(radius=51) - matte) * np.float32(stops)
    assert edges.halo(around, matte) == pytest.approx(0.3, abs=0.03)


def test_a_bright_side_does_not_cancel_a_dark_one():
    matte = disc()
    sign = np.where(np.indices(matte.shape)[1] < 100, 1, -1).astype(np.float32)
    around = (disc(radius=51) - matte) * sign * np.float32(0.3)
    assert edges.halo(around, matte) > 0.2


def test_a_wall_lit_from_one_side_has_no_halo():
    wall = np.linspace(1, -1, 200, dtype=np.float32)[None].repeat(160, axis=0)
    assert edges.halo(wall, disc()) < 0.1
