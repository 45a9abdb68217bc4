"""Puts takes on the timeline, reads it again, and puts everything back where it is not right."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import bpy

from ..model import Media, Refusal, Span, TakeRecord, Takes, TimelineClip
from . import changes, store, strips
from .strips import Position


def show(scene: Any, strip: Any, takes: Takes) -> None:
    """In place: the strip gets the other file, every timeline frame keeps its media frame.

    Transform, crop, modifiers, keyframes and the strips made from this one stay as they are.
    """
    before, known = strips.position(strip), store.takes_of(strip)
    _check(scene, strip, takes, known)
    wanted, take = _in_place(strip, before, known, takes), _active(takes)
    if take:
        _check_holds(strip, take, before.left - round(wanted.origin) + take.span.first)
    changes.put(scene, strip, wanted)
    try:
        _verify(strip, wanted, takes)
    except Refusal:
        changes.put(scene, strip, before)
        raise
    if _active(known) is None:
        store.note(strip, "trims", [before.trim_start, before.trim_end])
    store.keep_takes(strip, takes)
    _undo_step("Relight")


def place_above(scene: Any, strip: Any, clip: TimelineClip, takes: Takes) -> str:
    """On the lowest channel above that is free; the new strip's id. The strip itself stays."""
    take = _active(takes)
    if take is None:
        raise Refusal(f"{strip.name} has no take to place above it.", "Relight it first.")
    if not strips.is_opaque(strip):
        raise Refusal(
            f"{strip.name} is blended with what is below it, so a take above it would be blended "
            "with the strip itself.",
            "Put the take in place.",
            "BLENDED",
        )
    _check_file(take.path, strip)
    _check_holds(strip, take, clip.first)
    wanted = _above(scene, strip, clip, take)
    made = changes.new_movie(scene, strip, f"{strip.name} relit", wanted)
    try:
        _verify(made, wanted, takes)
    except Refusal:
        changes.remove(scene, made)
        raise
    changes.copy_look(strip, made)
    id = store.claim(scene, made)
    store.keep_takes(made, takes)
    _undo_step("Relight above")
    return id


def covered(scene: Any, strip: Any) -> tuple[str, ...]:
    """Names of the strips that a take placed above would hide."""
    channel = _free(scene, strip)
    between = [
        other
        for other in strips.beside(scene, strip)
        if strip.channel < other.channel < channel
        and strips.overlaps(other, strips.left(strip), strips.right(strip))
        and not (other.mute or strips.is_sound(other))
    ]
    return tuple(other.name for other in sorted(between, key=lambda other: other.channel))


def missing(clip: TimelineClip, takes: Takes | None) -> tuple[Span, ...]:
    """Media frames that the clip shows and the active take lacks: none, or at one or both ends."""
    take = _active(takes)
    if take is None:
        return ()
    before = Span(clip.first, min(clip.end, take.span.first) - clip.first)
    behind = max(clip.first, take.span.end)
    return tuple(one for one in (before, Span(behind, clip.end - behind)) if one.count > 0)


# --- where it goes ------------------------------------------------------------------------------


def _in_place(strip: Any, before: Position, known: Takes | None, takes: Takes) -> Position:
    """Blender counts from the file's first frame; a take's is the first of its span."""
    now, take = _active(known), _active(takes)
    origin = before.origin - (now.span.first if now else 0)
    if take:
        trims, first, path = (0, 0), take.span.first, take.path
    else:
        was = (before.trim_start, before.trim_end)
        trims = store.noted(strip, "trims") or was if now else was
        first, path = 0, takes.original.path
    return replace(
        before,
        filepath=strips.like(path, before.filepath),
        trim_start=trims[0],
        trim_end=trims[1],
        content_start=origin + first + trims[0],
    )


def _above(scene: Any, strip: Any, clip: TimelineClip, take: TakeRecord) -> Position:
    path = strips.like(take.path, strip.filepath) if strips.is_movie(strip) else take.path
    return Position(
        filepath=path,
        trim_start=0,
        trim_end=0,
        content_start=clip.start - clip.first + take.span.first,
        left=strips.left(strip),
        right=strips.right(strip),
        channel=_free(scene, strip),
    )


def _free(scene: Any, strip: Any) -> int:
    channel = strips.free_channel(scene, strip)
    if channel is None:
        raise Refusal(
            f"No channel above {strip.name} is free for its frames.",
            "Make room on one of them, or put the take in place.",
            "CHANNELS_FULL",
        )
    return channel


def _active(takes: Takes | None) -> TakeRecord | None:
    return takes.takes[takes.active] if takes and takes.active >= 0 else None


# --- before and after ---------------------------------------------------------------------------


def _check(scene: Any, strip: Any, takes: Takes, known: Takes | None) -> None:
    if not strips.is_movie(strip) or store.is_baked(strip):
        raise Refusal(
            f"{strip.name} was baked, so its takes cannot be put in its place.",
            "Place the take above it.",
            "ONLY_ABOVE",
        )
    if strips.is_locked(scene, strip):
        raise Refusal(
            f"{strip.name} is locked, or its channel is.", "Unlock it first.", "STRIP_LOCKED"
        )
    if strips.is_retimed(strip) or strips.shows_time_unevenly(strip) or strips.stream(strip):
        raise Refusal(
            f"{strip.name} was retimed, turned around or set to another stream since.",
            "Undo that first.",
            "CLIP_CHANGED",
        )
    if known is None and not _is(strips.filepath(strip), takes.original.path):
        raise Refusal(
            f"{strip.name} shows another file than the one these takes were made from.",
            "Relight it as it is now.",
            "CLIP_CHANGED",
        )
    take = _active(takes)
    _check_file(take.path if take else takes.original.path, strip)


def _check_holds(strip: Any, take: TakeRecord, first: int) -> None:
    """`first` is the media frame of the original that the strip shows first."""
    end = first + strips.right(strip) - strips.left(strip)
    if not take.span.holds(first, end):
        raise Refusal(
            f"{strip.name} shows the frames {first} to {end - 1} of its media, and the take has "
            f"{take.span.first} to {take.span.end - 1}.",
            "Extend the take.",
            "TAKE_SHORT",
        )


def _check_file(path: str, strip: Any) -> None:
    if not os.path.isfile(path):
        raise Refusal(
            f"{os.path.basename(path)} is missing from {os.path.dirname(path)}, so {strip.name} "
            "was left as it is.",
            "Bring the file back, or choose the original or another take.",
            "TAKE_MISSING",
        )


def _is(path: str, other: str) -> bool:
    return os.path.normcase(os.path.realpath(path)) == os.path.normcase(os.path.realpath(other))


def _verify(strip: Any, wanted: Position, takes: Takes) -> None:
    take = _active(takes)
    media = Media(take.path, take.span.count, takes.original.rate) if take else takes.original
    frames = media.frames - wanted.trim_start - wanted.trim_end
    length, rate = strips.content_length(strip), strips.media_rate(strip)
    if rate == media.rate and abs(length - frames) < 1 and strips.position(strip) == wanted:
        return
    name = os.path.basename(media.path)
    if rate != media.rate or abs(length - frames) >= 1:
        what = f"Blender finds {length:g} frames at {float(rate):g} a second in {name}, not "
        what += f"{frames} at {float(media.rate):g}"
    else:
        what = f"Blender did not put {name} where it belongs"
    raise Refusal(f"{what}; the timeline was left as it was.", "", "PLACEMENT_FAILED")


def _undo_step(message: str) -> None:
    bpy.ops.ed.undo_push(message=message)
