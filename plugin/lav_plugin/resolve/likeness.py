"""What a clip looks like beside its file: sizing, blending, grade, group. Copied, then re-read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .answers import mapping, number, text
from .edition import NODES, Edition
from .opened import Line, Spot
from .ranges import is_transition


def copy(edition: Edition, line: Line, spot: Spot, made: Spot) -> list[str]:
    """From the clip to the one made of its take. What could not be copied, in words."""
    left = _sizing(spot.handle, made.handle)
    if not _grade(edition, spot.handle, made.handle):
        left.append("the grade")
    left += _group(spot.handle, made.handle)
    if number(spot.handle.GetFusionCompCount()):
        left.append("its Fusion composition")
    spots = line.spots(spot.track)
    left += [
        f"{one.name} at {line.clock.text(one.start)}"
        for one in spots
        if one.id != spot.id and one.overlaps(spot.start, spot.end) and is_transition(one, spots)
    ]
    return left


def grade_of(edition: Edition, item: Any) -> list[str]:
    """The labels of its nodes: as much of a grade as can be read."""
    graph = item.GetNodeGraph() if edition.has(NODES) else item
    if graph is None:
        return []
    count = int(number(graph.GetNumNodes()) or 0)
    return [text(graph.GetNodeLabel(index)) for index in range(1, count + 1)]


def _sizing(item: Any, made: Any) -> list[str]:
    wanted, has = mapping(item.GetProperty()), mapping(made.GetProperty())
    changed = [name for name, value in wanted.items() if has.get(name) != value]
    for name in changed:
        made.SetProperty(name, wanted[name])
    now = mapping(made.GetProperty()) if changed else {}
    return [text(name) for name in changed if not _same(now.get(name), wanted[name])]


def _same(has: Any, wanted: Any) -> bool:
    if isinstance(has, int | float) and isinstance(wanted, int | float):
        return abs(has - wanted) < 1e-3
    return has == wanted


def _grade(edition: Edition, item: Any, made: Any) -> bool:
    wanted = grade_of(edition, item)
    item.CopyGrades([made])
    return grade_of(edition, made) == wanted


def _group(item: Any, made: Any) -> Sequence[str]:
    group = item.GetColorGroup()
    if group is None:
        return ()
    made.AssignToColorGroup(group)
    name, now = text(group.GetName()), made.GetColorGroup()
    is_in = now is not None and text(now.GetName()) == name
    return () if is_in else (f"the group {name}",)
