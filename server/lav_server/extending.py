"""A take made longer or moved: what it shares with the earlier one stays as it is."""

from __future__ import annotations

from dataclasses import replace

from lav_engine.spec import RelightRequest
from lav_server.jobs import Job


def extended(request: RelightRequest, parent: Job) -> RelightRequest:
    """The request with the exposures of its parent's take, where that is the same light.

    Range, amount and output may differ: no light depends on them. Exposures that the request
    brings along stay.
    """
    if parent.take is None or request.exposures:
        return request
    clip = replace(parent.request.clip, first=request.clip.first, count=request.clip.count)
    same = replace(
        parent.request, clip=clip, amount=request.amount, output=request.output, exposures=()
    )
    if same != request:
        return request
    return replace(request, exposures=parent.take.exposures)
