"""Which items the user means: the selected, the one under the playhead, marked or coloured."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..model import Refusal
from .answers import each, listing, mapping, number, text, whole
from .edition import MARKS, SELECTED, Edition
from .opened import Line, Opened, Spot
from .ranges import is_transition

AUTO, PLAYHEAD, SELECTION, MARKED, COLOURED = "auto", "playhead", "selected", "marked", "coloured"


@dataclass(frozen=True)
class Scope:
    kind: str = AUTO  # what is selected where that can be read, else what is under the playhead
    track: int = 1  # of MARKED
    colour: str = ""  # of COLOURED; of the clip, not of a marker


def chosen(opened: Opened, line: Line, scope: Scope) -> list[Spot]:
    """Raises Refusal, with what to do instead."""
    if scope.kind == MARKED:
        return _marked(opened.edition, line, scope.track)
    if scope.kind == COLOURED:
        return _coloured(line, scope.colour)
    if scope.kind == SELECTION or (scope.kind == AUTO and opened.edition.has(SELECTED)):
        found = _selected(opened.edition, line)
        if found or scope.kind == SELECTION:
            return found
    return _under_playhead(line)


def _selected(edition: Edition, line: Line) -> list[Spot]:
    if not edition.has(SELECTED):
        raise Refusal(
            f"DaVinci Resolve {edition.number} does not tell scripts which clips are selected.",
            "Park the playhead on the clip, or give the clips a colour.",
            "NOT_IN_VERSION",
        )
    ids = set(each(listing(line.handle.GetSelectedClips()), "GetUniqueId"))
    return _pictures(spot for spot in _all(line) if spot.id in ids)


def _under_playhead(line: Line) -> list[Spot]:
    """The uppermost clip with a picture that is seen there, below titles and adjustments."""
    frame = line.clock.frame(text(line.handle.GetCurrentTimecode()))
    others: list[Spot] = []
    for track in range(line.tracks(), 0, -1):
        if not line.is_enabled(track):
            continue
        spots = line.spots(track)
        for spot in _pictures([one for one in spots if one.overlaps(frame, frame + 1)], spots):
            if not spot.handle.GetClipEnabled():
                continue
            if spot.handle.GetMediaPoolItem() is not None:
                return [spot]
            others.append(spot)
    fusion = [one for one in others if number(one.handle.GetFusionCompCount())]
    return (fusion or others)[:1]


def _marked(edition: Edition, line: Line, track: int) -> list[Spot]:
    if not edition.has(MARKS):
        raise Refusal(
            f"DaVinci Resolve {edition.number} does not tell scripts where the in and out points "
            "are.",
            "Park the playhead on the clip, or give the clips a colour.",
            "NOT_IN_VERSION",
        )
    marks = mapping(mapping(line.handle.GetMarkInOut()).get("video"))
    if "in" not in marks or "out" not in marks:
        raise Refusal(
            "The timeline has no in and out points.", "Set both, then try again.", "NO_MARKS"
        )
    if not 1 <= track <= line.tracks():
        raise Refusal(f"The timeline has no track V{track}.", "Choose another.", "NO_TRACK")
    first = line.start + whole(marks["in"], "the in point")  # they count from the timeline's start
    end = line.start + whole(marks["out"], "the out point") + 1
    spots = line.spots(track)
    return _pictures([spot for spot in spots if spot.overlaps(first, end)], spots)


def _coloured(line: Line, colour: str) -> list[Spot]:
    spots = _all(line)
    colours = each([spot.handle for spot in spots], "GetClipColor")
    return _pictures(spot for spot, has in zip(spots, colours, strict=True) if text(has) == colour)


def _all(line: Line) -> list[Spot]:
    return sorted(line.all_spots(), key=lambda spot: (spot.track, spot.start))


def _pictures(spots: Iterable[Spot], beside: list[Spot] | None = None) -> list[Spot]:
    """Without transitions, which are items as well."""
    found = list(spots)
    clips = each([spot.handle for spot in found], "GetMediaPoolItem")
    return [
        spot
        for spot, clip in zip(found, clips, strict=True)
        if clip is not None or not is_transition(spot, beside if beside is not None else found)
    ]
