"""A timeline, its items and their grades."""

from __future__ import annotations

import json
from copy import copy
from pathlib import Path
from typing import Any

from resolve.fake import pool
from resolve.fake import world as state
from resolve.fake.proxy import Proxy
from resolve.fake.world import COLOURS, Item, Take, Track, visible

from lav_engine.media import timecode

MARKER_COLOURS_ALL = (
    "Blue Cyan Green Yellow Red Pink Purple Fuchsia Rose Lavender Sky Mint Lemon Sand Cocoa Cream"
)
MARKER_COLOURS = frozenset(MARKER_COLOURS_ALL.split())


class Timeline(Proxy):
    _kind = "Timeline"

    @property
    def _state(self) -> state.Timeline:
        return self._about[0]

    def _tracks(self, kind: str) -> list[Track]:
        return {"video": self._state.video, "audio": self._state.audio}.get(kind, [])

    def _track(self, kind: str, number: int) -> Track | None:
        tracks = self._tracks(kind)
        return tracks[number - 1] if 1 <= number <= len(tracks) else None

    def _items(self, items: list[Item]) -> list[Any]:
        return [TimelineItem(self._world, item, self._state) for item in items]

    def GetName(self) -> str:
        return self._state.name

    def GetUniqueId(self) -> str:
        return self._state.id

    def GetStartFrame(self) -> int:
        return self._state.start

    def GetEndFrame(self) -> int:
        ends = [item.end for track in self._state.video for item in track.items]
        return max(ends, default=self._state.start)

    def GetStartTimecode(self) -> str:
        return self._written(self._state.start)

    def SetStartTimecode(self, text: str) -> bool:
        self._state.start = timecode.parse(text, self._state.rate)
        return True

    def GetCurrentTimecode(self) -> str:
        return self._written(self._state.playhead)

    def SetCurrentTimecode(self, text: str) -> bool:
        self._state.playhead = timecode.parse(text, self._state.rate)
        return True

    def _written(self, frame: int) -> str:
        return timecode.write(frame, self._state.rate, self._state.is_drop)

    def GetSetting(self, name: str) -> str:
        """Those of the project, where the timeline has none of its own."""
        assert self._world.project is not None
        own = self._state.settings.get(name)
        if name == "timelineFrameRate" and own is None:
            drop = " DF" if self._state.is_drop else ""
            return f"{float(self._state.rate):.3f}".rstrip("0").rstrip(".") + drop
        return own if own is not None else self._world.project.settings.get(name, "")

    def SetSetting(self, name: str, value: Any) -> bool:
        if not isinstance(value, str):
            return False
        self._state.settings[name] = value
        if name == "timelineFrameRate":
            has_items = any(track.items for track in self._state.video)
            if has_items or self._state.settings.get("useCustomSettings") != "1":
                del self._state.settings[name]
                return False
            rate = state.exact(float(value.split()[0]))
            self._state.start = self._state.playhead = round(rate) * 3600
            self._state.rate = rate
        return True

    def GetMediaPoolItem(self) -> Any:
        return pool.MediaPoolItem(self._world, self._state.media) if self._state.media else None

    # --- tracks ----------------------------------------------------------------------------------

    def GetTrackCount(self, kind: str) -> int:
        return len(self._tracks(kind))

    def AddTrack(self, kind: str, options: Any = None) -> bool:
        if kind not in ("video", "audio"):
            return False
        if not self._world.traps.tracks_fail:
            number = len(self._tracks(kind)) + 1
            self._tracks(kind).append(Track(f"{kind.title()} {number}"))
        return True

    def DeleteTrack(self, kind: str, number: int) -> bool:
        if self._track(kind, number) is None or len(self._tracks(kind)) == 1:
            return False
        del self._tracks(kind)[number - 1]
        return True

    def GetTrackName(self, kind: str, number: int) -> str:
        track = self._track(kind, number)
        return track.name if track else ""

    def SetTrackName(self, kind: str, number: int, name: str) -> bool:
        track = self._track(kind, number)
        if track:
            track.name = name
        return track is not None

    def GetIsTrackEnabled(self, kind: str, number: int) -> bool:
        track = self._track(kind, number)
        return bool(track and track.is_enabled)

    def SetTrackEnable(self, kind: str, number: int, value: bool) -> bool:
        track = self._track(kind, number)
        if track:
            track.is_enabled = value
        return track is not None

    def GetIsTrackLocked(self, kind: str, number: int) -> bool:
        track = self._track(kind, number)
        return bool(track and track.is_locked)

    def SetTrackLock(self, kind: str, number: int, value: bool) -> bool:
        track = self._track(kind, number)
        if track:
            track.is_locked = value
        return track is not None

    # --- items -----------------------------------------------------------------------------------

    def GetItemListInTrack(self, kind: str, number: int) -> Any:
        """Transitions among them."""
        track = self._track(kind, number)
        return self._items(track.items) if track else None

    def GetSelectedClips(self) -> list[Any]:
        return self._items(self._state.selected)

    def GetCurrentVideoItem(self) -> Any:
        item = visible(self._state, self._state.playhead)
        is_here = self._world.page in ("cut", "edit", "color", "deliver")
        return TimelineItem(self._world, item, self._state) if item and is_here else None

    def DeleteClips(self, items: list[Any], ripple: bool = False) -> bool:
        traps = self._world.traps
        if self._world.page != "edit" or traps.delete_fails > 0:
            traps.delete_fails -= self._world.page == "edit"
            return False
        gone = {item._about[0] for item in items}
        for track in (*self._state.video, *self._state.audio):
            if not track.is_locked:
                track.items = [item for item in track.items if item not in gone]
        return True

    def DuplicateTimeline(self, name: str | None = None) -> Any:
        """In the current folder, and from then on the current timeline."""
        project = self._world.project
        assert project is not None
        name = name or f"{self._state.name} copy"
        if any(one.name == name for one in project.timelines):
            return None
        made = copy(self._state)
        made.id, made.name, made.settings = state.new_id(), name, dict(self._state.settings)
        made.video = [_copied(track) for track in self._state.video]
        made.audio = [_copied(track) for track in self._state.audio]
        made.media = state.PoolItem(name, "", state.File(0, made.rate), "Timeline")
        (project.folder or project.root).clips.append(made.media)
        project.timelines.append(made)
        project.timeline = made
        return Timeline(self._world, made)

    def Export(self, path: str, kind: Any, subtype: Any = None) -> bool:
        if kind != self._world.constant("EXPORT_OTIO"):  # nor the constant's name
            return False
        Path(path).write_text(json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": self._state.name}))
        return True

    # --- marks and markers -----------------------------------------------------------------------

    def GetMarkInOut(self) -> dict[str, Any]:
        """Counted from the timeline's start."""
        marks = self._state.marks
        return {"video": {"in": marks[0], "out": marks[1]}, "audio": {}} if marks else {}

    def SetMarkInOut(self, first: Any, last: Any, kind: str = "all") -> bool:
        self._state.marks = (first, last)
        return True

    def ClearMarkInOut(self, kind: str = "all") -> bool:
        self._state.marks = None
        return True

    def AddMarker(
        self, frame: Any, color: str, name: str, note: str, length: Any, data: str = ""
    ) -> bool:
        return _add_marker(self._state.markers, frame, color, name, note, length, data)

    def GetMarkers(self) -> dict[Any, Any]:
        return dict(self._state.markers)

    def GetMarkerByCustomData(self, data: str) -> dict[Any, Any]:
        return {k: v for k, v in self._state.markers.items() if v["customData"] == data}

    def DeleteMarkerByCustomData(self, data: str) -> bool:
        return _delete_marker(self._state.markers, data)


class TimelineItem(Proxy):
    _kind = "TimelineItem"

    @property
    def _state(self) -> Item:
        return self._about[0]

    @property
    def _ratio(self) -> Any:
        """Frames of the media to one of the timeline."""
        item = self._state
        assert item.media is not None
        return item.media.rate / self._about[1].rate * abs(item.speed)

    def GetName(self) -> str:
        return self._state.name

    def SetName(self, name: str) -> bool:
        self._state.name = name
        return True

    def GetUniqueId(self) -> str | None:
        return self._state.id

    def GetStart(self, subframe: Any = None) -> int:
        return self._state.start

    def GetEnd(self, subframe: Any = None) -> int:
        return self._state.end

    def GetDuration(self, subframe: Any = None) -> int:
        return self._state.duration

    def GetLeftOffset(self, subframe: Any = None) -> int:
        """Of a retimed item in retimed frames."""
        speed = abs(self._state.speed)
        return int(self._state.left / speed) if speed else 0

    def GetRightOffset(self, subframe: Any = None) -> int:
        item, speed = self._state, abs(self._state.speed)
        if item.media is None or not speed:
            return 0
        return int((item.media.file.frames - item.left) / speed) - item.duration

    def GetSourceStartFrame(self) -> int | None:
        item = self._state
        if item.media is None:
            return None
        first, last = self._source()
        return (last if item.speed < 0 else first) + item.is_off_by_one

    def GetSourceEndFrame(self) -> int | None:
        """Exclusive, but inclusive where the rates differ."""
        item = self._state
        if item.media is None:
            return None
        first, last = self._source()
        is_mixed = item.media.rate != self._about[1].rate
        return first if item.speed < 0 else last - is_mixed

    def _source(self) -> tuple[int, int]:
        item = self._state
        return item.left, item.left + int(item.duration * self._ratio)

    def GetSourceStartTime(self) -> float | None:
        """In seconds of the media's timecode, not of the file."""
        return self._seconds(self._source()[0]) if self._state.media else None

    def GetSourceEndTime(self) -> float | None:
        return self._seconds(self._source()[1]) if self._state.media else None

    def _seconds(self, frame: int) -> float:
        media = self._state.media
        assert media is not None
        return float((media.file.start + frame) / media.rate)

    def GetMediaPoolItem(self) -> Any:
        media = self._state.media
        has_none = self._state.kind in ("transition", "generator", "title", "adjustment", "fusion")
        return None if media is None or has_none else pool.MediaPoolItem(self._world, media)

    def GetTrackTypeAndIndex(self) -> list[Any] | None:
        timeline: state.Timeline = self._about[1]
        for kind, tracks in (("video", timeline.video), ("audio", timeline.audio)):
            for number, track in enumerate(tracks, 1):
                if self._state in track.items:
                    return [kind, number]
        return None

    def GetLinkedItems(self) -> list[Any]:
        return []

    def GetClipEnabled(self) -> bool:
        return self._state.is_enabled

    def SetClipEnabled(self, value: bool) -> bool:
        self._state.is_enabled = value
        return True

    def GetProperty(self, name: str | None = None) -> Any:
        if self._state.kind == "generator":
            return None
        said = {} if self._state.kind == "transition" else self._state.sizing
        return dict(said) if name is None else said.get(name)

    def SetProperty(self, name: str, value: Any) -> bool:
        if name not in self._state.sizing:
            return False
        self._state.sizing[name] = value
        return True

    def GetClipColor(self) -> str:
        return self._state.color

    def SetClipColor(self, name: str) -> bool:
        if name not in COLOURS:
            return False
        if self._state.media is not None:  # others say True and stay as they are
            self._state.color = name
        return True

    def ClearClipColor(self) -> bool:
        self._state.color = ""
        return True

    def GetFusionCompCount(self) -> int:
        return self._state.comps

    def AddMarker(
        self, frame: Any, color: str, name: str, note: str, length: Any, data: str = ""
    ) -> bool:
        return _add_marker(self._state.markers, frame, color, name, note, length, data)

    def GetMarkers(self) -> dict[Any, Any]:
        return dict(self._state.markers)

    def GetMarkerByCustomData(self, data: str) -> dict[Any, Any]:
        return {k: v for k, v in self._state.markers.items() if v["customData"] == data}

    def DeleteMarkerByCustomData(self, data: str) -> bool:
        return _delete_marker(self._state.markers, data)

    # --- takes -----------------------------------------------------------------------------------

    def GetTakesCount(self) -> int:
        return len(self._state.takes)

    def GetSelectedTakeIndex(self) -> int:
        return self._state.selected

    def GetTakeByIndex(self, index: int) -> dict[str, Any]:
        takes = self._state.takes
        if not 1 <= index <= len(takes):
            return {}
        take = takes[index - 1]
        media = pool.MediaPoolItem(self._world, take.media)
        return {"startFrame": take.start, "endFrame": take.end, "mediaPoolItem": media}

    def AddTake(self, media: Any, start: int | None = None, end: int | None = None) -> bool:
        item, traps = self._state, self._world.traps
        clip: state.PoolItem = media._about[0]
        if item.media is None or item.kind != "clip":
            return False
        if traps.silent_takes:
            return True
        if not item.takes:
            item.takes.append(Take(item.media, item.left, item.left + item.duration))
            item.selected = 1
        first = start or 0
        last = clip.file.frames if end is None else end + self._world.profile.is_end_inclusive
        item.takes.append(Take(clip, first, min(clip.file.frames, last + traps.takes_end)))
        return True

    def SelectTakeByIndex(self, index: int) -> bool:
        item = self._state
        if not 1 <= index <= len(item.takes):
            return False
        if not self._world.traps.takes_pick or index == 1:
            take = item.takes[index - 1]
            item.selected, item.media, item.left = index, take.media, take.start
            item.duration = take.end - take.start  # its own length, whatever follows
        return True

    def DeleteTakeByIndex(self, index: int) -> bool:
        """The one that is shown cannot be."""
        item = self._state
        if not 1 <= index <= len(item.takes) or index == item.selected:
            return False
        del item.takes[index - 1]
        item.selected -= item.selected > index
        if len(item.takes) == 1:
            item.takes, item.selected = [], 0
        return True

    # --- grades ----------------------------------------------------------------------------------

    def GetNumNodes(self) -> int:
        return len(self._state.nodes)

    def GetNodeLabel(self, index: int) -> str:
        return self._state.nodes[index - 1]

    def GetNodeGraph(self, layer: Any = None) -> Any:
        return Graph(self._world, self._state)

    def CopyGrades(self, targets: list[Any]) -> bool:
        if not self._world.traps.grades_fail:
            for target in targets:
                target._about[0].nodes = list(self._state.nodes)
        return True

    def GetColorGroup(self) -> Any:
        return ColorGroup(self._world, self._state.group) if self._state.group else None

    def AssignToColorGroup(self, group: Any) -> bool:
        self._state.group = group._about[0]
        return True


class Graph(Proxy):
    _kind = "Graph"

    def GetNumNodes(self) -> int:
        return len(self._about[0].nodes)

    def GetNodeLabel(self, index: int) -> str:
        return self._about[0].nodes[index - 1]


class ColorGroup(Proxy):
    _kind = "ColorGroup"

    def GetName(self) -> str:
        return self._about[0]


def _add_marker(markers: Any, frame: Any, color: str, *said: Any) -> bool:
    if color not in MARKER_COLOURS or frame in markers:
        return False
    keys = ("name", "note", "duration", "customData")
    markers[frame] = {"color": color, **dict(zip(keys, said, strict=True))}
    return True


def _delete_marker(markers: Any, data: str) -> bool:
    found = [frame for frame, one in markers.items() if one["customData"] == data]
    for frame in found:
        del markers[frame]
    return bool(found)


def _copied(track: Track) -> Track:
    made = [copy(item) for item in track.items]
    for item in made:
        item.id = state.new_id()
    return Track(track.name, made, track.is_enabled, track.is_locked)
