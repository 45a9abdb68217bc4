import numpy as np
import pytest
from pictures import disc

from lav_engine.metrics import direction

MATTE = disc()
ROWS, COLUMNS = np.indices(MATTE.shape)
FROM_LEFT = (MATTE * (100 - COLUMNS) / 45).astype(np.float32)  # +-1 stop at the subject's sides


def test_light_from_the_left_is_positive_and_flipped_it_is_negative():
    left = direction.side_contrast_ln(FROM_LEFT, MATTE)
    right = direction.side_contrast_ln(FROM_LEFT[:, ::-1], MATTE[:, ::-1])
    assert left > 0.5
    assert right == pytest.approx(-left, abs=0.02)


def test_light_from_above_does_not_show_sideways():
    above = (MATTE * (80 - ROWS) / 45).astype(np.float32)
    assert abs(direction.side_contrast_ln(above, MATTE)) < 0.02


def test_only_the_subject_counts():
    wall = np.where(MATTE > 0.5, 0, 2 * (COLUMNS < 100)).astype(np.float32)
    assert abs(direction.side_contrast_ln(wall, (MATTE > 0.99).astype(np.float32))) < 1e-6


def test_the_lit_half_is_where_the_gain_is():
    lit = direction.lit_half(FROM_LEFT, MATTE)
    assert lit[80, 70]
    assert not lit[80, 130]
