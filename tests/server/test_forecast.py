"""What waiting jobs are said to take: as planned, corrected by what such jobs really took."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import count
from pathlib import Path

import pytest

from lav_engine.spec import ClipRange, Codec, Light, LightRequest, Output, RelightRequest, Take
from lav_server import forecast
from lav_server.jobs import JobState
from lav_server.room import Needs
from lav_server.store import Store

CLIP = ClipRange(Path("/media/a.mov"), 0, 24, Fraction(24))
REQUEST = RelightRequest(CLIP, LightRequest(), Output(Path("/media/b.mov")))
TAKE = Take(REQUEST.output.path, CLIP, 160, 90, "draft", "1", Light(), 1.0, Codec.h264, "", "", 1.5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "jobs.sqlite")
    yield store
    store.close()


@pytest.fixture
def planned(store: Store) -> Callable[..., str]:
    """Adds a job that is planned to take so long."""
    names = count()

    def add(seconds: float, engine: str = "draft") -> str:
        output = Output(Path(f"/media/{next(names)}.mov"))
        request = replace(REQUEST, output=output, engine=engine)
        return store.add(request, output.path.name, needs=Needs(seconds=seconds))[0].id

    return add


def test_each_job_waits_for_those_ahead_as_far_as_they_are_known() -> None:
    waiting = {"a": 10.0, "b": 5.0, "c": None, "d": 1.0}
    assert forecast.etas(0.0, waiting) == {"a": 10.0, "b": 15.0}
    assert forecast.etas(2.5, waiting) == {"a": 12.5, "b": 17.5}
    assert forecast.etas(None, waiting) == {}


def test_the_forecast_is_in_the_order_of_the_queue(store: Store, planned) -> None:
    running, first, second, third = (planned(seconds) for seconds in (1.0, 2.0, 3.0, 0.0))
    store.claim()
    store.reorder(third, first)
    assert store.forecast(running) == (1.0, {third: None, first: 2.0, second: 3.0})
    store.pause(third, True)
    assert list(store.forecast(None)[1]) == [first, second]
    assert store.forecast(None)[0] == 0.0
    store.pause_queue(True)
    assert store.forecast(running) == (None, {})


def test_what_jobs_really_took_corrects_the_plan_for_their_engine(store: Store, planned) -> None:
    for really in (30.0, 20.0, 0.0, 500.0, 20.0, 10.0, 20.0):  # the first is too long ago
        done = planned(10.0)
        store.claim()
        store.move(done, JobState.done, take=TAKE, spent=really)
    waiting, other = planned(10.0), planned(10.0, engine="fault-elsewhere")
    expected = store.forecast(None)[1]
    assert expected[waiting] == 20.0
    assert expected[other] is None


def test_of_a_device_nothing_is_known_before_it_has_done_a_job(store: Store, planned) -> None:
    first = planned(10.0, engine="wan")
    assert store.forecast(None)[1] == {first: None}
    store.claim()
    store.move(first, JobState.done, take=replace(TAKE, engine="wan"), spent=700.0)
    second = planned(20.0, engine="wan")
    assert store.forecast(None)[1] == {second: 1400.0}
