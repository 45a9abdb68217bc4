import numpy as np
import pytest
from pictures import disc

from lav_engine.metrics import shape

MATTE = disc() > 0.99
ROWS, COLUMNS = np.indices(MATTE.shape)
X, Y = (COLUMNS - 100) / 45.5, (80 - ROWS) / 45.5
NORMALS = np.stack([X, Y, np.sqrt(np.maximum(1 - X * X - Y * Y, 0))], axis=-1)[MATTE]


def lambert(azimuth, elevation, ambient=0.1):
    return ambient + np.maximum(NORMALS @ shape.light_vector(azimuth, elevation), 0)


def field(values):
    out = np.zeros(MATTE.shape)
    out[MATTE] = values
    return out


TRUE = field(np.log2(lambert(-70, 25)))


def test_the_true_light_correlates_fully_whatever_plane_is_added():
    tilted = TRUE * 0.5 + 0.03 * X - 0.4 * Y + 1
    assert shape.shape_correlation(tilted, TRUE, MATTE) == pytest.approx(1)
    assert shape.contrast_slope(TRUE * 0.5, TRUE, MATTE) == pytest.approx(0.5)


def test_a_graduated_filter_has_no_shape():
    assert shape.shape_correlation(-1.5 * X + 0.2 * Y, TRUE, MATTE) == 0


def test_light_from_the_wrong_side_correlates_less_than_from_the_right_one():
    wrong, near = field(np.log2(lambert(70, 25))), field(np.log2(lambert(-65, 22)))
    assert shape.shape_correlation(near, TRUE, MATTE) > 0.8
    assert shape.shape_correlation(wrong, TRUE, MATTE) < 0.6
    assert shape.contrast_slope(wrong, TRUE, MATTE) < 0


@pytest.mark.parametrize("azimuth", [-150, -90, -30, 60, 120])
@pytest.mark.parametrize("elevation", [0, 30, 60])
def test_the_lamp_of_a_lambert_sphere_is_found(azimuth, elevation):
    toward = shape.light_vector(azimuth, elevation)
    found = shape.fit_light(lambert(azimuth, elevation), NORMALS)
    assert shape.angle_between(found, toward) <= 6  # the search looks every 5 degrees
    asked = np.degrees(np.arctan2(toward[1], toward[0]))
    gain = np.log2(lambert(azimuth, elevation))
    assert shape.turn_between(shape.fit_plane_angle(gain, NORMALS), asked) < 3


def test_a_lamp_on_the_other_side_is_found_there():
    found = shape.fit_light(lambert(-70, 0), NORMALS)
    assert shape.angle_between(found, shape.light_vector(70, 0)) > 120
    assert shape.turn_between(170, -170) == pytest.approx(20)
