"""What is open in Resolve: the project, its pool, and timelines as they are read once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..model import Refusal, exact_rate
from .answers import each, listing, number, text, whole
from .edition import Edition, edition
from .timecode import Clock

UNNAMED = "Untitled Project"
RATE = "timelineFrameRate"


@dataclass(frozen=True)
class Spot:
    """An item of a video track; frames as the timeline counts them."""

    handle: Any
    id: str
    name: str
    track: int  # 1 is the lowest
    start: int
    duration: int

    @property
    def end(self) -> int:
        return self.start + self.duration

    def overlaps(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


@dataclass(frozen=True)
class Line:
    """A timeline."""

    handle: Any
    id: str
    name: str
    rate: Fraction
    start: int  # its first frame; often 86400
    is_drop: bool

    @property
    def clock(self) -> Clock:
        return Clock(self.rate, self.is_drop)

    def tracks(self) -> int:
        return whole(self.handle.GetTrackCount("video"), "the number of tracks")

    def spots(self, track: int) -> list[Spot]:
        """Of one track as it is now, from its head; transitions among them."""
        items = listing(self.handle.GetItemListInTrack("video", track))
        starts, durations = each(items, "GetStart"), each(items, "GetDuration")
        ids, names = each(items, "GetUniqueId"), each(items, "GetName")
        found = [
            Spot(
                item,
                text(id),
                text(name),
                track,
                whole(start, f"where {name} begins"),
                whole(duration, f"how long {name} is"),
            )
            for item, id, name, start, duration in zip(
                items, ids, names, starts, durations, strict=True
            )
        ]
        return sorted(found, key=lambda spot: spot.start)

    def all_spots(self) -> Iterator[Spot]:
        """From the uppermost track down."""
        for track in range(self.tracks(), 0, -1):
            yield from self.spots(track)

    def is_locked(self, track: int) -> bool:
        return bool(self.handle.GetIsTrackLocked("video", track))

    def is_enabled(self, track: int) -> bool:
        return bool(self.handle.GetIsTrackEnabled("video", track))


@dataclass(frozen=True)
class Opened:
    resolve: Any
    edition: Edition
    manager: Any
    project: Any
    pool: Any
    id: str  # of the project
    name: str

    def timeline(self) -> Line:
        """The current one. Raises Refusal."""
        handle = self.project.GetCurrentTimeline()
        if handle is None:
            raise Refusal(
                "No timeline is open in Resolve, so there is nothing to relight.",
                "Open one on the Edit page.",
                "NO_TIMELINE",
            )
        return line(self, handle)

    def timelines(self) -> Iterator[Line]:
        """All of the project; the current one first."""
        current = self.timeline()
        yield current
        count = whole(self.project.GetTimelineCount(), "the number of timelines")
        for index in range(1, count + 1):
            handle = self.project.GetTimelineByIndex(index)
            if handle is not None and text(handle.GetUniqueId()) != current.id:
                yield line(self, handle)


def opened(resolve: Any) -> Opened:
    """Raises Refusal where no project is open."""
    manager = resolve.GetProjectManager()
    project = manager.GetCurrentProject() if manager is not None else None
    if project is None:
        raise Refusal(
            "No project is open in DaVinci Resolve, so there is nothing to relight.",
            "Open a project, and close any dialog.",
            "NO_PROJECT",
        )
    return Opened(
        resolve=resolve,
        edition=edition(resolve),
        manager=manager,
        project=project,
        pool=project.GetMediaPool(),
        id=text(project.GetUniqueId()),
        name=text(project.GetName()),
    )


def line(opened: Opened, handle: Any) -> Line:
    said = text(handle.GetSetting(RATE)) or text(opened.project.GetSetting(RATE))
    rate = number(said.split()[0]) if said.split() else None
    if not rate:
        raise Refusal(
            "Resolve does not say how many frames a second the timeline has.",
            "Close any dialog that is open in Resolve, then try again.",
            "RESOLVE_SILENT",
        )
    is_drop = "DF" in said or ";" in text(handle.GetStartTimecode())
    return Line(
        handle=handle,
        id=text(handle.GetUniqueId()),
        name=text(handle.GetName()),
        rate=exact_rate(rate),
        start=whole(handle.GetStartFrame(), "where the timeline begins"),
        is_drop=is_drop,
    )


def check_named(opened: Opened) -> None:
    """Saving a project that has no name yet waits for a dialog, perhaps for ever."""
    if opened.name == UNNAMED:
        raise Refusal(
            "This project was never saved, so a take could not be made sure of.",
            "Save it under a name of its own (File > Save Project), then try again.",
            "UNSAVED_PROJECT",
        )


def save(opened: Opened) -> None:
    """What is placed counts once it has outlived this. Raises Refusal."""
    check_named(opened)
    if opened.manager.SaveProject() is not True:
        raise Refusal(
            "Resolve did not save the project, so what was placed could not be made sure of.",
            "Close any dialog that is open in Resolve, save the project yourself, then try again.",
            "NOT_SAVED",
        )
