from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lav_engine.errors import LavError
from lav_engine.media.timecode import add, media_frame, parse, write

NTSC_FILM, NTSC, NTSC_60 = (Fraction(rate * 1000, 1001) for rate in (24, 30, 60))
RATES = (NTSC_FILM, Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50), NTSC_60)


@pytest.mark.parametrize(
    ("text", "rate", "frames"),
    [
        ("00:00:00:00", Fraction(24), 0),
        ("01:00:00:00", NTSC_FILM, 86400),
        ("10:00:00:00", Fraction(25), 900000),
        ("00:01:00;02", NTSC, 1800),  # SMPTE ST 12-1: numbers 00 and 01 of the minute are skipped
        ("00:10:00;00", NTSC, 17982),  # but not of every tenth
        ("01:00:00;00", NTSC, 107892),
        ("01;00;00;00", NTSC, 107892),
        ("00:01:00;04", NTSC_60, 3600),
        ("23:59:59;29", NTSC, 2589407),
        ("00:00:01:119", Fraction(120), 239),
    ],
)
def test_known_time_codes_count_as_the_standard_says(
    text: str, rate: Fraction, frames: int
) -> None:
    assert parse(text, rate) == frames


@given(st.integers(0, 24 * 3600 * 23), st.sampled_from(RATES))
def test_writing_and_parsing_are_inverse(frames: int, rate: Fraction) -> None:
    assert parse(write(frames, rate), rate) == frames


@given(st.integers(0, 2589407), st.sampled_from((1, 2)))
def test_drop_frame_writing_and_parsing_are_inverse(frames: int, factor: int) -> None:
    rate = NTSC * factor
    assert parse(write(frames * factor, rate, is_drop=True), rate) == frames * factor


def test_drop_frame_counts_every_number_of_an_hour_once() -> None:
    codes = [write(frames, NTSC, is_drop=True) for frames in range(107892)]
    assert codes == sorted(set(codes))
    assert codes[-1] == "00:59:59;29"


@given(st.integers(0, 10**6), st.integers(-1000, 10**6), st.sampled_from(RATES))
def test_adding_moves_by_exactly_so_many_frames(start: int, by: int, rate: Fraction) -> None:
    day = 24 * 3600 * round(rate)
    assert parse(add(write(start, rate), by, rate), rate) == (start + by) % day


def test_a_media_frame_is_counted_from_the_clips_own_start() -> None:
    assert media_frame("01:00:01:00", "01:00:00:00", Fraction(25)) == 25
    assert media_frame("00:00:02:00", "", Fraction(25)) == 50
    assert media_frame("00:00:00:05", "23:59:59:20", Fraction(25)) == 10  # past midnight
    assert media_frame("00:59:59:24", "01:00:00:00", Fraction(25)) == -1


def test_colons_are_fine_for_a_drop_frame_clip() -> None:
    assert media_frame("01:01:00:02", "01:00:00;00", NTSC) == 1800


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("", NTSC),
        ("12", NTSC),
        ("nan", NTSC),
        ("-1:00:00:00", NTSC),
        ("00:00:00:25", Fraction(25)),
        ("00:60:00:00", Fraction(25)),
        ("24:00:00:00", Fraction(25)),
        ("00:01:00;00", NTSC),
        ("00:00:00;00", Fraction(25)),
        ("01:00:00:00:00", Fraction(25)),
    ],
)
def test_what_is_no_time_code_is_refused_with_what_to_write(text: str, rate: Fraction) -> None:
    with pytest.raises(LavError) as refusal:
        parse(text, rate)
    assert refusal.value.message.endswith(".")
    assert refusal.value.hint.endswith(".")


def test_drop_frame_is_refused_for_a_clip_that_counts_non_drop() -> None:
    with pytest.raises(LavError, match="counts non-drop"):
        media_frame("01:00:00;00", "01:00:00:00", NTSC)
