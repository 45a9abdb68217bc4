"""Puts takes on the timeline, reads it again, and puts everything back where it is not right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy

from ..model import Refusal, Span, TakeRecord, Takes, TimelineClip
from . import alike, changes, checks, notes, store, strips
from .strips import Position


def show(scene: Any, strip: Any, takes: Takes) -> None:
    """In place: the strip gets the other file, every timeline frame keeps its media frame.

    Transform, crop, modifiers, keyframes and the strips made from this one stay as they are.
    """
    before, known = strips.position(strip), store.takes_of(strip)
    checks.check(scene, strip, takes, known)
    wanted, take = _in_place(strip, before, known, takes), takes.shown
    if take:
        checks.check_holds(strip, take, before.left - round(wanted.origin) + take.span.first)
    changes.put(scene, strip, wanted)
    try:
        checks.verify(strip, wanted, takes)
    except Refusal:
        changes.put(scene, strip, before)
        raise
    if known is None or known.shown is None:
        notes.note(strip, "trims", [before.trim_start, before.trim_end])
    store.keep_takes(strip, takes)
    _undo_step("Relight")


def place_above(scene: Any, strip: Any, clip: TimelineClip, takes: Takes) -> str:
    """On the lowest channel above that is free; the new strip's id. The strip itself stays as it
    is, with the take in its list."""
    take = takes.shown
    if take is None:
        raise Refusal(f"{strip.name} has no take to place above it.", "Relight it first.")
    _check_opaque(strip)
    checks.check_file(take.path, strip)
    checks.check_holds(strip, take, clip.first)
    wanted = _above(scene, strip, clip, take)
    made = changes.new_movie(scene, strip, f"{strip.name} relit", wanted)
    try:
        checks.verify(made, wanted, takes)
    except Refusal:
        changes.remove(scene, made)
        raise
    changes.copy_look(strip, made)
    alike.copy_change(scene, strip, made)
    made.select = False  # or the next button would be about both
    id, known = store.claim(scene, made), store.takes_of(strip)
    store.keep_takes(made, takes)
    store.keep_takes(strip, replace(takes, active=known.active if known else -1))
    store.note_above(strip, made)
    _undo_step("Relight above")
    return id


def covered(scene: Any, strip: Any) -> tuple[str, ...]:
    """Names of the strips that a take placed above would hide. Raises Refusal where it cannot be
    placed there."""
    _check_opaque(strip)
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
    take = takes.shown if takes else None
    if take is None:
        return ()
    before = Span(clip.first, min(clip.end, take.span.first) - clip.first)
    behind = max(clip.first, take.span.end)
    return tuple(one for one in (before, Span(behind, clip.end - behind)) if one.count > 0)


def _check_opaque(strip: Any) -> None:
    if strips.is_opaque(strip):
        return
    said = f"{strip.name} is blended with what is below it, so a take above it would be blended "
    hint = "Blend it as Replace or Alpha Over while it is opaque, or put the take in place."
    raise Refusal(said + "with the strip itself.", hint, "BLENDED")


# --- where it goes ------------------------------------------------------------------------------


def _in_place(strip: Any, before: Position, known: Takes | None, takes: Takes) -> Position:
    """Blender counts from the file's first frame; a take's is the first of its span."""
    now, take = known.shown if known else None, takes.shown
    origin = before.origin - (now.span.first if now else 0)
    if take:
        trims, first, path = (0, 0), take.span.first, take.path
    else:
        was = (before.trim_start, before.trim_end)
        trims = notes.noted(strip, "trims") or was if now else was
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


def _undo_step(message: str) -> None:
    bpy.ops.ed.undo_push(message=message)
