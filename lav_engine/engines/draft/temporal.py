"""Holding estimates still on moving things: optical flow, and averaging along it both ways in time.

What is averaged is the scene (matte, relief), never the light, so a dragged lamp does not lag.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

FLOW_SIDE = 256  # long side at which flow is measured; finer adds cost and noise, not agreement
TRUST_PIXELS = 0.6  # forward-backward disagreement, flow pixels, at which trust falls to 1/e
STILL = 0.12  # flow pixels
TRUST_LOG_LUMA = 0.35  # brightness change that reads as another thing


@dataclass(frozen=True, slots=True)
class Link:
    """How one frame maps onto a neighbour."""

    flow: Field  # (h, w, 2) working pixels: where each pixel of this frame was in the neighbour
    trust: Field  # (h, w) 0..1


@dataclass(frozen=True, slots=True)
class Links:
    """Flow through a window; `past[t]` leads from t to t - 1, `future[t]` from t to t + 1."""

    past: tuple[Link | None, ...]
    future: tuple[Link | None, ...]


def link(frames: NDArray[np.float32]) -> Links:
    """Flow between all neighbours of (F, H, W, 3) display-referred frames."""
    scale = min(1.0, FLOW_SIDE / max(frames.shape[1:3]))
    grey = [_grey(frame, scale) for frame in frames]
    log = [np.log(np.square(g.astype(np.float32) / 255) + 0.004) for g in grey]
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    past: list[Link | None] = [None]
    future: list[Link | None] = []
    for a, b, log_a, log_b in zip(grey[:-1], grey[1:], log[:-1], log[1:], strict=True):
        back = np.asarray(dis.calc(b, a, None), np.float32)  # type: ignore[call-overload]
        fore = np.asarray(dis.calc(a, b, None), np.float32)  # type: ignore[call-overload]
        past.append(Link(back, _trust(back, fore, log_b, log_a)))
        future.append(Link(fore, _trust(fore, back, log_a, log_b)))
    return Links(tuple(past), (*future, None))


def moving(links: Links) -> list[Field]:
    """Per frame (h, w) in 0..1: what moves against the camera, remembered along the flow.

    Empty where there is one frame only. Motion under `STILL` flow pixels a frame is noise.
    """
    found = []
    for past, future in zip(links.past, links.future, strict=True):
        known = [_own_motion(step) for step in (past, future) if step is not None]
        if known:
            found.append(np.minimum(np.maximum.reduce(known), 6)[..., None])
    kept = settle(found, [1.0] * len(found), links, 0.95) if found else []
    return [np.clip(f[..., 0] / max(float(np.percentile(f, 95)), STILL), 0, 1) for f in kept]


def _own_motion(step: Link) -> Field:
    """Flow less its dominant affine part, found by reweighted least squares."""
    height, width = step.trust.shape
    ys, xs = _pixels(height, width)
    terms = np.stack([np.ones_like(xs), xs / width, ys / width], -1)
    grid = (slice(2, None, 6), slice(2, None, 6))
    a, b = terms[grid].reshape(-1, 3), step.flow[grid].reshape(-1, 2)
    weight = trust = step.trust[grid].ravel() + 1e-3
    for _ in range(6):
        root = np.sqrt(weight)[:, None]
        camera, *_ = np.linalg.lstsq(a * root, b * root, rcond=None)
        weight = trust / (1 + np.square(np.linalg.norm(b - a @ camera, axis=-1) / 0.5))
    return np.linalg.norm(step.flow - terms @ camera, axis=-1).astype(np.float32)


def follow(field: Field, link: Link) -> Field:
    """The neighbour's field, moved to where this frame sees it."""
    height, width = field.shape[:2]
    ys, xs = _pixels(height, width)
    flow = _fit(link.flow, width, height)
    scale = width / link.flow.shape[1]
    return cv2.remap(
        field,
        xs + flow[..., 0] * scale,
        ys + flow[..., 1] * scale,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )


def settle(fields: list[Field], weights: list[float], links: Links, memory: float) -> list[Field]:
    """Average of (H, W, C) fields along the flow, from both ends of the window at once.

    `weights` says how much each frame's own estimate counts (0: only its neighbours speak), `memory`
    how much of a neighbour's certainty survives one frame. Past and future weigh alike, so nothing
    lags, and frames at a window's edge lean on the side they have.
    """
    order = range(len(fields))
    before = _run(fields, weights, links.past, order, memory)
    after = _run(fields, weights, links.future, order[::-1], memory)
    settled = []
    for own, weight, (value_a, sure_a), (value_b, sure_b) in zip(
        fields, weights, before, after, strict=True
    ):
        total = sure_a + sure_b + weight
        mixed = value_a * sure_a[..., None] + value_b * sure_b[..., None] + own * weight
        settled.append(mixed / np.maximum(total, 1e-4)[..., None])
    return settled


def _run(
    fields: list[Field],
    weights: list[float],
    links: tuple[Link | None, ...],
    order: range,
    memory: float,
) -> list[tuple[Field, Field]]:
    """For every frame, what the frames before it in `order` say, and how sure they are."""
    shape = fields[0].shape
    told: list[tuple[Field, Field]] = [(fields[0], fields[0][..., 0])] * len(fields)
    state = np.zeros((*shape[:2], shape[2] + 1), np.float32)  # value times certainty, certainty
    for t in order:
        step = links[t]
        if step is not None:
            kept = memory * _fit(step.trust, shape[1], shape[0])
            state = follow(state, step) * kept[..., None]
        sure = state[..., -1]
        told[t] = (state[..., :-1] / np.maximum(sure, 1e-4)[..., None], sure)
        state = state + weights[t] * np.dstack([fields[t], np.ones(shape[:2], np.float32)])
    return told


def _grey(frame: Field, scale: float) -> NDArray[np.uint8]:
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return np.clip(grey * 255 + 0.5, 0, 255).astype(np.uint8)


def _trust(flow: Field, back: Field, log_here: Field, log_there: Field) -> Field:
    ys, xs = _pixels(*flow.shape[:2])
    at = (xs + flow[..., 0], ys + flow[..., 1])
    returned = cv2.remap(back, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    error = np.hypot(*np.moveaxis(flow + returned, -1, 0))
    slack = TRUST_PIXELS + 0.08 * np.hypot(flow[..., 0], flow[..., 1])
    seen = cv2.remap(log_there, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    change = cv2.GaussianBlur(np.abs(seen - log_here), (0, 0), 1.5) / TRUST_LOG_LUMA
    trust = np.exp(-np.square(error / slack) - np.square(change))
    return cv2.erode(trust, np.ones((3, 3), np.uint8))


def _fit(field: Field, width: int, height: int) -> Field:
    if field.shape[:2] == (height, width):
        return field
    return cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)


def _pixels(height: int, width: int) -> tuple[Field, Field]:
    ys, xs = np.mgrid[0:height, 0:width]
    return ys.astype(np.float32), xs.astype(np.float32)
