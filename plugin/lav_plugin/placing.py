"""A finished render becomes a take of its clip. Standard library only."""

from __future__ import annotations

import os
from dataclasses import replace

from .host import Host
from .messages import RelightRequest, Take
from .model import Refusal, RenderRecord, Span, TakeRecord, Takes
from .take_files import found_take

TAKE_GONE = "OUTPUT_EXISTS"  # as the server says it: its name was used, and the file is not there


def place(host: Host, record: RenderRecord, take: Take, asked: RelightRequest) -> None:
    """Shown in place or above; where that is refused, kept in the clip's list.

    Raises Refusal, TAKE_GONE where the file is neither where it was made nor beside the clip.
    """
    takes = _takes(host, record, take.path)
    made = _made(record, take, asked, takes.original.path)
    if any(one.job == made.job for one in takes.takes):
        return
    shown = takes.with_take(made)
    try:
        if record.above or host.is_baked(record.clip):
            host.place_above(record.clip, shown)
        else:
            host.show(record.clip, shown)
    except Refusal as refusal:
        host.keep_takes(record.clip, replace(shown, active=takes.active))
        raise _listed(record, refusal) from None


def _listed(record: RenderRecord, refusal: Refusal) -> Refusal:
    """What it says of a take that is in the clip's list now."""
    why, listed = refusal.problem, f"The take is in the list of {record.name}, but not shown."
    return Refusal(f"{why.message} {listed}", why.hint, why.code)


def _takes(host: Host, record: RenderRecord, path: str) -> Takes:
    """Of the clip as it is now. Raises Refusal that names the take's file."""
    kept = f"The take is kept as {path}."
    try:
        takes = host.takes(record.clip)
    except Refusal as refusal:
        raise Refusal(str(refusal), kept, refusal.problem.code) from None
    if os.path.basename(takes.original.path) != os.path.basename(record.original.path):
        said = f"{record.name} shows another file by now, so its take was not placed."
        raise Refusal(said, kept, "CLIP_CHANGED")
    return takes


def _made(record: RenderRecord, take: Take, asked: RelightRequest, source: str) -> TakeRecord:
    """The take as its clip will remember it."""
    path = found_take(take.path, source)
    if path is None or take.clip is None or take.light is None:
        raise Refusal("The finished take is gone.", "", TAKE_GONE)
    return TakeRecord(
        path=path,
        name=record.title,
        job=record.job,
        span=Span(take.clip.first, take.clip.count),
        light=take.light,
        engine=take.engine,
        amount=take.amount,
        asked=asked.light,
        mask=asked.mask,
    )
