"""Valid lights of every shape, for properties."""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from lav_engine.spec import Ambient, Key, Lamp, Light, Role


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


_level = _numbers(0.01, 1000)
colors = st.tuples(_level, _level, _level)
places = st.tuples(_numbers(0, 1), _numbers(0, 1))
kelvins = _numbers(1000, 20000)
stops = _numbers(-10, 10)


def lamps(role: st.SearchStrategy[Role], colored: bool, placed: bool) -> st.SearchStrategy[Lamp]:
    return st.builds(
        Lamp,
        role=role,
        azimuth=st.floats(-180, 180, exclude_min=True),
        elevation=_numbers(-90, 90),
        kelvin=kelvins,
        tint=_numbers(-50, 50),
        color=colors if colored else st.none(),
        stops=stops,
        size=_numbers(0, 1),
        at=places if placed else st.none(),
        radius=_numbers(0.01, 10),
    )


def _lights(rig: list[tuple[Role, bool, bool]], exposed: bool) -> st.SearchStrategy[Light]:
    return st.builds(
        Light,
        prompt=st.text(max_size=20),
        lamps=st.tuples(*(lamps(st.just(r), colored, placed) for r, colored, placed in rig)),
        ambient=st.builds(Ambient, stops=stops, kelvin=kelvins, tint=_numbers(-50, 50)),
        exposure=stops if exposed else st.none(),
        bias=stops,
        haze=_numbers(0, 1),
        source_white=kelvins,
    )


@pytest.fixture(scope="session")
def lights() -> Callable[[bool], st.SearchStrategy[Light]]:
    """lights(keyed): keys are alike in shape, as they must be."""
    return _whole


@st.composite
def _whole(draw: st.DrawFn, keyed: bool) -> Light:
    shape = st.tuples(st.sampled_from(Role), st.booleans(), st.booleans())
    alike = _lights(draw(st.lists(shape, min_size=1, max_size=3)), draw(st.booleans()))
    light = draw(alike)
    if not keyed:
        return light
    frames = draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=4, unique=True))
    keys = tuple(Key(frame, draw(alike)) for frame in sorted(frames))
    return Light(light.prompt, light.lamps, light.ambient, light.exposure, keys=keys)
