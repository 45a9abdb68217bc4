"""A take as an OpenTimelineIO timeline whose one clip holds the relit take and its original.

The shape is the one DaVinci Resolve reads: Clip.2 with a map of references, an available range on
each, times in the media's own timecode, bare paths, a global start time, "Video 1".

The relit take is under OTIO's own key, `DEFAULT_MEDIA`, and active, so a reader that knows only one
reference gets it; the source is under `Original`. One source range must be valid in both: a take
carries the source's timecode. Where there is none the take's first frame is 0, and the original's
available range starts as far below 0 as the take starts into the source.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from lav_client import output
from lav_client.result import light_record
from lav_engine.errors import Code, LavError
from lav_engine.media import timecode
from lav_proto.v1 import relight_pb2 as pb

RELIT = otio.schema.Clip.DEFAULT_MEDIA_KEY
ORIGINAL = "Original"
ONE_HOUR = "01:00:00:00"  # where editors start a timeline
SNAP = 0.001  # a rate this near to a broadcast rate is that rate


def timeline_for(take: pb.Take, job: str) -> otio.schema.Timeline:
    """One video track with one clip: the take, and its source one switch away."""
    path, rate = Path(take.path), Fraction(take.clip.rate.numerator, take.clip.rate.denominator)
    first = timecode.parse(take.timecode, rate) if take.timecode else 0
    span = span_of(first, take.clip.count, rate)
    source = span_of(first - take.clip.first, take.source_frames, rate)
    clip = otio.schema.Clip(name=path.name, source_range=span, metadata=_metadata(take, job))
    clip.set_media_references(
        {RELIT: reference(take.path, span), ORIGINAL: reference(take.clip.path, source, take.reel)},
        RELIT,
    )
    return timeline_of(path.stem, _start(take, rate), [track_of(1, [clip])])


def timeline_of(
    name: str, start: RationalTime, tracks: Sequence[otio.schema.Track]
) -> otio.schema.Timeline:
    timeline = otio.schema.Timeline(name, global_start_time=start)
    timeline.metadata["Resolve_OTIO"] = {"Resolve OTIO Meta Version": "1.0"}
    timeline.tracks.extend(tracks)
    return timeline


def track_of(number: int, children: Sequence[otio.core.Composable]) -> otio.schema.Track:
    """A video track; 1 is the lowest."""
    kind = otio.schema.TrackKind.Video
    track = otio.schema.Track(f"Video {number}", list(children), kind=kind)
    track.metadata["Resolve_OTIO"] = {"Locked": False}
    return track


def write(timeline: otio.schema.Timeline, path: Path) -> None:
    """Writes a new file, after reading the text back. Raises LavError and leaves nothing behind."""
    text = timeline.to_json_string(indent=4)
    again = otio.adapters.read_from_string(text, "otio_json")
    if not again.is_equivalent_to(timeline):
        raise LavError(
            f"The timeline {path.name} did not read back as it was written, so it was not kept.",
            "The relit take itself is complete; report this with the output of `lav doctor`.",
            Code.internal,
        )
    output.write_new(path, text.encode())


def otio_rate(rate: Fraction) -> float:
    """24000/1001 as OTIO writes it. A rate within .1 % of a broadcast rate becomes that one."""
    near = RationalTime.nearest_smpte_timecode_rate(float(rate))
    return near if abs(near - rate) < SNAP * near else float(rate)


def span_of(first: int, count: int, rate: Fraction) -> TimeRange:
    return TimeRange(RationalTime(first, otio_rate(rate)), RationalTime(count, otio_rate(rate)))


def reference(path: str, span: TimeRange, reel: str = "") -> otio.schema.ExternalReference:
    made = otio.schema.ExternalReference(target_url=path, available_range=span)
    made.name = Path(path).name
    if reel:
        made.metadata["Resolve_OTIO"] = {"Reel Name": reel}
    return made


def _start(take: pb.Take, rate: Fraction) -> RationalTime:
    start = ONE_HOUR.replace(":", ";") if ";" in take.timecode else ONE_HOUR
    return RationalTime(timecode.parse(start, rate), otio_rate(rate))


def _metadata(take: pb.Take, job: str) -> dict[str, Any]:
    said = {
        "job": job,
        "engine": take.engine,
        "engine_version": take.engine_version,
        "amount": take.amount,
        "light": light_record(take.light),
    }
    return {"Resolve_OTIO": {"Link Group ID": 1}, "lav": said}
