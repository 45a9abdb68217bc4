"""What an item of a track shows of which file, or why it cannot be relit as it is.

Resolve does not tell an item's speed. Three readings are compared instead: the span of the source
in frames, that in seconds, and what is left of the file on both sides.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..host import Unfit
from ..model import Media, TimelineClip, exact_rate
from .answers import mapping, number, text
from .edition import SOURCE, Edition
from .opened import Line, Spot

NESTED = ("Compound", "Multicam", "Timeline", "Fusion")  # types of a pool's clip
RAW = frozenset(
    (".braw", ".r3d", ".ari", ".arx", ".crm", ".nev", ".dng", ".rmf", ".cine", ".vrw", ".exr")
)
SLACK = 1  # frames by which readings of an item that is not retimed may differ
HALF = 0.5  # frames


@dataclass(frozen=True)
class Source:
    """The file behind an item, as the media pool tells of it."""

    handle: Any  # of the pool's clip
    name: str
    kind: str
    path: str
    frames: int
    rate: Fraction | None
    properties: Mapping[str, Any]

    @property
    def is_raw(self) -> bool:
        """Camera raw and image sequences: only Resolve opens them."""
        return os.path.splitext(self.path)[1].lower() in RAW or "[" in os.path.basename(self.path)

    @property
    def is_online(self) -> bool:
        said = text(self.properties.get("Online Status"))
        is_there = os.path.exists(os.path.dirname(self.path) if self.is_raw else self.path)
        return said != "Offline" and is_there


def source(spot: Spot) -> Source | None:
    """None of items that have no clip in the pool: titles, generators, transitions."""
    clip = spot.handle.GetMediaPoolItem()
    return read(clip) if clip is not None else None


def read(clip: Any) -> Source:
    said = mapping(clip.GetClipProperty())
    frames, rate = number(said.get("Frames")), number(said.get("FPS"))
    return Source(
        handle=clip,
        name=text(said.get("Clip Name")) or text(said.get("File Name")),
        kind=text(said.get("Type")),
        path=text(said.get("File Path")),
        frames=int(frames or 0),
        rate=exact_rate(rate) if rate else None,
        properties=said,
    )


def is_transition(spot: Spot, beside: Sequence[Spot]) -> bool:
    """It lies over a cut; a generator, of which just as little is known, has its span alone."""
    if spot.handle.GetMediaPoolItem() is not None or mapping(spot.handle.GetProperty()):
        return False
    return (
        any(other.id != spot.id and other.overlaps(spot.start, spot.end) for other in beside)
        or "dissolve" in spot.name.lower()
    )


def describe(
    edition: Edition, line: Line, spot: Spot, found: Source | None = None
) -> TimelineClip | Unfit:
    """`found`: its source, where that has been read already."""
    found = found or source(spot)
    why, can_bake = _why_not(edition, line, spot, found)
    if why or found is None or found.rate is None:
        return Unfit(spot.id, spot.name, why, can_bake)
    return TimelineClip(
        id=spot.id,
        name=spot.name,
        media=Media(found.path, found.frames, found.rate),
        first=left(spot),
        count=spot.duration,
        start=spot.start,
        rate=line.rate,
        track=spot.track,
    )


def is_frame_for_frame(edition: Edition, line: Line, spot: Spot, found: Source) -> bool:
    """Whatever can or cannot read the file."""
    is_file = bool(found.path) and not any(kind in found.kind for kind in NESTED)
    is_same_rate = found.rate is not None and found.rate == line.rate
    return is_file and is_same_rate and not _why_retimed(edition, spot, found, line.rate)


def left(spot: Spot) -> int:
    """Frames of the file before the item; what GetSourceStartFrame says is off by one at times."""
    return int(number(spot.handle.GetLeftOffset()) or 0)


def _why_not(edition: Edition, line: Line, spot: Spot, found: Source | None) -> tuple[str, bool]:
    """A sentence, and whether a bake would help; empty where the item is frame for frame."""
    if found is None:
        if number(spot.handle.GetFusionCompCount()):
            return f"{spot.name} is a Fusion clip or title: it has no file of its own.", True
        return f"{spot.name} is a title, generator or adjustment clip: it has no picture.", False
    if any(kind in found.kind for kind in NESTED) or not found.path:
        kind = found.kind.lower() or "nested"
        return f"{spot.name} is a {kind} clip: it is made of others and has no file.", True
    if "Still" in found.kind or "Image" in found.kind or found.kind == "Audio":
        return f"{spot.name} is no video but {found.kind.lower()}; it is not relit.", False
    if not found.is_online:
        return f"{spot.name} is offline: {found.path} is missing.", False
    if found.is_raw:
        return _raw(spot.name), True
    if found.rate is None or found.frames < 1:
        return f"Resolve does not say how many frames {spot.name} has.", True
    if found.rate != line.rate:
        return (
            f"{spot.name} has {float(found.rate):.6g} frames a second and the timeline "
            f"{float(line.rate):.6g}, so it is not shown frame for frame.",
            True,
        )
    return _why_retimed(edition, spot, found, found.rate), True


def _raw(name: str) -> str:
    return (
        f"{name} is camera raw, or a sequence of stills, which only Resolve reads: it is rendered "
        "to a file without its grade first. Relighting then happens before the grade."
    )


def _why_retimed(edition: Edition, spot: Spot, found: Source, rate: Fraction) -> str:
    first, count = left(spot), spot.duration
    after = number(spot.handle.GetRightOffset())
    said = f"{spot.name} is retimed"
    if after is not None and abs(first + count + after - found.frames) > SLACK:
        return f"{said}: its frames are not those of its file one by one."
    if first < 0 or first + count > found.frames:
        return f"{said}: it shows more frames than its file has."
    if not edition.has(SOURCE):
        return ""
    begin, end = number(spot.handle.GetSourceStartFrame()), number(spot.handle.GetSourceEndFrame())
    if begin is not None and end is not None:
        if end < begin:
            return f"{spot.name} runs backwards."
        if abs(end - begin - count) > SLACK:
            return f"{said}: it shows {end - begin:.0f} frames of its file in {count}."
    since, until = number(spot.handle.GetSourceStartTime()), number(spot.handle.GetSourceEndTime())
    if since is not None and until is not None and abs((until - since) * rate - count) > HALF:
        return f"{said}: it shows {(until - since) * rate:.1f} frames of its file in {count}."
    return ""
