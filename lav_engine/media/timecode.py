"""Time code <-> frames, exact for every rate, drop-frame included. Standard library only."""

from __future__ import annotations

import re
from fractions import Fraction

from lav_engine.errors import LavError

PATTERN = re.compile(r"(\d{1,2})[:;](\d{1,2})[:;](\d{1,2})([:;])(\d{1,3})")
DROP_RATES = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}  # numbers skipped per minute
HOURS = 24


def parse(text: str, rate: Fraction) -> int:
    """Frames since 00:00:00:00. A semicolon before the frames means drop-frame.

    Raises LavError with a sentence for text that is no time code at this rate.
    """
    match = PATTERN.fullmatch(text.strip())
    if match is None:
        raise LavError(
            f"{text!r} is not a time code.", "Write HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame."
        )
    hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
    base = round(rate)
    if hours >= HOURS or minutes >= 60 or seconds >= 60 or frames >= base:
        raise LavError(
            f"The time code {text} does not exist at {_spoken(rate)} frames per second.",
            f"Hours go to 23, minutes and seconds to 59, frames to {base - 1}.",
        )
    drop = _dropped(rate, text) if match[4] == ";" else 0
    if drop and frames < drop and seconds == 0 and minutes % 10:
        raise LavError(
            f"The time code {text} does not exist: drop-frame counting skips it.",
            f"The next one is {hours:02}:{minutes:02}:00;{drop:02}.",
        )
    total_minutes = hours * 60 + minutes
    counted = (total_minutes * 60 + seconds) * base + frames
    return counted - drop * (total_minutes - total_minutes // 10)


def write(frames: int, rate: Fraction, is_drop: bool = False) -> str:
    """The time code `frames` after 00:00:00:00; it wraps at 24 hours, either way."""
    base = round(rate)
    drop = _dropped(rate, "This time code") if is_drop else 0
    frames %= _day(rate, drop)
    if drop:
        # Of ten minutes all but the first start with a skip.
        tens, rest = divmod(frames, 600 * base - 9 * drop)
        frames += drop * (9 * tens + max(0, (rest - drop) // (60 * base - drop)))
    seconds, frame = divmod(frames, base)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    digits = max(2, len(str(base - 1)))
    return f"{hour:02}:{minute:02}:{second:02}{';' if drop else ':'}{frame:0{digits}}"


def add(timecode: str, frames: int, rate: Fraction) -> str:
    """The time code `frames` later, in the same way of counting."""
    return write(parse(timecode, rate) + frames, rate, _is_drop(timecode))


def media_frame(text: str, start: str, rate: Fraction) -> int:
    """The media frame at time code `text` in a file that starts at `start` ("" is zero).

    The file says how frames are counted: colons are fine for a drop-frame clip. What lies before
    the start comes out negative; a clip may run past midnight. Raises LavError.
    """
    if start and _is_drop(text) and not _is_drop(start):
        raise LavError(
            f"{text} is drop-frame, but this clip counts non-drop from {start}.",
            "Write it with colons only.",
        )
    drop = 0
    if start and _is_drop(start):
        drop = _dropped(rate, start)
        text = ";".join(text.strip().rsplit(":", 1))
    offset = parse(text, rate) - (parse(start, rate) if start else 0)
    day = _day(rate, drop)
    return offset + day if offset < -day // 2 else offset


def _is_drop(timecode: str) -> bool:
    return ";" in timecode[-4:]


def _day(rate: Fraction, drop: int) -> int:
    """Frames in 24 hours of time code."""
    return HOURS * 6 * (600 * round(rate) - 9 * drop)


def _dropped(rate: Fraction, what: str) -> int:
    if rate not in DROP_RATES:
        raise LavError(
            f"{what} is drop-frame, which does not exist at {_spoken(rate)} frames per second.",
            "Write it with colons only.",
        )
    return DROP_RATES[rate]


def _spoken(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
