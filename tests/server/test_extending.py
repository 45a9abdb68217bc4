"""A job keeps the exposures of the take it extends, if it asks for the very same light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from lav_engine.spec import (
    ClipRange,
    Codec,
    Light,
    LightRequest,
    Options,
    Output,
    RelightRequest,
    ShotExposure,
    Take,
)
from lav_server.extending import extended
from lav_server.jobs import Job, JobState

CLIP = ClipRange(Path("/media/a.mov"), 100, 24, Fraction(24))
LONGER = replace(CLIP, first=90, count=900)
REQUEST = RelightRequest(CLIP, LightRequest(prompt="noir"), Output(Path("/media/b.mov")))
WANTED = replace(REQUEST, clip=LONGER, amount=0.5, output=Output(Path("/media/c.mkv"), Codec.ffv1))
SOLVED = (ShotExposure(100, 110, -0.3), ShotExposure(110, 124, 0.7))
TAKE = Take(
    Path("/media/b.mov"), CLIP, 160, 90, "draft", "1", Light(), 1.0, Codec.h264, "", "", 1.5,
    exposures=SOLVED,
)  # fmt: skip
DONE = Job("a1", JobState.done, REQUEST, 4, 1, 0.0, 0.0, take=TAKE)


def test_another_range_amount_or_output_keeps_the_exposures() -> None:
    assert extended(WANTED, DONE) == replace(WANTED, exposures=SOLVED)


def test_an_extension_is_extended_by_what_it_showed_itself() -> None:
    earlier = replace(REQUEST, exposures=(ShotExposure(0, 9, 3.0),))
    assert extended(WANTED, replace(DONE, request=earlier)).exposures == SOLVED


OTHERS: dict[str, Callable[[RelightRequest], RelightRequest]] = {
    "clip": lambda one: replace(one, clip=replace(LONGER, path=Path("/media/other.mov"))),
    "light": lambda one: replace(one, light=LightRequest(prompt="golden hour")),
    "engine": lambda one: replace(one, engine="wan"),
    "options": lambda one: replace(one, options=Options(seed=7)),
    "mask": lambda one: replace(one, mask=Path("/media/matte.png")),
}


@pytest.mark.parametrize("what", OTHERS)
def test_of_another_light_nothing_is_kept(what: str) -> None:
    other = OTHERS[what](WANTED)
    assert extended(other, DONE) == other


def test_exposures_that_the_request_brings_along_stay() -> None:
    brought = replace(WANTED, exposures=(ShotExposure(0, 9, 3.0),))
    assert extended(brought, DONE) == brought


def test_a_job_without_a_take_has_nothing_to_keep() -> None:
    assert extended(WANTED, replace(DONE, take=None, state=JobState.failed)) == WANTED
