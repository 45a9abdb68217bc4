"""Whether a take can be shown where it is wanted, and whether Blender did it."""

from __future__ import annotations

import os
from typing import Any

from ..model import Media, Refusal, TakeRecord, Takes
from . import store, strips
from .strips import Position


def check(scene: Any, strip: Any, takes: Takes, known: Takes | None) -> None:
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
    take = takes.shown
    check_file(take.path if take else takes.original.path, strip)


def check_holds(strip: Any, take: TakeRecord, first: int) -> None:
    """`first` is the media frame of the original that the strip shows first."""
    end = first + strips.right(strip) - strips.left(strip)
    if not take.span.holds(first, end):
        raise Refusal(
            f"{strip.name} shows the frames {first} to {end - 1} of its media, and the take has "
            f"{take.span.first} to {take.span.end - 1}.",
            "Extend the take.",
            "TAKE_SHORT",
        )


def check_file(path: str, strip: Any) -> None:
    if not os.path.isfile(path):
        raise Refusal(
            f"{os.path.basename(path)} is missing from {os.path.dirname(path)}, so {strip.name} "
            "was left as it is.",
            "Bring the file back, or choose the original or another take.",
            "TAKE_MISSING",
        )


def _is(path: str, other: str) -> bool:
    return os.path.normcase(os.path.realpath(path)) == os.path.normcase(os.path.realpath(other))


def verify(strip: Any, wanted: Position, takes: Takes) -> None:
    take = takes.shown
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
