"""What a strip is to the rest of us: a clip of which each timeline frame is the next media frame.

Anything else has to be baked first, or cannot be relit, and says why.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import bpy

from ..host import Unfit
from ..model import Media, TimelineClip, exact_rate
from . import store, strips

BAKES = ("META", "IMAGE", "SCENE", "MOVIECLIP")
FIRST_TELLING = 2  # frames by which lengths must differ to tell whether a strip was conformed


class _Odd(Exception):
    """Why a strip is no clip of ours."""

    def __init__(self, why: str, can_bake: bool = False) -> None:
        super().__init__(why)
        self.can_bake = can_bake


def describe(scene: Any, strip: Any) -> TimelineClip | Unfit:
    """The strip gets an id if it has none of its own: not for drawing."""
    id = store.claim(scene, strip)
    try:
        if strips.is_locked(scene, strip):
            raise _Odd(f"{strip.name} is locked, or its channel is. Unlock it to relight it.")
        if strips.is_fragile(strip):
            raise _Odd(f"{strip.name} lies in a group, where this old Blender cannot change it.")
        shown = _baked(strip) or _shown(scene, strip)
    except _Odd as odd:
        if odd.can_bake and not strips.is_opaque(strip):
            why = f"{odd} That is of no use, as it is blended with what is below it: a take of a "
            return Unfit(id, strip.name, why + "baked strip lies above it.", False)
        return Unfit(id, strip.name, str(odd), odd.can_bake)
    return TimelineClip(
        id=id,
        name=strip.name,
        media=shown.media,
        first=shown.first,
        count=strips.right(strip) - strips.left(strip),
        start=strips.left(strip),
        rate=strips.scene_rate(scene),
        track=strip.channel,
    )


@dataclass(frozen=True)
class _Shown:
    media: Media
    first: int  # media frame at the strip's left handle


def measure(path: str) -> Media | None:
    """Frames and rate of a video file, or None where it is missing or no video.

    Blender tells the length of a file only of a movie clip, which is loaded for a moment.
    """
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return _measure(path, stat.st_mtime_ns, stat.st_size)


def media(strip: Any) -> Media | None:
    """What takes of a strip that has none would be made from; None where it is no file."""
    if found := store.baked(strip):
        return measure(found[0])
    return measure(strips.filepath(strip)) if strips.is_movie(strip) else None


@lru_cache(256)
def _measure(path: str, changed: int, size: int) -> Media | None:
    try:
        loaded = bpy.data.movieclips.load(path)
    except RuntimeError:
        return None
    frames, rate = loaded.frame_duration, loaded.fps
    bpy.data.movieclips.remove(loaded)
    return Media(path, frames, exact_rate(rate)) if rate > 0 else None


# --- baked strips -------------------------------------------------------------------------------


def _baked(strip: Any) -> _Shown | None:
    """What was baked, while it still is what the strip shows."""
    path, offset = store.baked(strip) or ("", 0.0)
    media = measure(path)
    if media is None:
        return None
    first = round(strips.left(strip) - strips.position_of_content(strip) - offset)
    if first < 0 or first + strips.right(strip) - strips.left(strip) > media.frames:
        raise _Odd(f"{strip.name} shows more frames than were baked; bake it again.", True)
    return _Shown(media, first)


# --- movie strips -------------------------------------------------------------------------------


def _shown(scene: Any, strip: Any) -> _Shown:
    _check_kind(strip)
    file = _file(strip)
    if strips.is_retimed(strip):
        raise _Odd(f"{strip.name} is retimed, so it has to be baked first.", True)
    if strips.shows_time_unevenly(strip):
        raise _Odd(f"{strip.name} plays backwards or holds frames; it has to be baked first.", True)
    if strips.stream(strip) != 0:
        raise _Odd(
            f"{strip.name} shows another stream of its file; it has to be baked first.", True
        )
    _check_pace(scene, strip, file)
    return _placed(strip, file)


def _check_kind(strip: Any) -> None:
    if strips.is_movie(strip):
        return
    if strips.is_sound(strip):
        raise _Odd(f"{strip.name} is sound, which has no light. Choose the picture's strip.")
    if strip.type in BAKES:
        raise _Odd(f"{strip.name} is {strips.kind(strip)}; it has to be baked first.", True)
    raise _Odd(f"{strip.name} is {strips.kind(strip)}. Choose the strips it is laid over instead.")


def _file(strip: Any) -> Media:
    path = strips.filepath(strip)
    name = os.path.basename(path)
    if not os.path.exists(path):
        raise _Odd(f"{strip.name} misses its file: {name} is not in {os.path.dirname(path)}.")
    file = measure(path) if strips.media_rate(strip) else None
    if file is None:
        raise _Odd(f"{strip.name} cannot be read: {name} is no video that Blender knows.")
    return file


def _check_pace(scene: Any, strip: Any, file: Media) -> None:
    """Blender does not say whether a strip is conformed to the scene's rate, but its length does.

    Which media frame a conformed strip shows differs between versions of Blender, so it is baked.
    """
    rate, position = strips.scene_rate(scene), strips.position(strip)
    frames = file.frames - position.trim_start - position.trim_end
    conformed = frames * rate / file.rate
    off = abs(strips.content_length(strip) - frames)
    if file.rate != rate and (off >= 1 or abs(conformed - frames) < FIRST_TELLING):
        raise _Odd(
            f"{strip.name} has {_said(file.rate)} frames a second and the scene {_said(rate)}; "
            "it has to be baked first.",
            True,
        )
    if off >= 1:
        raise _Odd(f"{strip.name}'s file has changed its length; reload the strip.")
    if position.content_start != int(position.content_start):
        raise _Odd(f"{strip.name} begins between two frames; it has to be baked first.", True)


def _placed(strip: Any, file: Media) -> _Shown:
    takes = store.takes_of(strip)
    first = strips.left(strip) - round(strips.position(strip).origin)
    media = file
    if takes and takes.active >= 0:
        media = takes.original
        first += takes.takes[takes.active].span.first
    count = strips.right(strip) - strips.left(strip)
    if first < 0 or first + count > media.frames:
        beyond = max(0, -first) + max(0, first + count - media.frames)
        raise _Odd(
            f"{strip.name} stands still for {beyond} frames beyond the end of its media. Trim it, "
            "or bake it first.",
            True,
        )
    return _Shown(media, first)


def _said(rate: Fraction) -> str:
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")
