"""Renders under way as JSON, as they are kept with a project. Standard library only."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from typing import Any

from .messages import RelightRequest, from_json, to_json
from .model import Media, RenderRecord


def record_json(record: RenderRecord) -> dict[str, Any]:
    original = {**asdict(record.original), "rate": str(record.original.rate)}
    return {**vars(record), "original": original, "request": to_json(record.request)}


def record_from_json(said: dict[str, Any]) -> RenderRecord:
    """Raises KeyError, TypeError or ValueError for what this version did not write."""
    media = said["original"]
    original = Media(media["path"], media["frames"], Fraction(media["rate"]))
    request = from_json(RelightRequest, said["request"])
    return RenderRecord(**{**said, "original": original, "request": request})
