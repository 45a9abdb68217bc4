"""What an editor says of a clip beside what the server finds in its file.

Standard library only.
"""

from __future__ import annotations

from dataclasses import replace

from .host import Host
from .messages import ProbeResponse
from .model import Refusal, RenderRecord


def fitted(host: Host, record: RenderRecord, answer: ProbeResponse) -> RenderRecord:
    """Its handles end where the file does. Raises Refusal where frames cannot be told by number,
    or the clip shows some that are not there."""
    facts, clip = answer.facts, record.request.clip
    if facts is None or clip is None:
        return record
    if facts.is_variable_rate:
        why = f"{record.name} has a variable frame rate, so its frames cannot be told by number."
        raise Refusal(why, "Render it to a file first; its takes lie above it.", "NEEDS_BAKE")
    if clip.first + clip.count <= facts.frames:
        return record
    if host.clip(record.clip).end > facts.frames:
        why = f"{record.name} goes on beyond the {facts.frames} frames that are in its file."
        raise Refusal(why, "Trim it to where its picture ends.", "RANGE_OUTSIDE")
    shorter = replace(clip, count=facts.frames - clip.first)
    return replace(record, request=replace(record.request, clip=shorter))
