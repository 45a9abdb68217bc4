"""Where the subject is, roughly: what differs from the border, moves or is skin; then a cut."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.draft.cut import cut, prices
from lav_engine.engines.draft.guided import blur, guided
from lav_engine.engines.draft.pieces import follows_edges, tidy
from lav_engine.engines.draft.pixels import Field, shrink
from lav_engine.engines.draft.stir import Stir
from lav_engine.light.exposure import skin_weight
from lav_engine.smoothstep import smoothstep

FAR_SIDE = 72  # long side for the distance from the border
COLOUR, ROUNDS = 1.6, 3  # weight of what colour against where; times they are settled
HINT = 0.5  # weight of motion
GATE = 0.3  # how much less likely things are that neither move, show skin nor carry what does
GATE_OPEN = 0.5  # motion at which it is fully open
STIRRED, STOOD = 0.5, 2.0  # log odds that stirring adds, and standing still takes
LIVELY = (0.08, 0.25)  # stirring share of a subject between which stillness begins to tell
SKIN = 0.6  # skin counts as this much motion there


def find(small: NDArray[np.uint8], hint: Field | None = None, seen: Stir | None = None) -> Field:
    """Coarse cut (h, w), 0 or 1, of a small RGB picture; all 0 where no outline is to be seen.

    `hint` (any size, 0..1) says what moves, `seen` (this size) what stirs and what stands still.
    """
    smooth = np.asarray(cv2.bilateralFilter(small, 5, 30, 3), np.uint8)
    likely = _likely(smooth, hint)
    found = tidy(_cut(smooth, _place(smooth, likely, seen)), likely, smooth)
    return found if follows_edges(found, smooth) else np.zeros_like(found)


def _likely(small: NDArray[np.uint8], hint: Field | None = None) -> Field:
    """How unlike the border each pixel is: by a path of colour steps, by palette, by spread."""
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2Lab).astype(np.float32)
    lab = shrink(lab, FAR_SIDE)
    height, width = lab.shape[:2]
    # The bottom edge is left out: that is where a subject leaves the picture.
    seed = np.zeros((height, width), bool)
    side = int(height * 0.7)
    seed[0] = seed[:side, 0] = seed[:side, -1] = seed[-1, :2] = seed[-1, -2:] = True
    border = lab[seed]
    off = lab - border.mean(0)
    spread = np.linalg.inv(np.cov(border.T) + 20 * np.eye(3))
    unlike = np.sqrt(np.einsum("yxi,ij,yxj->yx", off, spread, off))
    cv2.setRNGSeed(1)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    _, _, palette = cv2.kmeans(border, 5, None, stop, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    far = np.linalg.norm(lab[:, :, None] - palette, axis=-1).min(-1)
    v, u = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    centre = np.exp(-0.8 * (((u - 0.5) / 0.38) ** 2 + ((v - 0.58) / 0.45) ** 2))
    path = _path(lab, seed)
    score = 0.55 * _unit(path) + 0.25 * _unit(far) + 0.2 * _unit(unlike)
    if hint is not None:
        moves = np.asarray(cv2.resize(hint, (width, height), interpolation=cv2.INTER_AREA))
        skin = skin_weight(shrink(small.astype(np.float32) / 255, FAR_SIDE))
        # What stands under a moving head carries it; the rest of the set stays put.
        alive = np.maximum.accumulate(np.maximum(moves, SKIN * skin), axis=0)
        gate = np.clip(blur(alive, 0.04 * width) / GATE_OPEN, 0, 1)
        score = (score + HINT * moves) * (1 - GATE + GATE * gate)
    score = (score * (0.35 + 0.65 * centre)).astype(np.float32)
    return cv2.resize(score, small.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _path(lab: Field, seed: NDArray[np.bool_]) -> Field:
    """Cost of the cheapest path from the border, paying for colour steps (geodesic distance)."""
    scaled = lab * np.sqrt(np.array([0.5, 1.2, 1.2], np.float32))
    padded = np.pad(scaled, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width = seed.shape
    around = [(y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)]
    near = [padded[y : y + height, x : x + width] for y, x in around]
    steps = [np.linalg.norm(n - scaled, axis=-1) for n in near]
    noise = np.percentile(steps[1], 40)
    costs = [np.maximum(step - noise, 0) + 0.02 for step in steps]
    reach = np.full((height + 2, width + 2), np.float32(1e6))
    inside = reach[1:-1, 1:-1]
    inside[seed] = 0
    for _ in range(2 * (height + width)):
        known = inside.copy()
        for (y, x), cost in zip(around, costs, strict=True):
            np.minimum(inside, reach[y : y + height, x : x + width] + cost, out=inside)
        if np.array_equal(known, inside):
            break
    return inside


def _place(small: NDArray[np.uint8], likely: Field, seen: Stir | None) -> Field:
    """Log odds of the subject from the place alone, what stirs there included."""
    top = max(float(np.percentile(likely, 93)), 1e-3)
    codes = np.clip(likely * (255 / top), 0, 255).astype(np.uint8)
    split, _ = cv2.threshold(codes, 0, 255, cv2.THRESH_OTSU)
    place = np.clip((codes.astype(np.float32) - np.float32(split)) / 40, -3, 3)
    place[:2] = -4
    if seen is None:
        return place
    # A subject that hardly stirs itself is not to be told from the set by standing still.
    stirred, stood = (float((e * (place > 0)).sum()) for e in (seen.stirred, seen.stood))
    tells = smoothstep(*LIVELY, np.array(stirred / max(stirred + stood, 1.0)))
    # A plain picture's middle stands as still as its frame.
    spread = np.clip(guided(small.astype(np.float32) / 255, seen.stood, 8, 1e-3), 0, 1)
    still = np.maximum(seen.stood, spread * (1 - seen.stirred))
    return place + STIRRED * seen.calm * seen.stirred - STOOD * tells * still


def _cut(small: NDArray[np.uint8], place: Field) -> NDArray[np.uint8]:
    """1 on the subject: how likely the place, and whose colours it has, settled in turns."""
    bins, edges = bins_of(small), prices(small)
    now = 1 / (1 + np.exp(-place))
    for _ in range(ROUNDS):
        belief = place + COLOUR * likeness(bins, np.clip(now, 0.02, 0.98))
        now = cut(belief, edges, now)
    return (now > 0.5).astype(np.uint8)


def bins_of(small: NDArray[np.uint8]) -> NDArray[np.intp]:
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2Lab).astype(np.intp)
    light, a, b = (
        lab[..., 0] // 16,
        np.clip((lab[..., 1] - 64) // 8, 0, 15),
        np.clip((lab[..., 2] - 64) // 8, 0, 15),
    )
    return (light * 16 + a) * 16 + b


def likeness(bins: NDArray[np.intp], now: Field) -> Field:
    """Log ratio of a colour's frequency on the subject to that elsewhere, within +-4."""
    histograms = []
    for weight in (now, 1 - now):
        counts = np.bincount(bins.ravel(), weight.ravel(), 4096).reshape(16, 16, 16)
        for axis in range(3):
            near = np.pad(counts, [(1, 1) if i == axis else (0, 0) for i in range(3)])
            left, mid, right = (np.take(near, np.arange(16) + k, axis) for k in range(3))
            counts = 0.25 * left + 0.5 * mid + 0.25 * right
        histograms.append((counts + 0.02) / weight.sum())
    ratio = np.log(histograms[0] / histograms[1]).astype(np.float32)
    return np.clip(ratio.ravel()[bins], -4, 4)


def _unit(x: NDArray) -> NDArray:
    return np.clip(x / (np.percentile(x, 95) + 1e-6), 0, 1)
