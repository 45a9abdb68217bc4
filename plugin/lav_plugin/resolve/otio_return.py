"""Takes on a timeline of their own, by way of OpenTimelineIO in the shape that Resolve writes.

Resolve takes in no other shape and says nothing of why: times in the media's own timecode, bare
paths, a map of media references, its own names of tracks.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..model import Refusal
from .answers import text
from .opened import Line, Opened, line
from .ranges import Source, left, read
from .timecode import Clock

Json = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """A clip where it is to lie, and what it shows of which file."""

    name: str
    media: Source
    track: int
    start: int  # timeline frame
    first: int  # frame of the file
    count: int


def document(name: str, at: Line, entries: Sequence[Entry]) -> Json:
    """Raises Refusal for entries that overlap on a track."""
    top = max((entry.track for entry in entries), default=1)
    tracks = [_track(at, number, entries) for number in range(1, top + 1)]
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
        "name": name,
        "global_start_time": _time(at.start, at),
        "tracks": {"OTIO_SCHEMA": "Stack.1", "source_range": None, "children": tracks}
        | _common("tracks"),
    }


def bring(opened: Opened, at: Line, name: str, entries: Sequence[Entry], folder: str) -> str:
    """The new timeline's name. Raises Refusal; then there is none. The current timeline changes."""
    before = {one.id: one.name for one in opened.timelines()}
    unique = _unique(name, set(before.values()))
    path = _written(os.path.join(folder, f"{_plain(unique)}.otio"), document(unique, at, entries))
    options = {"timelineName": unique, "importSourceClips": True, "sourceClipsPath": folder}
    made = opened.pool.ImportTimelineFromFile(path, options)
    if made is None or text(made.GetUniqueId()) in before:
        raise _refused(f"Resolve did not take in {path}.")
    there, wanted = _there(line(opened, made)), sorted(map(_key, entries))
    if there != wanted:
        opened.project.SetCurrentTimeline(at.handle)
        opened.pool.DeleteTimelines([made])
        raise _refused(f"Resolve read {path} otherwise than it was written.")
    return unique


def _there(made: Line) -> list[Any]:
    found = []
    for spot in made.all_spots():
        clip = spot.handle.GetMediaPoolItem()
        path = read(clip).path if clip is not None else ""
        found.append((spot.track, spot.start, spot.duration, left(spot), os.path.normcase(path)))
    return sorted(found)


def _key(entry: Entry) -> Any:
    path = os.path.normcase(entry.media.path)
    return entry.track, entry.start, entry.count, entry.first, path


def _track(at: Line, number: int, entries: Sequence[Entry]) -> Json:
    children: list[Json] = []
    end = at.start
    for entry in sorted((one for one in entries if one.track == number), key=lambda one: one.start):
        if entry.start < end:
            raise _refused(f"{entry.name} overlaps another clip on V{number}.")
        if entry.start > end:
            children.append(_gap(at, entry.start - end))
        children.append(_clip(at, entry))
        end = entry.start + entry.count
    said = {"OTIO_SCHEMA": "Track.1", "source_range": None, "kind": "Video", "children": children}
    return said | _common(f"Video {number}", {"Locked": False})


def _gap(at: Line, count: int) -> Json:
    return {"OTIO_SCHEMA": "Gap.1", "source_range": _range(0, count, at)} | _common("")


def _clip(at: Line, entry: Entry) -> Json:
    begin = _start(at, entry.media)
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {},
        "name": os.path.basename(entry.media.path),
        "available_range": _range(begin, entry.media.frames, at),
        "available_image_bounds": None,
        "target_url": entry.media.path,
    }
    return {
        "OTIO_SCHEMA": "Clip.2",
        "source_range": _range(begin + entry.first, entry.count, at),
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
    } | _common(entry.name, {"Link Group ID": 1})


def _start(at: Line, media: Source) -> int:
    """The timecode of the file's first frame, as Resolve reads it; 0 where it has none."""
    said = text(media.properties.get("Start TC"))
    return Clock(at.rate, ";" in said).frame(said) if said else 0


def _common(name: str, metadata: Json | None = None) -> Json:
    said: Json = {"name": name, "effects": [], "markers": [], "enabled": True, "color": None}
    return said | {"metadata": {"Resolve_OTIO": metadata} if metadata else {}}


def _time(frame: int, at: Line) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(at.rate), "value": float(frame)}


def _range(first: int, count: int, at: Line) -> Json:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": _time(first, at),
        "duration": _time(count, at),
    }


def _unique(name: str, taken: set[str]) -> str:
    """A name that is taken makes Resolve import nothing."""
    number, unique = 1, name
    while unique in taken:
        number += 1
        unique = f"{name} {number}"
    return unique


def _plain(name: str) -> str:
    return "".join(one if one.isalnum() or one in " -_." else "_" for one in name)


def _written(path: str, said: Json) -> str:
    """A new file; one that is there stays as it is."""
    stem, number = path.removesuffix(".otio"), 1
    while True:
        try:
            with open(path, "x", encoding="utf-8") as file:
                json.dump(said, file, indent=4)
            return path
        except FileExistsError:
            number += 1
            path = f"{stem} {number}.otio"
        except OSError as error:
            raise _refused(f"{path} cannot be written ({error.strerror}).") from None


def _refused(said: str) -> Refusal:
    return Refusal(
        f"{said} The new timeline was not made; the one that is open is as it was.",
        "Place the takes one by one instead.",
        "PLACEMENT_FAILED",
    )
