"""Which frames: `--range FIRST:COUNT` and `--in`/`--out` time codes as media frames."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Self

import typer

from lav_engine.errors import Code, LavError
from lav_engine.media import timecode
from lav_engine.spec import ClipRange
from lav_proto.v1 import relight_pb2 as pb

FIRST_COUNT = re.compile(r"(\d{1,15}):(\d{1,15})")
TIMECODE = re.compile(r"\d{1,2}[:;]\d{1,2}[:;]\d{1,2}[:;]\d{1,3}")


@dataclass(frozen=True, slots=True)
class Span:
    """What the command line says; `out` is the last frame included, as marks are in editors."""

    range: tuple[int, int] | None = None  # first media frame, count
    in_: str | None = None
    out: str | None = None

    @classmethod
    def given(cls, range: tuple[int, int] | None, in_: str | None, out: str | None) -> Self:
        if range and (in_ or out):
            raise typer.BadParameter("Give a range or time codes, not both.", param_hint="--range")
        return cls(range, in_, out)

    def of(self, facts: pb.MediaFacts) -> ClipRange:
        """Raises LavError for time codes outside the file; the server checks plain ranges."""
        first, count = self.range or self._marked(facts)
        return ClipRange(Path(facts.path), first, count, rate_of(facts))

    def _marked(self, facts: pb.MediaFacts) -> tuple[int, int]:
        first = _frame_at(self.in_, facts) if self.in_ else 0
        last = _frame_at(self.out, facts) if self.out else facts.frames - 1
        if last < first:
            raise LavError(
                f"The out point {self.out} is before the in point {self.in_ or 'of the clip'}.",
                "Give an out point at or after the in point; its frame is included.",
                Code.range_outside,
            )
        return first, last - first + 1


def rate_of(message: pb.MediaFacts | pb.ClipRange) -> Fraction:
    return Fraction(message.rate.numerator, message.rate.denominator)


def first_count(text: str) -> tuple[int, int]:
    match = FIRST_COUNT.fullmatch(text.strip())
    if match is None or not int(match[2]):
        raise typer.BadParameter(
            f"{text!r} is not FIRST:COUNT. Give the first frame, from 0, and how many: 24:48."
        )
    return int(match[1]), int(match[2])


def mark(text: str) -> str:
    if TIMECODE.fullmatch(text.strip()) is None:
        raise typer.BadParameter(f"{text!r} is not a time code. Write HH:MM:SS:FF.")
    return text.strip()


def _frame_at(text: str, facts: pb.MediaFacts) -> int:
    rate = rate_of(facts)
    try:
        frame = timecode.media_frame(text, facts.timecode, rate)
    except LavError as error:
        as_read = ";".join(text.rsplit(":", 1))  # in drop-frame clips; people know what they typed
        raise LavError(error.message.replace(as_read, text), error.hint, error.code) from None
    if not 0 <= frame < facts.frames:
        start = facts.timecode or timecode.write(0, rate)
        end = timecode.add(start, facts.frames - 1, rate)
        raise LavError(
            f"{text} is outside {Path(facts.path).name}, which runs from {start} to {end}.",
            "Choose time codes inside the clip.",
            Code.range_outside,
        )
    return frame
