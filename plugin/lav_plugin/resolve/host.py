"""DaVinci Resolve as lav_plugin's host: items of the timeline as clips with takes.

Everything is read anew at each call: the user works on meanwhile. Of a project that is changed
while a take is placed, what the user sees is put back: page, bin, playhead.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..host import Chosen, Unfit
from ..messages import ClipRange, Rational, TimelineItem
from ..model import Media, Refusal, RenderRecord, TakeRecord, Takes, TimelineClip
from ..render_records import record_json
from . import baking, bins, changing, choosing, otio_return
from .baking import Baking
from .changing import Change, active
from .choosing import Scope
from .opened import Line, Opened, Spot, check_named, opened, save
from .otio_return import Entry
from .ranges import Source, describe, left, source
from .restoring import kept
from .store import Store


class ResolveHost:
    """`resolve` is used from one thread. `folder` is ours, for what is remembered and for bakes."""

    name = "resolve"

    def __init__(self, resolve: Any, folder: str) -> None:
        self.notes: list[str] = []  # what could not be copied to a take, and the like
        self._resolve, self._folder = resolve, folder
        self._stores: dict[str, Store] = {}
        now = opened(resolve)
        self.edition = now.edition
        self.version, self.project = now.edition.number, now.name

    def chosen(self, scope: Scope | None = None) -> Chosen:
        """Raises Refusal where no take could be placed, before anything is rendered for it."""
        now = opened(self._resolve)
        check_named(now)
        line = now.timeline()
        told = [self._free(now, line, spot) for spot in self._picked(now, line, scope or Scope())]
        return Chosen(
            tuple(one for one in told if isinstance(one, TimelineClip)),
            tuple(one for one in told if isinstance(one, Unfit)),
        )

    def clip(self, id: str) -> TimelineClip:
        now, line, spot = self._found(id)
        told = self._told(now, line, spot)
        if isinstance(told, Unfit):
            raise Refusal(told.why, "", "NEEDS_BAKE" if told.can_bake else "CLIP_UNFIT")
        return told

    def takes(self, id: str) -> Takes:
        known = self._store(opened(self._resolve)).takes(id)
        return known if known and known.takes else Takes(self.clip(id).media)

    def keep_takes(self, id: str, takes: Takes) -> None:
        self._store(opened(self._resolve)).keep_takes(id, takes)

    def show(self, id: str, takes: Takes) -> None:
        """A take that cannot be made sure of in the clip's place is put above it."""
        self.keep_takes(id, changing.show(self._change(id), self.clip(id), takes))

    def place_above(self, id: str, takes: Takes) -> str:
        made = changing.place_above(self._change(id), self.clip(id), takes)
        self.keep_takes(id, replace(takes, active=-1))
        return made.id

    def bake(self, id: str) -> Baking:
        now, line, spot = self._found(id)
        if not spot.handle.GetClipEnabled() or not line.is_enabled(spot.track):
            raise Refusal(f"{spot.name} is switched off.", "Enable it first.", "CLIP_OFF")
        found = source(spot)
        with changing.opened_at(now, line):
            return baking.start(now, line, spot, found, self._bakes(found))

    def baked(self, bake: Any) -> TimelineClip:
        """The clip that stands on that file from now on; takes of it so far were of another."""
        now = opened(self._resolve)
        self._store(now).keep_bake(bake.clip_id, bake.record)
        clip = self.clip(bake.clip_id)
        self.keep_takes(bake.clip_id, Takes(clip.media))
        return clip

    def is_baked(self, id: str) -> bool:
        """As it is seen: its takes have its grade and sizing in them, and can only go above."""
        record = self._store(opened(self._resolve)).bake(id)
        return record is not None and record.is_seen

    def folder(self) -> str:
        """Resolve's projects lie in a database: the project's media location, else ours."""
        said = opened(self._resolve).project.GetSetting("projectMediaLocation")
        return said if isinstance(said, str) and os.path.isdir(said) else self._folder

    def renders(self) -> tuple[dict[str, Any], ...]:
        return self._store(opened(self._resolve)).renders()

    def keep_renders(self, renders: Sequence[dict[str, Any]]) -> None:
        self._store(opened(self._resolve)).keep_renders(renders)

    def keep_offered(self, records: Sequence[RenderRecord]) -> None:
        """Renders of the page: it says when they are placed, unless it is left before."""
        self._store(opened(self._resolve)).keep_offered([record_json(one) for one in records])

    def placed(self) -> tuple[TimelineItem, ...]:
        """Of the current timeline."""
        now = opened(self._resolve)
        line, store = now.timeline(), self._store(now)
        there = {spot.id: spot for spot in line.all_spots()}
        told = []
        for id in store.with_takes():
            spot, takes = there.get(id), store.takes(id)
            clip = self._told(now, line, spot) if spot else None
            if takes and isinstance(clip, TimelineClip):
                told.append(_item(clip, takes))
        return tuple(sorted(told, key=lambda item: (item.track, item.start)))

    # --- beyond what every host can do: for Resolve's own flow ----------------------------------

    def remove_take(self, id: str) -> str:
        """Of a clip, or of a take placed above one: that take goes; the clip's name.

        The original was never changed. What is rendered stays on disk.
        """
        change = self._change(id)
        owner = change.store.source_of(id) or id
        is_in_place = owner == id and active(change.store.takes(id)) is not None
        changing.remove(change, owner, self.clip(id).first if is_in_place else None)
        return change.spot.name

    def new_timeline(self, name: str) -> str:
        """The takes of the current timeline on one of their own, each at its place; its name."""
        now = opened(self._resolve)
        check_named(now)
        with kept(now):
            line = now.timeline()
            entries = [self._entry(now, item) for item in self.placed() if item.take_frames]
            if not entries:
                raise Refusal(f"{line.name} has no takes.", "Relight a clip first.", "NO_TAKES")
            folder = os.path.dirname(entries[0].media.path)
            made = otio_return.bring(now, line, name, entries, folder)
            save(now)
            if made not in {one.name for one in now.timelines()}:
                raise Refusal(
                    f"Resolve made {made}, and it was gone after saving.",
                    "Try again.",
                    "PLACE_UNVERIFIED",
                )
        return made

    # --- inside ---------------------------------------------------------------------------------

    def _picked(self, now: Opened, line: Line, scope: Scope) -> list[Spot]:
        """A take that was placed above a clip stands for that clip."""
        store, picked = self._store(now), choosing.chosen(now, line, scope)
        owners = {id for spot in picked if (id := store.source_of(spot.id))}
        if not owners:
            return picked
        others = [one for one in line.all_spots() if one.id in owners]
        kept_ids = {spot.id for spot in others}
        own = [one for one in picked if not store.source_of(one.id) and one.id not in kept_ids]
        return [*own, *others]

    def _free(self, now: Opened, line: Line, spot: Spot) -> TimelineClip | Unfit:
        if line.is_locked(spot.track):
            why = f"V{spot.track}, the track of {spot.name}, is locked. Unlock it first."
            return Unfit(spot.id, spot.name, why, can_bake=False)
        return self._told(now, line, spot)

    def _told(self, now: Opened, line: Line, spot: Spot) -> TimelineClip | Unfit:
        """By the original also while a take is shown, and by its bake where it has one."""
        store, found = self._store(now), source(spot)
        record = store.bake(spot.id)
        takes = store.takes(spot.id)
        shown = _shown(takes, found)
        told = describe(now.edition, line, spot, found)
        if shown is not None and takes is not None and isinstance(told, TimelineClip):
            first = told.first + shown.span.first
            return replace(told, media=takes.original, first=first)
        if record is None or isinstance(told, TimelineClip):
            return told
        if not baking.is_of(record, spot, found):
            store.keep_bake(spot.id, None)
            return told
        first = 0 if record.is_seen else left(spot) - record.first
        media = Media(record.path, record.frames, record.rate)
        return TimelineClip(
            spot.id, spot.name, media, first, spot.duration, spot.start, line.rate, spot.track
        )

    def _found(self, id: str) -> tuple[Opened, Line, Spot]:
        """On whichever timeline it is. Raises Refusal."""
        now = opened(self._resolve)
        for line in now.timelines():
            for spot in line.all_spots():
                if spot.id == id:
                    return now, line, spot
        raise Refusal(
            "The clip is no longer on a timeline; what was rendered for it is kept on disk.",
            "",
            "CLIP_GONE",
        )

    def _change(self, id: str) -> Change:
        now, line, spot = self._found(id)
        return Change(now, line, spot, self._store(now), self.notes)

    def _entry(self, now: Opened, item: TimelineItem) -> Entry:
        shown = item.shown or ClipRange()
        media = bins.bring(now, shown.path, item.take_frames, None, item.name)
        return Entry(item.name, media, item.track, item.start, shown.first, shown.count)

    def _store(self, now: Opened) -> Store:
        return self._stores.setdefault(
            now.id, Store(os.path.join(self._folder, "projects"), now.id)
        )

    def _bakes(self, found: Source | None) -> str:
        """Beside the footage, else in our own folder."""
        for base in (os.path.dirname(found.path) if found and found.path else "", self.folder()):
            folder = os.path.join(base, "LAV Takes")
            try:
                if base:
                    os.makedirs(folder, exist_ok=True)
            except OSError:
                continue
            if base and os.access(folder, os.W_OK):
                return folder
        raise Refusal(
            "There is no folder to bake the clip into.",
            "Make the folder of its media writable.",
            "OUTPUT_UNWRITABLE",
        )


def _shown(takes: Takes | None, found: Source | None) -> TakeRecord | None:
    """The take whose file the clip shows now, whatever was last asked for."""
    path = os.path.normcase(found.path) if found else ""
    for take in takes.takes if takes else ():
        if os.path.normcase(take.path) == path:
            return take
    return None


def _item(clip: TimelineClip, takes: Takes) -> TimelineItem:
    """The take that is shown, else the newest: above is where the others are."""
    take = active(takes) or (takes.takes[-1] if takes.takes else None)
    if take is not None and not take.span.holds(clip.first, clip.end):
        take = None
    rate = Rational(clip.rate.numerator, clip.rate.denominator)
    first = clip.first - take.span.first if take else clip.first
    return TimelineItem(
        name=clip.name,
        track=clip.track,
        start=clip.start,
        shown=ClipRange(take.path if take else clip.media.path, first, clip.count, rate),
        source=ClipRange(clip.media.path, clip.first, clip.count, rate),
        source_frames=clip.media.frames,
        take_frames=take.span.count if take else 0,
        job=take.job if take else "",
    )
