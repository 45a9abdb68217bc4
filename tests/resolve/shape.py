"""Whether an OpenTimelineIO document is shaped as Resolve's own are: it takes no others in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

WINDOWS = re.compile(r"[A-Za-z]:[\\/]")


@dataclass(frozen=True)
class MediaClip:
    name: str
    path: str
    first: int  # in the media's timecode
    count: int
    start: int  # on the timeline


def problems(document: dict[str, Any]) -> list[str]:
    """What Resolve would stumble over; nothing where it takes the document."""
    return list(_problems(document))


def media_clips(track: dict[str, Any], start: int) -> Iterator[MediaClip]:
    """Of a track of a document without problems."""
    at = start
    for child in track["children"]:
        span = child["source_range"]
        count = round(span["duration"]["value"])
        if child["OTIO_SCHEMA"].startswith("Clip."):
            reference = child["media_references"][child["active_media_reference_key"]]
            first = round(span["start_time"]["value"])
            yield MediaClip(child["name"], reference["target_url"], first, count, at)
        at += count


def _problems(document: dict[str, Any]) -> Iterator[str]:
    if document.get("OTIO_SCHEMA") != "Timeline.1":
        yield "it is no Timeline.1"
        return
    if "Resolve OTIO Meta Version" not in document.get("metadata", {}).get("Resolve_OTIO", {}):
        yield "the timeline's metadata have no Resolve_OTIO version"
    rate = float((document.get("global_start_time") or {}).get("rate", 0))
    if not rate:
        yield "it has no global_start_time"
    tracks = document.get("tracks", {})
    if tracks.get("OTIO_SCHEMA") != "Stack.1" or tracks.get("source_range") is not None:
        yield "its tracks are no bare Stack.1"
    for number, track in enumerate(tracks.get("children", ()), 1):
        yield from (f"track {number}: {one}" for one in _track(track, number, rate))


def _track(track: dict[str, Any], number: int, rate: float) -> Iterator[str]:
    if track.get("OTIO_SCHEMA") != "Track.1" or track.get("kind") != "Video":
        yield "it is no video Track.1"
    if track.get("name") != f"Video {number}":
        yield f"it is called {track.get('name')!r}"
    if "Locked" not in track.get("metadata", {}).get("Resolve_OTIO", {}):
        yield "its metadata do not say whether it is locked"
    for child in track.get("children", ()):
        kind = child.get("OTIO_SCHEMA", "")
        yield from _common(child, rate)
        if kind == "Clip.2":
            yield from (f"{child.get('name')}: {one}" for one in _clip(child, rate))
        elif kind != "Gap.1":
            yield f"it holds a {kind}"


def _common(child: dict[str, Any], rate: float) -> Iterator[str]:
    for name in ("enabled", "metadata", "effects", "markers"):
        if name not in child:
            yield f"{child.get('name')} has no {name}"
    yield from _range(child.get("source_range"), rate, "source_range")


def _clip(clip: dict[str, Any], rate: float) -> Iterator[str]:
    references = clip.get("media_references")
    key = clip.get("active_media_reference_key")
    if not isinstance(references, dict) or key not in references:
        yield "it has no map of media references with an active one"
        return
    for reference in references.values():
        yield from _reference(reference, clip["source_range"], rate)


def _reference(reference: dict[str, Any], shown: Any, rate: float) -> Iterator[str]:
    if reference.get("OTIO_SCHEMA") != "ExternalReference.1":
        yield f"it refers to a {reference.get('OTIO_SCHEMA')}"
    path = reference.get("target_url", "")
    if not (path.startswith("/") or WINDOWS.match(path)):
        yield f"{path!r} is no bare absolute path"
    available = reference.get("available_range")
    wrong = list(_range(available, rate, "available_range"))
    yield from wrong
    if wrong or available is None:
        return
    first, last = _ends(available)
    begin, end = _ends(shown)
    if not (first <= begin and end <= last):
        yield f"it shows {begin} to {end} of media that have {first} to {last}"


def _range(span: Any, rate: float, name: str) -> Iterator[str]:
    if not isinstance(span, dict):
        yield f"it has no {name}"
        return
    for part in ("start_time", "duration"):
        value, said = span[part]["value"], span[part]["rate"]
        if value != int(value) or (part == "duration" and value < 1):
            yield f"{name} has {value} frames"
        if said != rate:
            yield f"{name} counts {said} frames a second, the timeline {rate}"


def _ends(span: dict[str, Any]) -> tuple[float, float]:
    first = span["start_time"]["value"]
    return first, first + span["duration"]["value"]
