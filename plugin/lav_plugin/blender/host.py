"""Blender as the plug-in's host: strips of the Video Sequence Editor as clips with takes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import bpy

from ..host import Bake, Chosen, Unfit
from ..messages import ClipRange, Rational, TimelineItem
from ..model import Refusal, Span, Takes, TimelineClip
from . import clips, placement, store, strips
from .bake import start


class BlenderHost:
    """All on the main thread. What changes the timeline makes one undo step itself."""

    name = "blender"
    version = ".".join(map(str, bpy.app.version))

    def chosen(self) -> Chosen:
        """The selected strips of the level that is open, else the active one, which the panel is
        about, else the movie strip under the playhead.

        Gives ids to strips, so not for drawing. Sound beside chosen pictures is passed over.
        """
        scene = strips.target_scene(bpy.context)
        if scene is None:
            return Chosen()
        picked = strips.selected(bpy.context) or _active(scene) or _under_playhead(scene)
        pictures = [strip for strip in picked if not strips.is_sound(strip)]
        told = [clips.describe(scene, strip) for strip in pictures or picked]
        return Chosen(
            tuple(one for one in told if isinstance(one, TimelineClip)),
            tuple(one for one in told if isinstance(one, Unfit)),
        )

    def clip(self, id: str) -> TimelineClip:
        told = clips.describe(*store.where(id))
        if isinstance(told, Unfit):
            raise Refusal(told.why, "", "NEEDS_BAKE" if told.can_bake else "CLIP_UNFIT")
        return told

    def takes(self, id: str) -> Takes:
        """Of a strip without any, the original alone, also where it is locked or unfit by now."""
        strip = store.where(id)[1]
        known = store.takes_of(strip)
        if known and known.takes:
            return known
        return Takes(clips.media(strip) or self.clip(id).media)

    def keep_takes(self, id: str, takes: Takes) -> None:
        store.keep_takes(store.where(id)[1], takes)

    def show(self, id: str, takes: Takes) -> None:
        placement.show(*store.where(id), takes)

    def place_above(self, id: str, takes: Takes) -> str:
        return placement.place_above(*store.where(id), self.clip(id), takes)

    def placed(self) -> tuple[TimelineItem, ...]:
        """Of the scene the sequencer shows; strips that are no clips any more are left out."""
        scene = strips.target_scene(bpy.context)
        told = [_item(scene, strip) for owner, strip in store.with_takes() if owner == scene]
        return tuple(sorted((one for one in told if one), key=lambda one: (one.track, one.start)))

    def is_baked(self, id: str) -> bool:
        """Then its takes can only be placed above."""
        return store.is_baked(store.where(id)[1])

    def bake(self, id: str) -> Bake:
        """Under way when this returns. Raises Refusal where there is no room for it."""
        return start(*store.where(id))

    def baked(self, bake: Bake) -> TimelineClip:
        """The clip that the strip stands on from now on. Its takes so far were of another."""
        strip = store.where(bake.clip_id)[1]
        store.note_baked(strip, bake.path)
        media = self.clip(bake.clip_id).media
        store.keep_takes(strip, Takes(media))
        return self.clip(bake.clip_id)

    def folder(self) -> str:
        """Of the saved project; empty while it has never been saved."""
        return os.path.dirname(bpy.data.filepath)

    def renders(self) -> tuple[dict[str, Any], ...]:
        """What was asked for and is not placed yet, in JSON's own types."""
        return store.renders()

    def keep_renders(self, renders: Sequence[dict[str, Any]]) -> None:
        store.keep_renders(strips.target_scene(bpy.context) or bpy.data.scenes[0], renders)

    # --- beyond what every host can do: for Blender's own panel ---------------------------------

    def missing(self, id: str) -> tuple[Span, ...]:
        """Media frames the strip shows and its active take lacks; the strip was made longer."""
        return placement.missing(self.clip(id), store.takes_of(store.where(id)[1]))

    def covered(self, id: str) -> tuple[str, ...]:
        """Names of the strips a take placed above would hide. Raises Refusal without room."""
        return placement.covered(*store.where(id))


def _active(scene: Any) -> list[Any]:
    strip = strips.active(bpy.context)
    return [strip] if strip in strips.level(scene) else []


def _under_playhead(scene: Any) -> list[Any]:
    """The uppermost movie strip that is seen there."""
    frame = scene.frame_current
    under = [
        strip
        for strip in strips.level(scene)
        if strips.is_movie(strip) and not strip.mute and strips.overlaps(strip, frame, frame + 1)
    ]
    return sorted(under, key=lambda strip: strip.channel)[-1:]


def _item(scene: Any, strip: Any) -> TimelineItem | None:
    clip, takes = clips.describe(scene, strip), store.takes_of(strip)
    if isinstance(clip, Unfit) or takes is None:
        return None
    take = takes.takes[takes.active] if takes.active >= 0 else None
    shown = take.path if take else clip.media.path
    first = clip.first - take.span.first if take else clip.first
    return TimelineItem(
        name=clip.name,
        track=clip.track,
        start=clip.start,
        shown=_range(shown, first, clip),
        source=_range(clip.media.path, clip.first, clip),
        source_frames=clip.media.frames,
        take_frames=take.span.count if take else 0,
        job=take.job if take else "",
    )


def _range(path: str, first: int, clip: TimelineClip) -> ClipRange:
    rate = Rational(clip.media.rate.numerator, clip.media.rate.denominator)
    return ClipRange(path, first, clip.count, rate)
