"""Where the subject is, roughly: what differs from the border, moves or is skin; then GrabCut."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.draft.guided import blur, guided
from lav_engine.engines.draft.pixels import Field, shrink
from lav_engine.light.exposure import skin_weight

FAR_SIDE = 72  # long side for the distance from the border
PLACE, COLOUR, ROUNDS = 1.0, 0.7, 4  # weights of where and what colour; times they are settled
HINT = 0.35  # weight of motion
GATE = 0.3  # how much less likely things are that neither move, show skin nor carry what does
GATE_OPEN = 0.5  # motion at which it is fully open
SKIN = 0.6  # skin counts as this much motion there


def find(small: NDArray[np.uint8], hint: Field | None = None) -> Field:
    """Coarse cut (h, w), 0 or 1, of a small RGB picture; `hint` (any size) says what moves."""
    smooth = np.asarray(cv2.bilateralFilter(small, 5, 30, 3), np.uint8)
    likely = _likely(smooth, hint)
    return _tidy(_cut(smooth, likely), likely)


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


def _cut(small: NDArray[np.uint8], likely: Field) -> NDArray[np.uint8]:
    """1 on the subject: how likely the place, and whose colours it has, settled in turns."""
    top = max(float(np.percentile(likely, 93)), 1e-3)
    codes = np.clip(likely * (255 / top), 0, 255).astype(np.uint8)
    split, _ = cv2.threshold(codes, 0, 255, cv2.THRESH_OTSU)
    place = (codes.astype(np.float32) - np.float32(split)) / 40
    guide = small.astype(np.float32) / 255
    bins = bins_of(small)
    now = 1 / (1 + np.exp(-place))
    for _ in range(ROUNDS):
        belief = PLACE * place + COLOUR * likeness(bins, now)
        now = guided(guide, 1 / (1 + np.exp(-belief)), 5, 1e-3)
        now = np.clip(now, 0.01, 0.99)
    trimap = np.where(now > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[now > 0.93] = cv2.GC_FGD
    trimap[(now < 0.15) & (codes < 0.85 * split)] = cv2.GC_BGD
    trimap[:2] = cv2.GC_BGD
    cv2.setRNGSeed(1)  # GrabCut's clustering draws from the global generator
    models = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = np.ascontiguousarray(small[..., ::-1])
    cv2.grabCut(bgr, trimap, None, *models, 2, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
    return np.isin(trimap, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)


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


def _tidy(cut: NDArray[np.uint8], likely: Field) -> Field:
    """Keeps the large, likely pieces, cutting the thin bridges between them; fills small holes."""
    core = cv2.erode(cut, _disc(2), borderType=cv2.BORDER_REPLICATE)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(core)
    if count > 1:
        area = stats[:, cv2.CC_STAT_AREA]
        worth = np.bincount(labels.ravel(), likely.ravel(), count) / area
        main = 1 + int(np.argmax((area * worth)[1:]))
        keep = (area > 0.04 * area[main]) & (worth > 0.3 * worth[main])
        keep[0] = False
        cut = _regrow(keep[labels].astype(np.uint8), (core & ~keep[labels]).astype(np.uint8), cut)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - cut)
    hole = stats[:, cv2.CC_STAT_AREA] < 0.004 * cut.size
    hole[0] = False
    cut[hole[np.asarray(labels, np.intp)]] = 1
    return cut.astype(np.float32)


def _regrow(kept: NDArray[np.uint8], dropped: NDArray[np.uint8], cut: NDArray[np.uint8]):
    """Gives the kept cores their rims and limbs back, up to where a dropped piece begins."""
    for _ in range(8):
        grown = _dilate(kept) & cut
        dropped = _dilate(dropped) & cut & (1 - grown)
        kept = grown & (1 - dropped)
    return kept


def _dilate(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.dilate(mask, _disc(1)), np.uint8)


def _disc(radius: int) -> NDArray[np.uint8]:
    size = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size), np.uint8)


def _unit(x: NDArray) -> NDArray:
    return np.clip(x / (np.percentile(x, 95) + 1e-6), 0, 1)
