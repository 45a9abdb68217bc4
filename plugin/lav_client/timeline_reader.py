"""An OpenTimelineIO document as clips with whole frames; what is inside others is laid flat.

What comes from elsewhere may be anything: it is looked at as JSON first, because OpenTimelineIO's
own reader ends the process on text that is nested too deep.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime

from lav_client.otio import ORIGINAL
from lav_client.timeline_flat import Placed, laid_flat
from lav_engine.errors import Code, LavError
from lav_plugin.messages import ClipRange, Rational, Timeline, TimelineItem
from lav_plugin.model import exact_rate
from lav_server.security import ADDRESS

LARGEST = 32 * 2**20  # bytes
DEEPEST = 100  # objects and lists within each other
NEAR = 1e-4  # of a frame: what a float may lose
MOST = 2**40  # frames


def read(path: Path) -> Timeline:
    """Raises LavError for what is no timeline, and for clips that are not frame for frame."""
    found = _parsed(path, _text(path))
    if not isinstance(found, otio.schema.Timeline):
        raise _unreadable(path, f"it holds a {type(found).__name__}, not a timeline")
    try:
        placed = [
            one
            for number, track in enumerate(found.video_tracks(), 1)
            if track.enabled
            for one in laid_flat(track, number)
        ]
    except (otio.exceptions.OTIOError, ValueError) as error:
        raise _unreadable(path, str(error)) from None
    start, rate = found.global_start_time, _rate(path, found, placed)
    begin = _frames(start, rate, path.name) if start else 0
    items = tuple(_item(one, begin, rate) for one in placed)
    return Timeline(str(path), found.name, _rational(rate), begin, items)


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise LavError(
                f"{path} is not a file, so no timeline was read.",
                "Choose an .otio file.",
                Code.media_missing,
            )
        if path.stat().st_size > LARGEST:
            raise _unreadable(path, f"it is larger than {LARGEST >> 20} MB")
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, ValueError):
        raise _unreadable(path, "it is not text") from None
    except OSError as error:
        raise _unreadable(path, error.strerror or "the disk failed") from None


def _parsed(path: Path, text: str) -> Any:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _unreadable(path, "it is not OpenTimelineIO's JSON") from None
    if not isinstance(document, dict) or "OTIO_SCHEMA" not in document:
        raise _unreadable(path, "it is not OpenTimelineIO's JSON")
    if _depth(document) > DEEPEST:
        raise _unreadable(path, "it is nested too deep")
    try:
        return otio.adapters.read_from_string(text, "otio_json")
    except (otio.exceptions.OTIOError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, f"it does not hold together ({error})") from None


def _depth(document: dict[str, Any]) -> int:
    level: list[Any] = [document]
    depth = 0
    while level and depth <= DEEPEST:
        depth += 1
        inside = (v for one in level for v in (one.values() if isinstance(one, dict) else one))
        level = [value for value in inside if isinstance(value, dict | list)]
    return depth


def _item(one: Placed, begin: int, rate: Fraction) -> TimelineItem:
    clip = one.clip
    said = _said(clip)
    shown, take_frames = _media(one, clip.active_media_reference_key, rate, said[0])
    source, source_frames = shown, take_frames
    if ORIGINAL in clip.media_references():
        source, source_frames = _media(one, ORIGINAL, rate, said[1])
    return TimelineItem(
        name=clip.name,
        track=one.track,
        start=begin + _frames(one.start, rate, clip.name),
        shown=shown,
        source=source,
        source_frames=source_frames,
        take_frames=take_frames if shown.path != source.path else 0,
        job=_job(clip),
    )


def _media(one: Placed, key: str, rate: Fraction, said: Rational | None) -> tuple[ClipRange, int]:
    """The frames shown of one of a clip's files, and how many that file has (0: not said)."""
    reference = one.clip.media_references()[key]
    if not isinstance(reference, otio.schema.ExternalReference):
        raise _no_file(one.clip.name, "it names no file")
    name, available = one.clip.name, reference.available_range
    begin = available.start_time if available else RationalTime(0, one.shown.start_time.rate)
    first = _frames(one.shown.start_time - begin, rate, name)
    count = _frames(one.shown.duration, rate, name)
    if first < 0 or count < 1:
        raise _no_file(name, "it shows frames that its file has not")
    frames = _frames(available.duration, rate, name) if available else 0
    return ClipRange(_path(name, reference.target_url), first, count, said), frames


def _path(name: str, target: str) -> str:
    is_full = PurePosixPath(target).is_absolute() or PureWindowsPath(target).is_absolute()
    if ADDRESS.match(target) or not is_full:
        raise _no_file(name, f"{target[:200]!r} is not the full path of a file")
    return target


def _rate(path: Path, found: otio.schema.Timeline, placed: list[Placed]) -> Fraction:
    start = found.global_start_time
    rate = start.rate if start else next((one.shown.duration.rate for one in placed), 0.0)
    if not math.isfinite(rate) or not 0 < rate < MOST:
        raise _unreadable(path, "it does not say its rate")
    return exact_rate(rate)


def _frames(time: RationalTime, rate: Fraction, name: str) -> int:
    """Whole frames of the timeline. Raises LavError where there are none such."""
    value = time.value if time.rate == float(rate) else time.rescaled_to(float(rate)).value
    if not math.isfinite(value) or abs(value) > MOST or abs(value - round(value)) > NEAR:
        raise LavError(
            f"{name} does not lie on whole frames of {float(rate):.6g} a second.",
            "Export the timeline at the rate of its clips.",
            Code.unsupported,
        )
    return round(value)


def _said(clip: otio.schema.Clip) -> tuple[Rational | None, Rational | None]:
    """The rates of the take's and the original's file, where we wrote them."""
    ours = clip.metadata.get("lav", {})
    rates = ours.get("rates", ()) if hasattr(ours, "get") else ()
    told = [_fraction(one) for one in rates] if len(rates) == 2 else [None, None]
    return told[0], told[1]


def _fraction(text: Any) -> Rational | None:
    try:
        return _rational(Fraction(text)) if isinstance(text, str) and text else None
    except (ValueError, ZeroDivisionError):
        return None


def _job(clip: otio.schema.Clip) -> str:
    ours = clip.metadata.get("lav", {})
    job = ours.get("job", "") if hasattr(ours, "get") else ""
    return job if isinstance(job, str) else ""


def _rational(rate: Fraction) -> Rational:
    return Rational(rate.numerator, rate.denominator)


def _unreadable(path: Path, why: str) -> LavError:
    return LavError(
        f"{path.name} cannot be read as a timeline: {why[:300]}.",
        "Export it again as OpenTimelineIO (.otio).",
        Code.media_unreadable,
    )


def _no_file(name: str, why: str) -> LavError:
    return LavError(
        f"{name} in this timeline cannot be placed: {why}.",
        "Link it to its file in the editor it comes from, then export again.",
        Code.media_unsupported,
    )
