"""Holding estimates still on moving things: optical flow, and averaging along it both ways in time.

What is averaged is the scene (matte, relief), never the light, so a dragged lamp does not lag.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.draft.pixels import Field, enlarge, pixels, shrink

Half = NDArray[np.float16]  # flow is kept for whole windows

FLOW_SIDE = 384  # long side at which flow is measured
TRUST_PIXELS = 4.0  # forward-backward disagreement, flow pixels, at which trust falls to 1/e
TRUST_LOG_LUMA = 1.2  # brightness change that reads as another thing
STILL = 0.18  # flow pixels a frame; slower motion is noise
FASTEST = 9.0  # flow pixels a frame; faster motion is no surer sign of a subject
MOVING_MEMORY = 0.95


@dataclass(frozen=True, slots=True)
class Link:
    """How one frame maps onto a neighbour."""

    flow: (
        Field  # (h, w, 2) flow pixels: from each pixel of this frame to its place in the neighbour
    )
    trust: Field  # (h, w) 0..1


@dataclass(frozen=True, slots=True)
class Links:
    """Flow through a window; `past[t]` leads from t to t - 1, `future[t]` from t to t + 1."""

    past: tuple[Link | None, ...]
    future: tuple[Link | None, ...]


def link(frames: NDArray[np.float32]) -> Links:
    """Flow between all neighbours of (F, H, W, 3) display-referred frames."""
    grey = [_grey(frame) for frame in frames]
    log = [np.log(np.square(g.astype(np.float32) / 255) + np.float32(0.004)) for g in grey]
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    past: list[Link | None] = [None]
    future: list[Link | None] = []
    for a, b, log_a, log_b in zip(grey[:-1], grey[1:], log[:-1], log[1:], strict=True):
        back = np.asarray(dis.calc(b, a, None), np.float32)  # type: ignore[call-overload]
        forth = np.asarray(dis.calc(a, b, None), np.float32)  # type: ignore[call-overload]
        past.append(_link(back, _trust(back, forth, log_b, log_a)))
        future.append(_link(forth, _trust(forth, back, log_a, log_b)))
    return Links(tuple(past), (*future, None))


def moving(links: Links) -> list[Field]:
    """Per frame (h, w) in 0..1: what moves against the camera, remembered along the flow.

    Empty where there is one frame only.
    """
    found = []
    for steps in zip(links.past, links.future, strict=True):
        known = [_own_motion(step) for step in steps if step is not None]
        if known:
            found.append(np.minimum(np.maximum.reduce(known), FASTEST)[..., None])
    kept = settle(found, [1.0] * len(found), links, MOVING_MEMORY) if found else []
    return [np.clip(f[..., 0] / max(float(np.percentile(f, 95)), STILL), 0, 1) for f in kept]


def settle(
    fields: Sequence[Field], weights: Sequence[float], links: Links, memory: float
) -> list[Field]:
    """Average of (H, W, C) fields along the flow, from both ends of the window at once.

    `weights` says how much each frame's own estimate counts (0: only its neighbours speak),
    `memory` how much of a neighbour's certainty survives one frame. Past and future weigh alike,
    so nothing lags, and frames at a window's edge lean on the side they have.
    """
    count, (height, width, channels) = len(fields), fields[0].shape
    totals = [np.zeros((height, width, channels + 1), np.float32) for _ in fields]
    for steps, order in ((links.past, range(count)), (links.future, range(count)[::-1])):
        told: Field | None = None  # value times certainty, and certainty, from earlier in `order`
        for t in order:
            step = steps[t]
            if step is not None and told is not None:
                told = _follow(told, step)
                told *= (
                    np.float32(memory)
                    * enlarge(step.trust.astype(np.float32), width, height)[..., None]
                )
                totals[t] += told
            told = _with_own(told, fields[t], weights[t])
    for total, own, weight in zip(totals, fields, weights, strict=True):
        total[..., :-1] += np.float32(weight) * own
        total[..., -1] += np.float32(weight)
    return [total[..., :-1] / np.maximum(total[..., -1:], 1e-4) for total in totals]


def _link(flow: Field, trust: Field) -> Link:
    return Link(flow.astype(np.float16), trust.astype(np.float16))


def _with_own(told: Field | None, own: Field, weight: float) -> Field:
    state = np.zeros((*own.shape[:2], own.shape[2] + 1), np.float32) if told is None else told
    state[..., :-1] += np.float32(weight) * own
    state[..., -1] += np.float32(weight)
    return state


def _follow(field: Field, step: Link) -> Field:
    """The neighbour's field, moved to where this frame sees it."""
    height, width = field.shape[:2]
    scale = np.float32(width / step.flow.shape[1])
    x, y = pixels(height, width)
    dx, dy = cv2.split(enlarge(step.flow.astype(np.float32), width, height) * scale)
    return _at(field, x + dx, y + dy)


def _own_motion(step: Link) -> Field:
    """Flow less its dominant affine part, the camera's, found by reweighted least squares."""
    height, width = step.trust.shape
    flow, trusted = step.flow.astype(np.float32), step.trust.astype(np.float32)
    x, y = pixels(height, width)
    terms = np.stack([np.ones_like(x), x / width, y / height], -1)
    few = (slice(2, None, 6), slice(2, None, 6))
    a, b = terms[few].reshape(-1, 3), flow[few].reshape(-1, 2)
    trust = trusted[few].ravel() + np.float32(1e-3)
    weight, camera = trust, np.zeros((3, 2), np.float32)
    for _ in range(6):
        weighted = a * weight[:, None]
        camera = np.linalg.solve(weighted.T @ a, weighted.T @ b)
        weight = trust / (1 + np.square(np.linalg.norm(b - a @ camera, axis=-1) / 0.5))
    own = flow - terms @ camera
    return np.sqrt(np.square(own[..., 0]) + np.square(own[..., 1]))


def _grey(frame: Field) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(shrink(frame, FLOW_SIDE), cv2.COLOR_RGB2GRAY)
    return np.clip(grey * 255 + 0.5, 0, 255).astype(np.uint8)


def _trust(flow: Field, back: Field, log_here: Field, log_there: Field) -> Field:
    x, y = pixels(*flow.shape[:2])
    dx, dy = cv2.split(flow)
    returned = _at(back, x + dx, y + dy)
    miss = cv2.magnitude(dx + returned[..., 0], dy + returned[..., 1])
    slack = TRUST_PIXELS + 0.08 * cv2.magnitude(dx, dy)
    seen = _at(log_there, x + dx, y + dy)
    change = cv2.GaussianBlur(np.abs(seen - log_here), (0, 0), 1.5) / TRUST_LOG_LUMA
    trust = np.exp(-np.square(miss / slack) - np.square(change))
    return np.asarray(cv2.erode(trust, np.ones((3, 3), np.uint8)), np.float32)


def _at(field: Field, x: NDArray, y: NDArray) -> Field:
    mode = cv2.BORDER_REPLICATE
    return np.asarray(cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=mode), np.float32)
