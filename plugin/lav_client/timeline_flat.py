"""Compounds laid flat: the clips of a track, where they are seen and what of them is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from lav_engine.errors import Code, LavError


@dataclass(frozen=True, slots=True)
class Placed:
    """A clip and what of it is seen."""

    clip: otio.schema.Clip
    start: RationalTime  # from the start of what holds it
    shown: TimeRange  # in the clip's media
    track: int

    @property
    def end(self) -> RationalTime:
        return self.start + self.shown.duration


def laid_flat(item: otio.core.Item, number: int) -> Iterator[Placed]:
    """From the item's own start. Raises LavError for what is retimed."""
    _check_speed(item)
    if isinstance(item, otio.schema.Clip):
        shown = item.trimmed_range()
        yield Placed(item, RationalTime(0, shown.duration.rate), shown, number)
    elif isinstance(item, otio.schema.Track):
        yield from _of_track(item, number)
    elif isinstance(item, otio.schema.Stack):
        seen: list[Placed] = []
        for layer in reversed(item):  # what lies above hides what is below
            if _is_picture(layer):
                below = laid_flat(layer, number)
                seen += [part for one in below for part in _uncovered(one, seen)]
        for one in sorted(seen, key=lambda one: one.start):
            yield from _cut(one, RationalTime(0, one.start.rate), item.source_range)


def _of_track(track: otio.schema.Track, number: int) -> Iterator[Placed]:
    """The clips of a track, those inside its compounds too, from the track's own start."""
    trim = track.source_range
    for child in track:
        if not isinstance(child, otio.core.Item) or isinstance(child, otio.schema.Gap):
            continue  # transitions lie over clips, gaps show nothing
        if not child.enabled:
            continue
        where = track.range_of_child(child)
        for one in laid_flat(child, number):
            yield from _cut(one, where.start_time, trim)


def _is_picture(layer: otio.core.Composable) -> bool:
    is_sound = isinstance(layer, otio.schema.Track) and layer.kind != otio.schema.TrackKind.Video
    return isinstance(layer, otio.core.Item) and layer.enabled and not is_sound


def _uncovered(one: Placed, above: list[Placed]) -> list[Placed]:
    parts = [one]
    for other in above:
        parts = [piece for part in parts for piece in _outside(part, other)]
    return parts


def _outside(one: Placed, other: Placed) -> Iterator[Placed]:
    first, last = max(one.start, other.start), min(one.end, other.end)
    if first >= last:
        yield one
        return
    if one.start < first:
        yield _part(one, one.start, first)
    if last < one.end:
        yield _part(one, last, one.end)


def _cut(one: Placed, offset: RationalTime, trim: TimeRange | None) -> Iterator[Placed]:
    """Moved by the offset, and of it what the trim of its parent leaves, counted from there."""
    moved = replace(one, start=offset + one.start)
    if trim is None:
        yield moved
        return
    first, last = max(moved.start, trim.start_time), min(moved.end, trim.end_time_exclusive())
    if first < last:
        yield replace(_part(moved, first, last), start=first - trim.start_time)


def _part(one: Placed, first: RationalTime, last: RationalTime) -> Placed:
    shown = TimeRange(one.shown.start_time + (first - one.start), last - first)
    return replace(one, start=first, shown=shown)


def _check_speed(item: otio.core.Item) -> None:
    for effect in item.effects:
        if isinstance(effect, otio.schema.TimeEffect):
            raise LavError(
                f"{item.name} is retimed in this timeline, so its frames are not one for one.",
                "Bake its speed in the editor it comes from, then export again.",
                Code.unsupported,
            )
