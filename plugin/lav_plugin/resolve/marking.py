"""How a take is told apart on a timeline: a colour, and a marker with its job."""

from __future__ import annotations

from typing import Any

from .answers import mapping, number, text

COLOUR = "Teal"  # one of the sixteen of clips; markers have others
MARKER = "Cyan"
TRIES = 5  # frames; a marker that is there already keeps its place


def mark(item: Any, job: str, name: str) -> list[str]:
    """What could not be set, in words."""
    left = []
    item.SetClipColor(COLOUR)
    if text(item.GetClipColor()) != COLOUR:
        left.append("the clip's colour")
    data = f"lav:{job}"
    first = int(number(item.GetLeftOffset()) or 0)  # markers of clips lie on frames of the media
    for frame in range(first, first + TRIES):
        if mapping(item.GetMarkerByCustomData(data)):
            break
        item.AddMarker(frame, MARKER, "Light-A-Video", name, 1, data)
    if not mapping(item.GetMarkerByCustomData(data)):
        left.append("the marker")
    return left


def unmark(item: Any, job: str) -> None:
    item.DeleteMarkerByCustomData(f"lav:{job}")
