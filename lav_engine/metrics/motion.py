"""Motion of the source, and how far a relit take's motion departs from it (DIS optical flow)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

AGREE = 1.0  # pixels: forward and backward flow closer than this see the same point
AGREE_TEXTURE = 0.5
TEXTURE = 400.0  # mean squared Sobel response in 9x9, 8-bit codes; below it DIS follows the light


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Between two consecutive frames, a then b. Flows are (H, W, 2) float32 pixels."""

    back: NDArray[np.float32]  # lies on b, points into a
    forth: NDArray[np.float32]  # lies on a, points into b
    seen_back: NDArray[np.bool_]  # pixels of b that are visible in a
    seen_forth: NDArray[np.bool_]  # pixels of a that are visible in b
    textured: NDArray[np.bool_]  # pixels of b whose flow does not depend on the light


def track(frames: Sequence[NDArray[np.float32]]) -> list[Motion]:
    """One Motion per consecutive pair."""
    grays = [gray(frame) for frame in frames]
    return [_motion(a, b) for a, b in pairwise(grays)]


def warp(picture: NDArray[np.float32], flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """`picture` seen along `flow`: result[y, x] = picture[y + flow_y, x + flow_x]."""
    rows, columns = np.indices(flow.shape[:2], dtype=np.float32)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    seen = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32)


def motion_difference(
    relit: Sequence[NDArray[np.float32]], motions: Sequence[Motion], step: int = 1
) -> float:
    """Mean end-point distance, pixels, of the relit take's backward flow from the source's.

    Only where the source is textured and its flow consistent: elsewhere a perfect relight already
    moves DIS by pixels. NaN where no such pixel exists. `step` measures every step-th pair.
    """
    found = []
    for index in range(0, len(motions), step):
        motion = motions[index]
        if motion.textured.any():
            flow = _flow(gray(relit[index + 1]), gray(relit[index]))
            found.append(np.linalg.norm(flow - motion.back, axis=-1)[motion.textured].mean())
    return float(np.mean(found)) if found else float("nan")


def gray(frame: NDArray[np.float32]) -> NDArray[np.uint8]:
    codes = np.rint(np.clip(frame, 0, 1) * 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(codes, cv2.COLOR_RGB2GRAY), np.uint8)


def _flow(picture: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(H, W, 2) pixels: lies on `picture`, points into `other`."""
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    start = np.zeros((*picture.shape, 2), np.float32)
    return np.asarray(dis.calc(picture, other, start), np.float32)


def _motion(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> Motion:
    back, forth = _flow(b, a), _flow(a, b)
    gap_back = _gap(back, forth)
    textured = (gap_back < AGREE_TEXTURE) & (_texture(b) > TEXTURE)
    return Motion(back, forth, gap_back < AGREE, _gap(forth, back) < AGREE, textured)


def _gap(flow: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Pixels between a point and itself after the way there and back; infinite off the frame."""
    rows, columns = np.indices(flow.shape[:2], dtype=np.float32)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    inside = (x > 0) & (x < flow.shape[1] - 1) & (y > 0) & (y < flow.shape[0] - 1)
    return np.where(inside, np.linalg.norm(flow + warp(other, flow), axis=-1), np.inf)


def _texture(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    dx = cv2.Sobel(picture, cv2.CV_32F, 1, 0)
    dy = cv2.Sobel(picture, cv2.CV_32F, 0, 1)
    return np.asarray(cv2.blur(dx * dx + dy * dy, (9, 9)), np.float32)
