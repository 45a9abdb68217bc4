"""What stirs and what stands still, once the camera's own movement is taken out.

Flow is vague near outlines and blind to what hardly moves. A frame compared with others of its
window is not: where there is texture, any change says the thing stirred, and none that it stood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.draft.guided import blur
from lav_engine.engines.draft.pixels import Field, shrink
from lav_engine.engines.draft.temporal import Link, Links, camera
from lav_engine.smoothstep import smoothstep

SIDE = 144  # long side of the compared pictures
APART = (1, 2, 4, 8)  # frames between those compared
STOOD = (0.08, 0.2)  # pixels at SIDE: less is standing still, more is not
STIRRED = (0.15, 0.6)  # less is not stirring, more is
FAINT = 2e-4  # squared display steps a pixel; fainter texture says nothing
SHAKE = 0.2  # pixels at SIDE of leftover camera movement at which stirring means little


@dataclass(frozen=True, slots=True)
class Stir:
    """Evidence, each (h, w) in 0..1 and none where nothing is to be seen."""

    stirred: Field
    stood: Field
    calm: float  # 0: the whole picture seems to move .. 1: the camera is well accounted for


def stir(frames: NDArray[np.float32], links: Links, at: int) -> Stir:
    """Frame `at` of (F, H, W, 3) display-referred frames against its neighbours."""
    here = _soft(frames[at])
    slope = cv2.Sobel(here, -1, 1, 0, scale=0.125), cv2.Sobel(here, -1, 0, 1, scale=0.125)
    texture = blur(np.square(slope[0]).sum(-1) + np.square(slope[1]).sum(-1), 1.5)
    shift = np.zeros_like(texture)
    for there in _others(frames, links, at, here.shape[1]):
        change = blur(np.square(here - there).sum(-1), 1.5)
        shift = np.maximum(shift, np.sqrt(change / (texture + FAINT)))
    sure = texture / (texture + FAINT)
    seen = shift[sure > 0.3]
    usual = float(np.percentile(seen, 25)) if seen.size else 0.0
    return Stir(
        sure * smoothstep(*STIRRED, shift),
        sure * (1 - smoothstep(*STOOD, shift)),
        float(np.exp(-((usual / SHAKE) ** 2))),
    )


def _others(frames: NDArray[np.float32], links: Links, at: int, width: int) -> Iterator[Field]:
    """Neighbours of a frame, small and laid onto it as the camera moved."""
    for steps, way in ((links.past, -1), (links.future, 1)):
        moved = np.eye(3)
        for apart in range(1, max(APART) + 1):
            step = steps[at + way * (apart - 1)]
            if step is None:
                break
            moved = _homogeneous(step, width) @ moved
            if apart in APART:
                there = _soft(frames[at + way * apart])
                size, how = there.shape[1::-1], cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
                mode = cv2.BORDER_REPLICATE
                laid = cv2.warpAffine(there, moved[:2], size, flags=how, borderMode=mode)
                yield np.asarray(laid, np.float32)


def _homogeneous(step: Link, width: int) -> NDArray[np.float64]:
    """(3, 3): a pixel of a picture so wide to where the camera took it one frame on."""
    offset, across, down = camera(step) * (width / step.trust.shape[1])
    matrix = np.eye(3)
    matrix[:2, 0] += across / width
    matrix[:2, 1] += down / (step.trust.shape[0] * width / step.trust.shape[1])
    matrix[:2, 2] = offset
    return matrix


def _soft(frame: Field) -> Field:
    return blur(shrink(frame, SIDE), 0.7)
