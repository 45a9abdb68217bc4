"""The user's own state: the page, the folder, the timeline, its playhead and its marks.

Which tracks are patched and selected cannot be read by any script, so it is not touched either.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .answers import mapping, text
from .edition import MARKS
from .opened import Opened


@contextmanager
def kept(opened: Opened) -> Iterator[None]:
    """All as it was, whatever happens inside. The page is read first: reading others changes it."""
    resolve, project, pool = opened.resolve, opened.project, opened.pool
    page = text(resolve.GetCurrentPage())
    folder, timeline = pool.GetCurrentFolder(), project.GetCurrentTimeline()
    has_marks = opened.edition.has(MARKS)
    playhead = text(timeline.GetCurrentTimecode()) if timeline is not None else ""
    marks = mapping(timeline.GetMarkInOut()) if timeline is not None and has_marks else {}
    try:
        yield
    finally:
        if timeline is not None:
            _back(opened, timeline, playhead)
            if has_marks and mapping(timeline.GetMarkInOut()) != marks:
                _mark(timeline, marks)
        if folder is not None:
            pool.SetCurrentFolder(folder)
        if page and text(resolve.GetCurrentPage()) != page:
            resolve.OpenPage(page)


def _back(opened: Opened, timeline: Any, playhead: str) -> None:
    current = opened.project.GetCurrentTimeline()
    if current is None or text(current.GetUniqueId()) != text(timeline.GetUniqueId()):
        opened.project.SetCurrentTimeline(timeline)
    if playhead and text(timeline.GetCurrentTimecode()) != playhead:
        timeline.SetCurrentTimecode(playhead)


def _mark(timeline: Any, marks: dict[Any, Any]) -> None:
    timeline.ClearMarkInOut()
    for kind, said in marks.items():
        if mapping(said):
            timeline.SetMarkInOut(said["in"], said["out"], kind)
