"""A file as the server reads it beside what Resolve says of it: where they differ, nothing is sent.

Sub-clips look like whole files to a script, and a variable rate like a constant one; the server
counts the frames that are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..host import Unfit
from ..messages import ProbeRequest, ProbeResponse, from_json
from ..model import TimelineClip

if TYPE_CHECKING:
    from .flow import Flow

UNREAD = ("MEDIA_UNREADABLE", "MEDIA_UNSUPPORTED", "UNSUPPORTED")  # Resolve may read it

Fit = TimelineClip | Unfit


def look(flow: Flow, clip: TimelineClip) -> Any:
    """`yield from` this: the clip, or why it cannot be sent as it is."""
    answer = yield from flow.asked("Probe", ProbeRequest(clip.media.path))
    if answer.problem is not None:
        problem = answer.problem
        why = f"{clip.name}: {problem.message} {problem.hint}".strip()
        return Unfit(clip.id, clip.name, why, problem.code in UNREAD)
    facts = from_json(ProbeResponse, answer.message).facts
    if facts is None:
        return clip
    if facts.is_variable_rate:
        why = f"{clip.name} has a variable frame rate, so its frames cannot be told by number."
    elif facts.frames == clip.media.frames:
        return clip
    else:
        why = (
            f"{clip.name} has {clip.media.frames} frames in Resolve and {facts.frames} in its "
            "file: it may be a sub-clip, so its frames cannot be told by number."
        )
    return Unfit(clip.id, clip.name, why, can_bake=True)
