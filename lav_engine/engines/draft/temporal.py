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

FLOW_SIDE = 384  # long side of the picture in which flow is looked for
KEPT_SIDE = 192  # long side of the flow: DIS itself works on every second pixel and enlarges
TRUST_PIXELS = 2.0  # forward-backward disagreement, flow pixels, at which trust falls to 1/e
TRUST_LOG_LUMA = 1.2  # brightness change that reads as another thing
STILL = 0.09  # flow pixels a frame; slower motion is noise
FASTEST = 4.5  # flow pixels a frame; faster motion is no surer sign of a subject
MOVING_MEMORY = 0.95


@dataclass(frozen=True, slots=True)
class Link:
    """How one frame maps onto a neighbour, in flow pixels."""

    flow: Field  # (h, w, 2) from each pixel of this frame to its place in the neighbour
    trust: Field  # (h, w) 0..1


@dataclass(frozen=True, slots=True)
class Links:
    """Flow through a window; `past[t]` leads from t to t - 1, `future[t]` from t to t + 1."""

    past: tuple[Link | None, ...]
    future: tuple[Link | None, ...]


def link(frames: NDArray[np.float32]) -> Links:
    """Flow between all neighbours of (F, H, W, 3) display-referred frames."""
    grey = [_grey(frame) for frame in frames]
    log = [_log_luma(g) for g in grey]
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    past: list[Link | None] = [None]
    future: list[Link | None] = []
    for a, b, log_a, log_b in zip(grey[:-1], grey[1:], log[:-1], log[1:], strict=True):
        back, forth = _flow(dis, b, a), _flow(dis, a, b)
        past.append(Link(back, _trust(back, forth, log_b, log_a)))
        future.append(Link(forth, _trust(forth, back, log_a, log_b)))
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
    height, width = fields[0].shape[:2]
    totals = [_weighted(field, weight) for field, weight in zip(fields, weights, strict=True)]
    count = len(totals)
    for steps, order in ((links.past, range(count)), (links.future, range(count)[::-1])):
        told: Field | None = None  # value times certainty, and certainty, from earlier in `order`
        for t in order:
            own, step = _weighted(fields[t], weights[t]), steps[t]
            if step is not None and told is not None:
                told = _follow(told, step)
                told *= enlarge(np.float32(memory) * step.trust, width, height)[..., None]
                totals[t] += told
                own += told
            told = own
    return [total[..., :-1] / np.maximum(total[..., -1:], 1e-4) for total in totals]


def _weighted(field: Field, weight: float) -> Field:
    """Value times certainty, and certainty as one channel more."""
    height, width, channels = field.shape
    weighted = np.empty((height, width, channels + 1), np.float32)
    weighted[..., :-1] = field
    weighted[..., -1] = 1
    weighted *= np.float32(weight)
    return weighted


def _follow(field: Field, step: Link) -> Field:
    """The neighbour's field, moved to where this frame sees it."""
    height, width = field.shape[:2]
    scale = np.float32(width / step.flow.shape[1])
    x, y = pixels(height, width)
    dx, dy = cv2.split(enlarge(step.flow * scale, width, height))
    return _at(field, x + dx, y + dy)


def camera(step: Link) -> Field:
    """Dominant affine part of the flow, (3, 2) by reweighted least squares: flow pixels at the
    origin, and gained over the picture's width and over its height.
    """
    height, width = step.trust.shape
    x, y = pixels(height, width)
    few = (slice(1, None, 3), slice(1, None, 3))
    a = np.stack([np.ones_like(x[few]), x[few] / width, y[few] / height], -1).reshape(-1, 3)
    b = step.flow[few].reshape(-1, 2)
    trust = step.trust[few].ravel() + np.float32(1e-3)
    weight, found = trust, np.zeros((3, 2), np.float32)
    for _ in range(6):
        weighted = a * weight[:, None]
        found = np.linalg.solve(weighted.T @ a, weighted.T @ b)
        weight = trust / (1 + np.square(np.linalg.norm(b - a @ found, axis=-1) / 0.25))
    return found


def _own_motion(step: Link) -> Field:
    """Flow less the camera's, flow pixels."""
    height, width = step.trust.shape
    x, y = pixels(height, width)
    terms = np.stack([np.ones_like(x), x / width, y / height], -1)
    own = step.flow - terms @ camera(step)
    return np.sqrt(np.square(own[..., 0]) + np.square(own[..., 1]))


def _grey(frame: Field) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(shrink(frame, FLOW_SIDE), cv2.COLOR_RGB2GRAY)
    return np.clip(grey * 255 + 0.5, 0, 255).astype(np.uint8)


def _flow(dis: cv2.DISOpticalFlow, here: NDArray[np.uint8], there: NDArray[np.uint8]) -> Field:
    flow = np.asarray(dis.calc(here, there, None), np.float32)  # type: ignore[call-overload]
    kept = shrink(flow, KEPT_SIDE)
    return kept * np.float32(kept.shape[1] / flow.shape[1])


def _log_luma(grey: NDArray[np.uint8]) -> Field:
    display = shrink(grey.astype(np.float32) / 255, KEPT_SIDE)
    return np.log(np.square(display) + np.float32(0.004))


def _trust(flow: Field, back: Field, log_here: Field, log_there: Field) -> Field:
    x, y = pixels(*flow.shape[:2])
    dx, dy = cv2.split(flow)
    returned = _at(back, x + dx, y + dy)
    miss = cv2.magnitude(dx + returned[..., 0], dy + returned[..., 1])
    slack = TRUST_PIXELS + 0.08 * cv2.magnitude(dx, dy)
    seen = _at(log_there, x + dx, y + dy)
    change = cv2.GaussianBlur(np.abs(seen - log_here), (0, 0), 1.5) / TRUST_LOG_LUMA
    return np.exp(-np.square(miss / slack) - np.square(change))


def _at(field: Field, x: NDArray, y: NDArray) -> Field:
    mode = cv2.BORDER_REPLICATE
    return np.asarray(cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=mode), np.float32)
