"""An editor's clips as OpenTimelineIO, and such a document as clips again.

The shape is that of `lav_client.otio`: each clip of a take holds both the take and its original,
and one source range means the same pictures in both. Every timeline frame is the next media frame,
so all times are told at the timeline's rate, whatever rate a file says it has.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
from opentimelineio.opentime import RationalTime

from lav_client import otio as shape
from lav_client.timeline_reader import read
from lav_engine.errors import LavError
from lav_plugin.messages import ClipRange, Timeline, TimelineItem

__all__ = ["read", "write"]


def write(timeline: Timeline) -> None:
    """Writes a new file. Raises LavError and leaves nothing behind."""
    shape.write(document(timeline), Path(timeline.path))


def document(timeline: Timeline) -> otio.schema.Timeline:
    """Raises LavError for clips that overlap on their track, or are nowhere."""
    rate = _rate(timeline)
    names = range(1, max((item.track for item in timeline.items), default=1) + 1)
    tracks = [
        _track(number, [item for item in timeline.items if item.track == number], timeline, rate)
        for number in names
    ]
    name = timeline.name or Path(timeline.path).stem
    start = RationalTime(timeline.start, shape.otio_rate(rate))
    return shape.timeline_of(name, start, tracks)


def _track(
    number: int, items: Iterable[TimelineItem], timeline: Timeline, rate: Fraction
) -> otio.schema.Track:
    children: list[otio.core.Composable] = []
    end = timeline.start
    for item in sorted(items, key=lambda item: item.start):
        if item.start < end:
            raise LavError(
                f"{item.name} begins at frame {item.start} of track {number}, which is "
                + ("taken." if children else "before the timeline does."),
                "Look at the timeline, then export it again.",
            )
        if item.start > end:
            children.append(otio.schema.Gap(source_range=shape.span_of(0, item.start - end, rate)))
        children.append(_clip(item, rate))
        end = item.start + _checked(item.name, item.shown).count
    return shape.track_of(number, children)


def _clip(item: TimelineItem, rate: Fraction) -> otio.schema.Clip:
    """With a take, the take's first frame is 0; the original's begins as far before as it must."""
    shown, source = _checked(item.name, item.shown), _checked(item.name, item.source)
    has_take = shown.path != source.path
    if shown.count != source.count:
        raise LavError(
            f"{item.name} shows {shown.count} frames of its take and {source.count} of its clip.",
            "Look at the timeline, then export it again.",
        )
    frames = item.take_frames if has_take else item.source_frames
    references = {
        shape.RELIT: shape.reference(
            shown.path, shape.span_of(0, frames or shown.first + shown.count, rate)
        )
    }
    if has_take:
        begin = shown.first - source.first
        count = item.source_frames or source.first + source.count
        references[shape.ORIGINAL] = shape.reference(source.path, shape.span_of(begin, count, rate))
    clip = otio.schema.Clip(
        name=item.name,
        source_range=shape.span_of(shown.first, shown.count, rate),
        metadata={"lav": {"job": item.job, "rates": _rates(shown, source)}},
    )
    clip.set_media_references(references, shape.RELIT)
    return clip


def _checked(name: str, clip: ClipRange | None) -> ClipRange:
    if clip is None or not clip.path or clip.count < 1 or clip.first < 0:
        raise LavError(f"The clip {name!r} shows no frames of any file.", "Leave it out.")
    return clip


def _rates(*clips: ClipRange) -> list[str]:
    """What the files say of themselves; "" where nobody knows."""
    return ["" if c.rate is None else f"{c.rate.numerator}/{c.rate.denominator}" for c in clips]


def _rate(timeline: Timeline) -> Fraction:
    said = timeline.rate
    if said is None or said.numerator < 1 or said.denominator < 1:
        raise LavError("The timeline has no rate, so its frames have no time.", "Give its rate.")
    return Fraction(said.numerator, said.denominator)
