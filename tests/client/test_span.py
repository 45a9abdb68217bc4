"""Which frames a command line means."""

from __future__ import annotations

from fractions import Fraction

import pytest
import typer

from lav_client.span import Span, first_count, mark
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb


def facts(timecode: str = "01:00:00:00", rate: Fraction = Fraction(24)) -> pb.MediaFacts:
    wire_rate = pb.Rational(numerator=rate.numerator, denominator=rate.denominator)
    return pb.MediaFacts(path="/m/clip.mov", frames=100, rate=wire_rate, timecode=timecode)


def frames(span: Span, of: pb.MediaFacts) -> tuple[int, int]:
    clip = span.of(of)
    return clip.first, clip.count


def test_nothing_said_is_the_whole_clip():
    assert frames(Span(), facts()) == (0, 100)


def test_the_frame_of_the_out_point_is_included_as_in_an_editor():
    assert frames(Span(None, "01:00:00:10", "01:00:00:19"), facts()) == (10, 10)
    assert frames(Span(None, "01:00:00:10", "01:00:00:10"), facts()) == (10, 1)


def test_one_mark_alone_runs_to_the_end_of_the_clip():
    assert frames(Span(None, "01:00:01:00", None), facts()) == (24, 76)
    assert frames(Span(None, None, "01:00:00:09"), facts()) == (0, 10)


def test_a_clip_without_time_code_counts_from_zero():
    assert frames(Span(None, "00:00:01:00", "00:00:01:23"), facts("")) == (24, 24)


def test_drop_frame_clips_take_marks_with_colons_too():
    clip = facts("00:59:59;28", Fraction(30000, 1001))
    assert frames(Span(None, "01:00:00:00", "01:00:00;01"), clip) == (2, 2)


@pytest.mark.parametrize(
    ("in_point", "out_point"),
    [
        ("00:59:59:23", None),
        (None, "01:00:04:04"),
        ("01:00:02:00", "01:00:01:00"),
    ],
)
def test_marks_outside_the_clip_or_the_wrong_way_round_are_refused(in_point, out_point):
    with pytest.raises(LavError) as refused:
        Span(None, in_point, out_point).of(facts())
    assert refused.value.code == Code.range_outside
    assert refused.value.hint


@pytest.mark.parametrize("typed", ["01:01:00;00", "01:01:00:00", "01:00:00;31"])
def test_a_time_code_that_does_not_exist_is_quoted_as_typed(typed):
    clip = facts("01:00:00;00", Fraction(30000, 1001))
    with pytest.raises(LavError) as refused:
        Span(None, typed, None).of(clip)
    assert f"The time code {typed} does not exist" in refused.value.message


@pytest.mark.parametrize("text", ["", "5", "5:", ":5", "-1:5", "5:-1", "1.5:2", "nan:2", "0:0"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(typer.BadParameter):
        first_count(text)


@pytest.mark.parametrize("text", ["", "10", "1:2:3", "aa:bb:cc:dd", "-1:00:00:00"])
def test_what_is_no_time_code_is_refused(text):
    with pytest.raises(typer.BadParameter):
        mark(text)
