"""A take on the track right above its clip: placed, read again, saved, and read once more.

What AppendToTimeline hands back proves nothing: an item may not be there, may be elsewhere, and may
be gone with the next save.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from ..model import Refusal
from .answers import each, text
from .opened import Line, Opened, Spot, save
from .ranges import Source, left

TRACK = "Light-A-Video"
PICTURE = 1  # mediaType: without the sound


@dataclass(frozen=True)
class Wanted:
    """Where a take is to lie, and what of it."""

    media: Source
    first: int  # frame of the media
    count: int
    track: int
    start: int  # timeline frame


def room_above(line: Line, spot: Spot) -> int:
    """The track right above, made where there is none. Raises Refusal where it is taken."""
    track = spot.track + 1
    if track > line.tracks():
        line.handle.AddTrack("video")
        if line.tracks() != track:
            raise _refused("Resolve added no video track.", "Add one yourself, then try again.")
        line.handle.SetTrackName("video", track, TRACK)
        return track
    if line.is_locked(track) or not line.is_enabled(track):
        state = "locked" if line.is_locked(track) else "switched off"
        raise _refused(f"V{track}, right above {spot.name}, is {state}.", "Change that first.")
    taken = [one for one in line.spots(track) if one.overlaps(spot.start, spot.end)]
    if taken:
        first, last = line.clock.text(taken[0].start), line.clock.text(taken[-1].end)
        names = ", ".join(one.name for one in taken[:3])
        raise _refused(
            f"Track V{track} already has {names} at {first} - {last}, so the take was not put "
            "there.",
            "Move that up, or place the take in the clip's own place.",
        )
    return track


def place(opened: Opened, line: Line, wanted: Wanted) -> Spot:
    """As it is on the track. Raises Refusal; then nothing of it is left."""
    before = {spot.id for spot in line.spots(wanted.track)}
    first_end = opened.edition.end_frame(wanted.first, wanted.count)
    for end in (first_end, first_end + 1, first_end - 1):  # the rule changed, and rates are floored
        _append(opened, wanted, end)
        made = [one for one in _ours(line, wanted) if one.id not in before]
        right = [one for one in made if _is_right(one, wanted)]
        if right and len(made) == 1:
            return right[0]
        clear(opened, line, made)
        if all(one.start != wanted.start for one in made):
            break  # another end would not help
    raise Refusal(
        f"Resolve did not put {wanted.media.name} on V{wanted.track} at "
        f"{line.clock.text(wanted.start)}; the timeline was left as it was.",
        "The take is kept. Unlock the track and close any dialog, then try again.",
        "PLACEMENT_FAILED",
    )


def outlives_save(opened: Opened, line: Line, wanted: Wanted) -> Spot | None:
    """Saves, and looks for the take again."""
    save(opened)
    return next((one for one in _ours(line, wanted) if _is_right(one, wanted)), None)


def clear(opened: Opened, line: Line, spots: list[Spot]) -> bool:
    """Whether they are gone. Works on the Edit page alone, and not always at the first time."""
    gone = {spot.id for spot in spots}
    for _ in range(2):
        left_over = [spot for track in _tracks(spots) for spot in line.spots(track)]
        there = [spot for spot in left_over if spot.id in gone]
        if not there:
            return True
        opened.resolve.OpenPage("edit")
        line.handle.DeleteClips([spot.handle for spot in there], False)
    return not any(spot.id in gone for track in _tracks(spots) for spot in line.spots(track))


def remove_empty_track(line: Line, track: int) -> None:
    """Of ours alone."""
    is_ours = text(line.handle.GetTrackName("video", track)) == TRACK
    if is_ours and track == line.tracks() and not line.spots(track):
        line.handle.DeleteTrack("video", track)


def _append(opened: Opened, wanted: Wanted, end: int) -> None:
    said: dict[str, Any] = {
        "mediaPoolItem": wanted.media.handle,
        "startFrame": wanted.first,
        "endFrame": end,
        "mediaType": PICTURE,
        "trackIndex": wanted.track,
        "recordFrame": wanted.start,  # absolute: the timeline's own start is in it
    }
    opened.pool.AppendToTimeline([said])


def _ours(line: Line, wanted: Wanted) -> list[Spot]:
    """Of that media, wherever on the track: it may have landed elsewhere."""
    spots = line.spots(wanted.track)
    clips = each([spot.handle for spot in spots], "GetMediaPoolItem")
    with_clips = [spot for spot, clip in zip(spots, clips, strict=True) if clip is not None]
    paths = each([clip for clip in clips if clip is not None], "GetClipProperty", "File Path")
    return [
        spot
        for spot, path in zip(with_clips, paths, strict=True)
        if os.path.normcase(text(path)) == os.path.normcase(wanted.media.path)
    ]


def _is_right(found: Spot, wanted: Wanted) -> bool:
    is_there = (found.start, found.duration) == (wanted.start, wanted.count)
    return is_there and left(found) == wanted.first and bool(found.id)


def _tracks(spots: list[Spot]) -> set[int]:
    return {spot.track for spot in spots}


def _refused(said: str, hint: str) -> Refusal:
    return Refusal(said, hint, "PLACE_BLOCKED")
