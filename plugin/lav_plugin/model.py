"""What any editor's clip is to us, whatever the editor calls it. Standard library only.

Media frames are counted from 0 in the file; timeline frames as the editor counts them. Ranges are
half-open, rates exact.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from .messages import Light, LightRequest, Problem, RelightRequest

NTSC = (24, 30, 48, 60, 120)
NEAR = 0.001  # a rate this near to n * 1000 / 1001 is that rate


@dataclass(frozen=True)
class Media:
    """A video file as an editor knows it."""

    path: str  # absolute
    frames: int  # in the whole file
    rate: Fraction


@dataclass(frozen=True)
class TimelineClip:
    """A clip as it sits on a timeline and the media frames it shows, recorded once.

    Only clips of which each timeline frame is the next media frame are described so; others are
    baked by their editor first, or refused.
    """

    id: str  # the editor's own; stays with the clip
    name: str
    media: Media
    first: int  # media frame
    count: int  # frames, of the media and of the timeline
    start: int  # timeline frame
    rate: Fraction  # the timeline's
    track: int  # 1 is the lowest

    @property
    def end(self) -> int:
        """Media frame."""
        return self.first + self.count


@dataclass(frozen=True)
class Span:
    """Media frames [first, first + count) of a clip's original."""

    first: int
    count: int

    @property
    def end(self) -> int:
        return self.first + self.count

    def holds(self, first: int, end: int) -> bool:
        return self.first <= first and end <= self.end


@dataclass(frozen=True)
class TakeRecord:
    """A take as a clip remembers it: enough to show it, to switch to it and to make it again."""

    path: str
    name: str  # the user's
    job: str
    span: Span  # of the original: with handles
    light: Light  # exposure filled in
    engine: str
    amount: float
    asked: LightRequest | None = None  # the light as it was asked for; None: by `light`
    mask: str = ""


@dataclass(frozen=True)
class RenderRecord:
    """A render under way, as the project remembers it until its take is there."""

    key: str  # idempotency key: to ask again with it gives the same job
    clip: str  # the editor's id
    name: str  # the clip's
    title: str  # the take's
    original: Media
    request: RelightRequest  # of the original's frames; its output is the take
    above: bool = False  # else in place
    job: str = ""  # empty: the server has not answered yet
    parent: str = ""  # the job of the take that this one extends or varies


@dataclass(frozen=True)
class Takes:
    """Of one clip. The original is always there and is never changed."""

    original: Media
    takes: tuple[TakeRecord, ...] = ()
    active: int = -1  # -1: the original is shown

    @property
    def shown(self) -> TakeRecord | None:
        """None: the original."""
        return self.takes[self.active] if self.active >= 0 else None

    def with_take(self, take: TakeRecord) -> Takes:
        """With one more, which is shown."""
        return replace(self, takes=(*self.takes, take), active=len(self.takes))


class Refusal(Exception):
    """Why something cannot be done, as an editor is told; the timeline is as it was."""

    def __init__(self, message: str, hint: str = "", code: str = "REFUSED") -> None:
        super().__init__(message)
        self.problem = Problem(code, message, hint)


def with_handles(clip: TimelineClip, handles: int) -> Span:
    """The clip's frames and up to that many on each side, as far as there are any."""
    first = max(0, clip.first - handles)
    end = min(clip.media.frames, clip.end + handles)
    return Span(first, end - first)


def exact_rate(rate: float) -> Fraction:
    """24000/1001 for 23.976, 25 for 25.0; editors keep rates as floats."""
    for nominal in NTSC:
        exact = Fraction(nominal * 1000, 1001)
        if abs(rate - exact) < NEAR * exact and abs(rate - exact) < abs(rate - nominal):
            return exact
    return Fraction(rate).limit_denominator(1001)
