import numpy as np
import pytest

from lav_engine.metrics import clipping


def test_only_what_was_not_white_before_is_newly_blown():
    source = np.full((10, 10, 3), 0.7, np.float32)
    source[0] = 1.0
    relit = source.copy()
    relit[:2] = 1.0
    assert clipping.newly_blown(relit, source) == pytest.approx(10)
    assert clipping.newly_blown(source, source) == 0


def test_only_what_was_not_black_before_is_newly_crushed():
    source = np.full((10, 10, 3), 0.2, np.float32)
    source[0] = 0.0
    relit = source.copy()
    relit[:3] = 0.004
    assert clipping.newly_crushed(relit, source) == pytest.approx(20)
    assert clipping.newly_crushed(source, source) == 0
