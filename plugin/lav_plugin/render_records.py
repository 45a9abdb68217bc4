"""Renders under way as they are kept with a project, and made new. Standard library only."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any
from uuid import uuid4

from .host import Host
from .messages import RelightRequest, from_json, to_json
from .model import Media, Refusal, RenderRecord
from .take_files import look_of, new_take, take_folder


def record_json(record: RenderRecord) -> dict[str, Any]:
    original = {**asdict(record.original), "rate": str(record.original.rate)}
    return {**vars(record), "original": original, "request": to_json(record.request)}


def record_from_json(said: dict[str, Any]) -> RenderRecord:
    """Raises KeyError, TypeError or ValueError for what this version did not write."""
    media = said["original"]
    original = Media(media["path"], media["frames"], Fraction(media["rate"]))
    request = from_json(RelightRequest, said["request"])
    return RenderRecord(**{**said, "original": original, "request": request})


def renewed(record: RenderRecord, host: Host, taken: Collection[str]) -> RenderRecord:
    """The same under a new name, none of `taken`, and from where the clip's media are now.

    Raises Refusal where there is no folder for it.
    """
    source, output = record.original.path, record.request.output
    with suppress(Refusal):  # of a clip that is gone it is rendered and kept
        source = host.clip(record.clip).media.path
    look = look_of(output.path if output else "")
    path = new_take(source, look, take_folder(source, host.folder()), taken)
    clip = record.request.clip
    request = replace(
        record.request,
        clip=replace(clip, path=source) if clip else None,
        output=replace(output, path=path) if output else None,
    )
    return replace(record, key=uuid4().hex, job="", request=request)
