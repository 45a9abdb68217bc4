"""What is measured of a finished take beside its source, from small frames of its middle."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.draft import matte
from lav_engine.errors import Code, LavError
from lav_engine.frames import Frames, SmallFrames, working_size
from lav_engine.media.probe import probe
from lav_engine.metrics import detail, direction, flicker, gain
from lav_engine.metrics.motion import motion_difference, track
from lav_engine.request import check_range, whole_range
from lav_engine.spec import ClipRange, MediaFacts

LONG_SIDE = 480  # pixels
MOST = 48  # consecutive frames, of the middle
SAMPLES = 5  # of them, for what changes slowly
PERCENT = 100.0

FLICKERS = 1.5  # times the source's: as much as benchmarks/quality.py lets pass
TURNED = 0.25  # stops between the subject's sides
MOVED = 1.0  # pixels of small frames
SOFT = 0.9  # of the source's edges


@dataclass(frozen=True, slots=True)
class Measured:
    """A number about the take, and the same of its source."""

    name: str
    title: str
    unit: str
    source: float
    take: float
    verdict: str  # "": nothing of note


def measure(clip: ClipRange, take: Path) -> tuple[Measured, ...]:
    """Figures that cannot be had, as flicker of a still, are left out.

    `take` holds the clip's range from its first frame on. Raises LavError.
    """
    facts, of_take = probe(clip.path), probe(take)
    clip = whole_range(clip, facts)
    check_range(clip, facts)
    if of_take.frames != clip.count:
        raise LavError(
            f"{take.name} has {of_take.frames} frames, but was made of {clip.count}.",
            "It has been changed since; render it again.",
            Code.media_unsupported,
        )
    count = min(clip.count, MOST)
    skipped = (clip.count - count) // 2
    size = working_size(facts, LONG_SIDE)
    before = _frames(facts, size, clip.first + skipped, count)
    after = _frames(of_take, size, skipped, count)
    with np.errstate(divide="ignore", invalid="ignore"):  # featureless frames
        found = list(_all(before, after))
    return tuple(one for one in found if math.isfinite(one.source + one.take))


def _frames(facts: MediaFacts, size: tuple[int, int], first: int, count: int) -> Frames:
    with SmallFrames(facts, size) as frames:
        return frames.stack(first, first + count)


def _all(before: Frames, after: Frames) -> Iterator[Measured]:
    """(F, H, W, 3) each."""
    if len(before) > 1:
        yield from _over_time(before, after)
    sampled = np.unique(np.linspace(0, len(before) - 1, SAMPLES).round().astype(int))
    pairs = [(before[t], after[t]) for t in sampled]
    yield _direction(pairs)
    kept = PERCENT * float(np.mean([detail.gradient_correlation(b, a) for a, b in pairs]))
    verdict = "Fine detail has been lost." if kept < PERCENT * SOFT else ""
    yield Measured("detail", "Detail", "%", PERCENT, kept, verdict)


def _over_time(before: Frames, after: Frames) -> Iterator[Measured]:
    motions = track(list(before))
    was, now = (PERCENT * _mean(flicker.warped_error(list(f), motions)) for f in (before, after))
    verdict = f"It flickers {now / was:.1f} times as much." if now > FLICKERS * was > 0 else ""
    yield Measured("flicker", "Flicker", "%", was, now, verdict)
    moved = motion_difference(list(after), motions)
    verdict = "Things move otherwise than in the source." if moved > MOVED else ""
    yield Measured("motion", "Motion", "px", 0.0, moved, verdict)


def _mean(values: NDArray[np.float64]) -> float:
    """Of those there are: between two frames that share nothing, nothing is to be followed."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan


def _direction(pairs: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]]) -> Measured:
    """How much brighter the subject's left side is than its right."""
    sides = [(_side(a, subject), _side(b, subject)) for a, b, subject in _with_subjects(pairs)]
    was, now = (float(np.mean([pair[which] for pair in sides])) for which in (0, 1))
    verdict = ""
    if abs(now - was) > TURNED:
        side = "left" if now > was else "right"
        verdict = f"More light comes from the {side}, by {abs(now - was):.1f} stops."
    return Measured("direction", "Light from the left", "stops", was, now, verdict)


def _with_subjects(
    pairs: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]],
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]]:
    """Each pair with the matte of its source; of the whole picture where none is to be read."""
    for a, b in pairs:
        subject = matte.refine(a, matte.read(a)).astype(np.float32)
        yield a, b, subject if matte.is_readable(subject) else np.ones_like(subject)


def _side(frame: NDArray[np.float32], subject: NDArray[np.float32]) -> float:
    level = np.log2(gain.linear_luma(frame) + gain.FLOOR).astype(np.float32)
    return direction.side_contrast_ln(level, subject) / direction.LN2
