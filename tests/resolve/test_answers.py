"""Answers of other types than the README says, and timecode both ways."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from lav_engine.media import timecode
from lav_plugin.model import Refusal
from lav_plugin.resolve.answers import each, listing, mapping, whole
from lav_plugin.resolve.timecode import Clock


@pytest.mark.parametrize("said", [86400, 86400.0, "86400"])
def test_whole_numbers_come_in_several_types(said: Any) -> None:
    assert whole(said, "a frame") == 86400


@pytest.mark.parametrize("said", [None, 1.5, "", "x", float("nan"), float("inf"), []])
def test_what_is_no_whole_number_is_refused(said: Any) -> None:
    with pytest.raises(Refusal, match="where a frame was asked for"):
        whole(said, "a frame")


def test_lists_and_dicts_of_lua_are_both() -> None:
    assert listing({1: "a", 2: None, 3: "b"}) == ["a", "b"]
    assert listing(None) == listing("text") == listing(False) == []
    assert mapping([]) == mapping(None) == mapping(False) == {}


def test_many_objects_are_asked_in_one_journey() -> None:
    class Far:
        journeys = 0

        def many(self, calls: Any) -> list[Any]:
            Far.journeys += 1
            return [method for _, method in calls]

    assert each([Far(), Far()], "GetName") == ["GetName", "GetName"]
    assert Far.journeys == 1
    assert each([], "GetName") == []


@pytest.mark.parametrize(
    ("rate", "is_drop"),
    [
        (Fraction(24000, 1001), False),
        (Fraction(24), False),
        (Fraction(25), False),
        (Fraction(30000, 1001), True),
        (Fraction(60000, 1001), True),
        (Fraction(60), False),
    ],
)
def test_timecode_is_the_engines(rate: Fraction, is_drop: bool) -> None:
    clock = Clock(rate, is_drop)
    for frame in (*range(0, 20000, 7), *range(1795, 1805), 17982, 107892, 107894, 5_000_000):
        said = timecode.write(frame % (24 * 3600 * round(rate)), rate, is_drop)
        if frame < 20 * 3600 * round(rate):
            assert clock.text(frame) == said
            assert clock.frame(said) == frame


def test_what_is_no_timecode_is_refused() -> None:
    with pytest.raises(Refusal, match="where a timecode was asked for"):
        Clock(Fraction(24), False).frame("")
