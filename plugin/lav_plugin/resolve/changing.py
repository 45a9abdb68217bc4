"""A take put into its clip's place, above it, or away again; each made sure of and saved.

What the user sees is put back afterwards. What could not be carried over is said in `notes`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from ..model import Refusal, TakeRecord, Takes, TimelineClip
from . import bins, likeness, marking, placing, taking
from .opened import Line, Opened, Spot, check_named, save
from .placing import Wanted
from .ranges import Source, source
from .restoring import kept
from .store import Store


@dataclass(frozen=True)
class Change:
    """Of one item of a timeline."""

    now: Opened
    line: Line
    spot: Spot
    store: Store
    notes: list[str]

    @property
    def is_baked_as_seen(self) -> bool:
        """Then the grade and the sizing are in the picture."""
        record = self.store.bake(self.spot.id)
        return record is not None and record.is_seen

    def note(self, left_out: Sequence[str]) -> None:
        said = f"{self.spot.name}: not copied to the take: {', '.join(left_out)}."
        if left_out and said not in self.notes:
            self.notes.append(said)


def show(change: Change, clip: TimelineClip, takes: Takes) -> Takes:
    """As they are then: a take that cannot be made sure of in place is put above its clip."""
    take = active(takes)
    with _open(change):
        try:
            _in_place(change, clip, takes)
        except Refusal as refusal:
            if take is None or refusal.problem.code != "NOT_IN_PLACE":
                raise
            change.notes.append(f"{clip.name}: the take was put above the clip. {refusal}")
            _above(change, clip, takes, take)
            return replace(takes, active=-1)
    return takes


def place_above(change: Change, clip: TimelineClip, takes: Takes) -> Spot:
    take = active(takes)
    if take is None:
        raise Refusal(f"{clip.name} has no take to place above it.", "Relight it first.")
    with _open(change):
        return _above(change, clip, takes, take)


def remove(change: Change, owner: str, first: int | None) -> None:
    """The takes placed above the clip `owner`, or the one that the item itself is; with `first`,
    the frame of the original that the clip begins with, also the one in its place."""
    store, line = change.store, change.line
    placed = store.placed(owner)
    wanted = set(placed) if owner == change.spot.id else {change.spot.id}
    with _open(change, needs_lock=False):
        gone = [one for one in line.all_spots() if one.id in wanted]
        if gone and not placing.clear(change.now, line, gone):
            raise Refusal(
                f"Resolve kept {gone[0].name} on the timeline.", "Delete it there.", "TAKE_STAYS"
            )
        for track in sorted({one.track for one in gone}, reverse=True):
            placing.remove_empty_track(line, track)
        takes = store.takes(owner)
        take = active(takes)
        if takes and take and first is not None:
            taking.drop(line, change.spot, take.path, takes.original.path, first)
            marking.unmark(change.spot.handle, take.job)
            store.keep_takes(owner, replace(takes, active=-1))
        removed = {one.id for one in gone}
        store.keep_placed(owner, {id: job for id, job in placed.items() if id not in removed})
        save(change.now)


def active(takes: Takes | None) -> TakeRecord | None:
    return takes.takes[takes.active] if takes and takes.active >= 0 else None


@contextmanager
def opened_at(now: Opened, line: Line) -> Iterator[None]:
    """The timeline is the current one inside: what is placed lands on that."""
    with kept(now):
        if now.timeline().id != line.id:
            now.project.SetCurrentTimeline(line.handle)
        if now.timeline().id != line.id:
            raise Refusal(f"Resolve did not open {line.name}.", "Open it.", "PLACEMENT_FAILED")
        yield


@contextmanager
def _open(change: Change, needs_lock: bool = True) -> Iterator[None]:
    spot = change.spot
    check_named(change.now)
    if needs_lock and change.line.is_locked(spot.track):
        raise Refusal(
            f"V{spot.track}, the track of {spot.name}, is locked.", "Unlock it.", "TRACK_LOCKED"
        )
    with opened_at(change.now, change.line):
        yield


def _in_place(change: Change, clip: TimelineClip, takes: Takes) -> None:
    line, spot, edition = change.line, change.spot, change.now.edition
    take = active(takes)
    path, first = takes.original.path, clip.first
    if take is not None:
        path, first = take.path, _first(clip, take)
    if take is None or taking.take_of(spot.handle, path):
        taking.show(line, spot, path, first)
    else:
        grade = likeness.grade_of(edition, spot.handle)
        taking.put(edition, line, spot, _media(change, take, takes), first)
        if likeness.grade_of(edition, spot.handle) != grade:
            change.notes.append(f"{spot.name}: Resolve changed its grade with the take.")
        change.note(marking.mark(spot.handle, take.job, take.name))
    save(change.now)
    taking.show(line, spot, path, first)


def _above(change: Change, clip: TimelineClip, takes: Takes, take: TakeRecord) -> Spot:
    line, spot = change.line, change.spot
    first, before = _first(clip, take), line.tracks()
    track = placing.room_above(line, spot)
    try:
        media = _media(change, take, takes)
        wanted = Wanted(media, first, spot.duration, track, spot.start)
        made = _made_sure(change, wanted, take)
    except Refusal:
        if line.tracks() > before:
            placing.remove_empty_track(line, track)
        raise
    change.store.keep_placed(spot.id, {**change.store.placed(spot.id), made.id: take.job})
    return made


def _made_sure(change: Change, wanted: Wanted, take: TakeRecord) -> Spot:
    """Placed so that it outlives a save; what does not is placed once more."""
    now, line = change.now, change.line
    for _ in range(2):
        made = placing.place(now, line, wanted)
        if not change.is_baked_as_seen:
            change.note(likeness.copy(now.edition, line, change.spot, made))
        change.note(marking.mark(made.handle, take.job, take.name))
        try:
            again = placing.outlives_save(now, line, wanted)
        except Refusal:
            placing.clear(now, line, [made])
            raise
        if again is not None:
            return again
    raise Refusal(
        f"Resolve accepted {os.path.basename(take.path)}, and it was gone after saving. The file "
        f"is safe at {take.path}.",
        "Try again, or drag it from the bin Light-A-Video to the timeline.",
        "PLACE_UNVERIFIED",
    )


def _media(change: Change, take: TakeRecord, takes: Takes) -> Source:
    """The take in the pool, read as its source is."""
    like = source(change.spot)
    rated = replace(like, rate=takes.original.rate) if like is not None else None
    media = bins.bring(change.now, take.path, take.span.count, rated, change.spot.name)
    said = {"LAV Job": take.job, "LAV Source": takes.original.path, "LAV Engine": take.engine}
    if like is not None and not change.is_baked_as_seen:
        change.note(bins.made_alike(media, like, said))
    return media


def _first(clip: TimelineClip, take: TakeRecord) -> int:
    """Frame of the take that the clip shows first. Raises Refusal."""
    if not take.span.holds(clip.first, clip.end):
        raise Refusal(
            f"{clip.name} shows the frames {clip.first} to {clip.end - 1} of its media, and the "
            f"take has {take.span.first} to {take.span.end - 1}.",
            "Relight it as it is now.",
            "TAKE_SHORT",
        )
    return clip.first - take.span.first
