"""A clip rendered alone to a file, so that it can be relit: as it is seen, or its footage alone.

Both on a timeline of our own, which goes again: the user's is never touched.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..model import Refusal, Span
from . import rendering
from .answers import listing, number, text
from .bins import enter
from .edition import END_EXCLUSIVE
from .opened import RATE, Line, Opened, Spot, line
from .ranges import Source, is_frame_for_frame, left, read
from .rendering import Job, Range
from .restoring import kept
from .store import Bake

FOLDER = "Bakes"  # the bin
HANDLES = 24  # frames of footage on each side


@dataclass
class Baking:
    """Of lav_plugin.host.Bake."""

    clip_id: str
    path: str
    opened: Opened
    job: Job
    timeline: Any  # ours
    record: Bake

    def poll(self) -> float | None:
        try:
            done = self.job.poll()
            if done is None:
                self._end()
                self._check()
            return done
        except Refusal:
            self.cancel()
            raise

    def cancel(self) -> None:
        self._end()
        with suppress(OSError):
            os.unlink(self.path)

    def _end(self) -> None:
        """The job and the timeline of it go."""
        with kept(self.opened):
            self.job.end()
            remove(self.opened, self.timeline)

    def _check(self) -> None:
        """Resolve's own reading of the file, and out of the pool with it again."""
        with kept(self.opened):
            enter(self.opened, FOLDER)
            for clip in listing(self.opened.pool.ImportMedia([self.path])):
                found = read(clip)
                self.opened.pool.DeleteClips([clip])
                if (found.frames, found.rate) == (self.record.frames, self.record.rate):
                    return
                raise Refusal(
                    f"Resolve rendered {found.frames} frames of it, not {self.record.frames}; the "
                    "timeline is as it was.",
                    "Look at the Deliver page, then try again.",
                    "BAKE_FAILED",
                )
        raise Refusal(
            f"Resolve cannot read {self.path}, which it has just rendered.",
            "Look at the Deliver page, then try again.",
            "BAKE_FAILED",
        )


def start(opened: Opened, at: Line, spot: Spot, found: Source | None, folder: str) -> Baking:
    """Under way when this returns. Raises Refusal; then nothing is left of it.

    What is shown frame for frame is baked as footage, with handles and without its grade: it is
    baked because only Resolve reads it. Its takes can stand in its place.
    """
    is_footage = found is not None and is_frame_for_frame(opened.edition, at, spot, found)
    name = _free(folder, f"{os.path.splitext(spot.name)[0]}_bake")
    with kept(opened):
        enter(opened, FOLDER)
        timeline = None
        try:
            if found is not None and is_footage:
                timeline, span = _footage(opened, at, spot, found, name)
            else:
                timeline, span = _as_seen(opened, at, spot, name), Span(0, spot.duration)
            ours = line(opened, timeline)
            first = ours.start if is_footage else spot.start
            width, height = _size(opened, found if is_footage else None)
            job = rendering.start(
                opened, Range(ours, first, span.count, width, height), folder, name
            )
        except Refusal:
            if timeline is not None:
                remove(opened, timeline)
            raise
    record = Bake(
        path=job.path,
        frames=span.count,
        rate=at.rate,
        is_seen=not is_footage,
        first=span.first,
        source=found.path if found and found.path else spot.name,
        left=left(spot),
        duration=spot.duration,
    )
    return Baking(spot.id, job.path, opened, job, timeline, record)


def is_of(record: Bake, spot: Spot, found: Source | None) -> bool:
    """Whether the bake still shows what the clip shows."""
    source = found.path if found and found.path else spot.name
    if source != record.source or not os.path.isfile(record.path):
        return False
    if record.is_seen:
        return (left(spot), spot.duration) == (record.left, record.duration)
    first = left(spot) - record.first
    return first >= 0 and first + spot.duration <= record.frames


def remove(opened: Opened, timeline: Any) -> None:
    """A timeline of ours; the current one cannot be removed, so another is made current."""
    id = text(timeline.GetUniqueId())
    current = opened.project.GetCurrentTimeline()
    if current is not None and text(current.GetUniqueId()) == id:
        for index in range(1, int(number(opened.project.GetTimelineCount()) or 0) + 1):
            other = opened.project.GetTimelineByIndex(index)
            if other is not None and text(other.GetUniqueId()) != id:
                opened.project.SetCurrentTimeline(other)
                break
    opened.pool.DeleteTimelines([timeline])


def _as_seen(opened: Opened, at: Line, spot: Spot, name: str) -> Any:
    """A copy of the timeline on which no other track is seen."""
    copy = at.handle.DuplicateTimeline(name)
    if copy is None or text(copy.GetUniqueId()) == at.id:
        raise _refused("Resolve did not copy the timeline.")
    opened.project.SetCurrentTimeline(copy)
    for track in range(1, at.tracks() + 1):
        copy.SetTrackEnable("video", track, track == spot.track)
    wrong = [
        track
        for track in range(1, at.tracks() + 1)
        if bool(copy.GetIsTrackEnabled("video", track)) != (track == spot.track)
    ]
    _check_current(opened, copy)
    if wrong:
        remove(opened, copy)
        raise _refused("Resolve did not switch off the other tracks.")
    return copy


def _footage(opened: Opened, at: Line, spot: Spot, found: Source, name: str) -> tuple[Any, Span]:
    """A timeline of nothing but the footage with handles: no grade, no sizing, its own size."""
    first = max(0, left(spot) - HANDLES)
    span = Span(first, min(found.frames, left(spot) + spot.duration + HANDLES) - first)
    made = opened.pool.CreateEmptyTimeline(name)
    if made is None:
        raise _refused("Resolve made no timeline.")
    opened.project.SetCurrentTimeline(made)
    width, height = _size(opened, found)
    made.SetSetting("useCustomSettings", "1")
    made.SetSetting(RATE, f"{float(at.rate):.3f}".rstrip("0").rstrip("."))
    made.SetSetting("timelineResolutionWidth", str(width))
    made.SetSetting("timelineResolutionHeight", str(height))
    _check_current(opened, made)
    ours = line(opened, made)
    end = span.end if opened.edition.has(END_EXCLUSIVE) else span.end - 1
    said = {
        "mediaPoolItem": found.handle,
        "startFrame": span.first,
        "endFrame": end,
        "mediaType": 1,
    }
    opened.pool.AppendToTimeline([{**said, "trackIndex": 1, "recordFrame": ours.start}])
    there = [(one.start, one.duration, left(one)) for one in ours.spots(1)]
    if ours.rate != at.rate or there != [(ours.start, span.count, span.first)]:
        remove(opened, made)
        raise _refused(f"Resolve did not put {found.name} on a timeline of its own.")
    return made, span


def _check_current(opened: Opened, timeline: Any) -> None:
    """A render job is of the current timeline, whichever that is."""
    current = opened.project.GetCurrentTimeline()
    if current is None or text(current.GetUniqueId()) != text(timeline.GetUniqueId()):
        remove(opened, timeline)
        raise _refused("Resolve did not open the timeline that was made for it.")


def _size(opened: Opened, found: Source | None) -> tuple[int, int]:
    """Of the footage, else of the timeline."""
    if found is not None:
        width, _, height = text(found.properties.get("Resolution")).partition("x")
    else:
        at = opened.timeline().handle
        width = text(at.GetSetting("timelineResolutionWidth"))
        height = text(at.GetSetting("timelineResolutionHeight"))
    if not (width.isdigit() and height.isdigit()):
        raise _refused("Resolve does not say how large the picture is.")
    return int(width), int(height)


def _free(folder: str, name: str) -> str:
    """Neither a file nor a timeline has it; names of both must be new."""
    stem = "".join(one if one.isalnum() or one in "-_." else "_" for one in name)
    number = 1
    while any(one.startswith(f"{stem}_{number:03}.") for one in os.listdir(folder)):
        number += 1
    return f"{stem}_{number:03}"


def _refused(said: str) -> Refusal:
    return Refusal(
        f"{said} The clip was not baked, and the timeline is as it was.",
        "Close any dialog that is open in Resolve, then try again.",
        "BAKE_FAILED",
    )
