import pytest
from hypothesis import given
from hypothesis import strategies as st

from lav_engine.light.directions import DIRECTIONS, direction_vector, turned, wrapped
from lav_engine.spec import Lamp, Role


def test_left_means_screen_left():
    assert direction_vector(*DIRECTIONS["left"])[0] < -0.8
    assert direction_vector(*DIRECTIONS["right"])[0] > 0.8


def test_every_name_points_where_it_says():
    for name, place in DIRECTIONS.items():
        x, y, z = direction_vector(*place)
        assert x * x + y * y + z * z == pytest.approx(1.0)
        assert ("left" in name) == (x < -0.3)
        assert ("right" in name) == (x > 0.3)
        assert ("top" in name) == (y > 0.5)
        assert ("bottom" in name) == (y < -0.5)
        assert (name == "back" or "kicker" in name) == (z < -0.3)


def test_axes_are_right_up_and_toward_the_camera():
    assert direction_vector(90, 0) == pytest.approx((1, 0, 0), abs=1e-12)
    assert direction_vector(0, 90) == pytest.approx((0, 1, 0), abs=1e-12)
    assert direction_vector(0, 0) == pytest.approx((0, 0, 1), abs=1e-12)


@given(st.floats(-1e4, 1e4))
def test_wrapping_keeps_the_direction(azimuth: float):
    w = wrapped(azimuth)
    assert -180.0 < w <= 180.0
    assert direction_vector(w, 0) == pytest.approx(direction_vector(azimuth, 0), abs=1e-9)


def test_a_rig_that_changes_sides_is_mirrored_so_its_fill_stays_in_front():
    rig = (Lamp(azimuth=-40), Lamp(Role.fill, 50), Lamp(Role.rim, 150))
    key, fill, rim = turned(rig, 60.0)
    assert key.azimuth == 60.0
    assert fill.azimuth == pytest.approx(-30.0)
    assert rim.azimuth == pytest.approx(-130.0)


def test_a_practical_stays_where_it_stands_in_the_picture():
    practical = Lamp(Role.practical, 20, at=(0.2, 0.4))
    assert turned((Lamp(azimuth=-40), practical), -70.0)[1] == practical
