"""What a user asks of a clip, and the lav.v1 messages that say it. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass

from .messages import (
    ClipRange,
    LightRequest,
    Output,
    PreviewRequest,
    RelightRequest,
)
from .model import Span, TimelineClip

HANDLES = 12  # frames on each side


@dataclass(frozen=True)
class Settings:
    light: LightRequest
    look: str = "light"  # for the take's file name
    title: str = "Light"  # for the list of takes
    engine: str = ""  # the server's default
    amount: float = 1.0
    mask: str = ""  # path of a still or clip, white on the subject
    handles: int = HANDLES
    above: bool = False  # place the take above; else in place


def relight_request(path: str, span: Span, settings: Settings, take: str) -> RelightRequest:
    """Of `span` of the file `path`, delivered as the new file `take`."""
    return RelightRequest(
        clip=ClipRange(path, span.first, span.count),  # rates are the file's own
        light=settings.light,
        engine=settings.engine,
        amount=settings.amount,
        mask=settings.mask,
        output=Output(take, no_audio=True, for_host=True),
    )


def preview_request(clip: TimelineClip, media_frame: int, settings: Settings) -> PreviewRequest:
    return PreviewRequest(
        path=clip.media.path,
        media_frame=media_frame,
        light=settings.light,
        engine=settings.engine,
        format="IMAGE_FORMAT_PNG",
        amount=settings.amount,
        mask=settings.mask,
    )
