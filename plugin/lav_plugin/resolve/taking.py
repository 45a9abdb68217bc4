"""A take in a clip's own place: one of its take selector, which keeps the original.

Nobody has written down how Resolve counts the frames of takes, so a take that does not come out
frame for frame is taken away again.
"""

from __future__ import annotations

import os
from typing import Any

from ..model import Refusal
from .answers import mapping, number, text, whole
from .edition import Edition
from .opened import Line, Spot
from .ranges import Source, left


def take_of(item: Any, path: str) -> int:
    """Its number in the clip's take selector, from 1; 0 where it is not in it."""
    for index in range(1, _count(item) + 1):
        clip = mapping(item.GetTakeByIndex(index)).get("mediaPoolItem")
        if clip is not None and _same(text(clip.GetClipProperty("File Path")), path):
            return index
    return 0


def put(edition: Edition, line: Line, spot: Spot, media: Source, first: int) -> None:
    """As another take, which is shown. Raises Refusal; then the clip is as it was."""
    item = spot.handle
    before, shown = left(spot), max(1, int(number(item.GetSelectedTakeIndex()) or 0))
    first_end = edition.end_frame(first, spot.duration)
    for end in (first_end, first_end + 1, first_end - 1):
        item.AddTake(media.handle, first, end)
        index = take_of(item, media.path)
        if not index:
            break
        item.SelectTakeByIndex(index)
        if _is_right(line, spot, media.path, first):
            return
        item.SelectTakeByIndex(shown)
        item.DeleteTakeByIndex(index)
    _check_undone(line, spot, before)
    raise Refusal(
        f"Resolve did not take {media.name} as another take of {spot.name}; the clip is as it was.",
        "Place the take above it.",
        "NOT_IN_PLACE",
    )


def show(line: Line, spot: Spot, path: str, first: int) -> None:
    """One that is in the selector already, the original among them. Raises Refusal."""
    item = spot.handle
    index, shown = take_of(item, path), max(1, int(number(item.GetSelectedTakeIndex()) or 0))
    if index:
        item.SelectTakeByIndex(index)
    if not _is_right(line, spot, path, first):
        if index:
            item.SelectTakeByIndex(shown)
        raise Refusal(
            f"Resolve did not show {os.path.basename(path)} in {spot.name}; look at its takes.",
            "Choose the take in Resolve: right-click the clip, Open Take Selector.",
            "NOT_IN_PLACE",
        )


def drop(line: Line, spot: Spot, path: str, original: str, first: int) -> None:
    """Out of the selector; the original is shown where this one was. Raises Refusal."""
    item, index = spot.handle, take_of(spot.handle, path)
    if not index:
        return
    if int(number(item.GetSelectedTakeIndex()) or 0) == index:
        show(line, spot, original, first)
    item.DeleteTakeByIndex(index)
    if take_of(item, path):
        raise Refusal(
            f"Resolve kept {os.path.basename(path)} among the takes of {spot.name}.",
            "Remove it in Resolve: right-click the clip, Open Take Selector.",
            "TAKE_STAYS",
        )


def _is_right(line: Line, spot: Spot, path: str, first: int) -> bool:
    """The same place and length as before, of that file, from that frame."""
    now = _again(line, spot)
    if now is None or (now.start, now.duration) != (spot.start, spot.duration):
        return False
    clip = now.handle.GetMediaPoolItem()
    shows = text(clip.GetClipProperty("File Path")) if clip is not None else ""
    return _same(shows, path) and left(now) == first


def _check_undone(line: Line, spot: Spot, before: int) -> None:
    now = _again(line, spot)
    is_same = now is not None and (now.start, now.duration) == (spot.start, spot.duration)
    if now is None or not is_same or left(now) != before:
        raise Refusal(
            f"Resolve changed {spot.name} while a take was tried in its place.",
            "Undo once in Resolve (Edit > Undo), then place the take above the clip.",
            "CLIP_CHANGED",
        )


def _again(line: Line, spot: Spot) -> Spot | None:
    return next((one for one in line.spots(spot.track) if one.id == spot.id), None)


def _count(item: Any) -> int:
    return whole(item.GetTakesCount() or 0, "the number of takes")


def _same(path: str, other: str) -> bool:
    return os.path.normcase(path) == os.path.normcase(other)
