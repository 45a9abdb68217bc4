"""Windows on a fixed grid of the media, cut at shots: which frames each reads, gives and fades.

Everything here follows from shots and limits; a range only picks windows. So a frame looks the same
whichever range asked for it, and a finished window stays good when a take is extended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lav_engine.errors import Code, LavError
from lav_engine.spec import EngineLimits


@dataclass(frozen=True, slots=True)
class WindowSpan:
    """One window. `weights` of all windows at a media frame sum to 1; at most two overlap."""

    read: tuple[int, int]  # media frames [first, end) the engine sees: pre-roll, core and overlap
    output: tuple[int, int]  # media frames [first, end) it gives, inside `read`
    weights: tuple[float, ...]  # one per output frame, above 0: the cross-fade

    def weight(self, media_frame: int) -> float:
        """0 outside the output range."""
        first, end = self.output
        return self.weights[media_frame - first] if first <= media_frame < end else 0.0


def plan(
    first: int,
    count: int,
    media_frames: int,
    shots: Sequence[tuple[int, int]],
    limits: EngineLimits,
) -> tuple[WindowSpan, ...]:
    """The windows that give any of media frames [first, first + count), in order.

    `shots` are consecutive [first, end) spans covering at least the range, within the media.
    Raises LavError(RANGE_OUTSIDE) when range or shots do not fit the media.
    """
    end = first + count
    if count < 1 or first < 0 or end > media_frames:
        raise LavError(
            f"Frames {first} to {end - 1} are asked for, but the media has {media_frames}.",
            "Choose a range inside the media.",
            Code.range_outside,
        )
    if not _tiles(shots, first, end) or shots[-1][1] > media_frames:
        raise LavError(
            f"The shots found do not cover frames {first} to {end - 1} of the media.",
            code=Code.range_outside,
        )
    return tuple(
        span
        for shot in shots
        if shot[0] < end and shot[1] > first
        for span in windows_of(shot, limits)
        if span.output[0] < end and span.output[1] > first
    )


def windows_of(shot: tuple[int, int], limits: EngineLimits) -> Iterator[WindowSpan]:
    """All of a shot's windows. Cores start where the shot does and at multiples of `frames`."""
    if limits.frames < 1 or limits.preroll < 0 or not 0 <= limits.overlap <= limits.frames:
        raise ValueError(f"no windows can be laid with {limits}")
    first, end = shot
    starts = _core_starts(shot, limits)
    for start, next_start in zip(starts, [*starts[1:], end], strict=True):
        output_end = min(next_start + limits.overlap, end)
        fade_in = range(start, start + limits.overlap) if start > first else range(0)
        yield WindowSpan(
            read=(max(start - limits.preroll, first), output_end),
            output=(start, output_end),
            weights=tuple(
                1 - _fade(frame - next_start, limits.overlap)
                if frame >= next_start
                else _fade(frame - start, limits.overlap)
                if frame in fade_in
                else 1.0
                for frame in range(start, output_end)
            ),
        )


def _core_starts(shot: tuple[int, int], limits: EngineLimits) -> list[int]:
    """Slivers beside a cut are left to the neighbour, which reads those frames anyway."""
    first, end = shot
    starts = [first, *range((first // limits.frames + 1) * limits.frames, end, limits.frames)]
    if len(starts) > 1 and end - starts[-1] <= limits.overlap:
        del starts[-1]
    if len(starts) > 1 and starts[1] - first <= limits.preroll:
        del starts[1]
    return starts


def _fade(index: int, overlap: int) -> float:
    """Smoothstep through the overlap; never quite 0 or 1, so that every window shown is used."""
    t = (index + 1) / (overlap + 1)
    return t * t * (3 - 2 * t)


def _tiles(shots: Sequence[tuple[int, int]], first: int, end: int) -> bool:
    if not shots or shots[0][0] > first or shots[-1][1] < end or shots[0][0] < 0:
        return False
    joined = all(one[1] == two[0] for one, two in pairwise(shots))
    return joined and all(one < two for one, two in shots)
