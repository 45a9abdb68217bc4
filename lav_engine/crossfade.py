"""Windows that overlap, joined: the finished map of every frame, in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lav_engine.lightmap import LightFields
from lav_engine.pictures import Pictures
from lav_engine.spec import ClipRange
from lav_engine.windows import WindowSpan

# Gain and flare, each (h, w, 3); with an engine's own pictures their frame and share.
FrameMap = tuple[NDArray[np.float32], ...]


class CrossFade:
    """Takes the windows of a range in order; keeps what the next one fades into."""

    def __init__(self, spans: Sequence[WindowSpan], clip: ClipRange) -> None:
        self._spans, self._clip = spans, clip
        self._fading: dict[int, FrameMap] = {}  # half-blended, by media frame

    def add(
        self, index: int, fields: LightFields, own: Pictures | None
    ) -> Iterator[tuple[int, FrameMap]]:
        """(media frame, map) of the range's frames that this window completes."""
        span, clip = self._spans[index], self._clip
        following = self._spans[index + 1] if index + 1 < len(self._spans) else None
        parts = (fields.gain, fields.flare, *((own.frames, own.share) if own else ()))
        for offset, media_frame in enumerate(range(*span.output)):
            if not clip.first <= media_frame < clip.end:
                continue
            weight = np.float32(span.weight(media_frame))
            share = tuple(part[offset] * weight for part in parts)
            if media_frame in self._fading:
                before = self._fading.pop(media_frame)
                share = tuple(one + other for one, other in zip(share, before, strict=True))
            if following and following.weight(media_frame) > 0:
                self._fading[media_frame] = share
            else:
                yield media_frame, share
