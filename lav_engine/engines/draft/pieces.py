"""Which pieces of a rough cut belong to the subject, and which of its holes are real."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.draft.pixels import Field

Cut = NDArray[np.uint8]  # (h, w), 0 or 1

SMALL_HOLE = 0.004  # of the picture; smaller holes are noise
RIM = 0.45  # a real hole's rim is at least this strong against the subject's outline
WEAK = 25  # percent of any rim that may be weaker
FOLLOWS = 0.5  # an outline is drawn along edges where its rim is this strong against the picture's
STEP = 1.5  # CIELAB steps a pixel; a smooth ramp has less, though equal everywhere
LEAST_AREA, LEAST_WORTH = 0.04, 0.3  # of the main piece's


def tidy(cut: Cut, likely: Field, small: NDArray[np.uint8]) -> Field:
    """Keeps the large, likely pieces, cutting the thin bridges between them; fills unreal holes.

    cut: 0 or 1; likely: how likely each pixel is, any scale; small: the RGB picture itself.
    """
    cut = _fill(cut, small)
    core = cv2.erode(cut, _disc(2), borderType=cv2.BORDER_REPLICATE)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(core)
    if count > 1:
        area = stats[:, cv2.CC_STAT_AREA]
        worth = np.bincount(labels.ravel(), likely.ravel(), count) / area
        main = 1 + int(np.argmax((area * worth)[1:]))
        keep = (area > LEAST_AREA * area[main]) & (worth > LEAST_WORTH * worth[main])
        keep[0] = False
        cut = _regrow(keep[labels].astype(np.uint8), (core & ~keep[labels]).astype(np.uint8), cut)
    return _fill(cut, small).astype(np.float32)


def follows_edges(cut: Field, small: NDArray[np.uint8]) -> bool:
    """Whether the outline runs along steps of colour, as one across a close face does not."""
    rim = _rim((cut > 0.5).astype(np.uint8))
    rim[:3] = False  # the top rows are cut off, not found
    if not rim.any():
        return False
    edges = _edges(small)
    drawn = float(np.percentile(edges[rim], WEAK))
    return drawn >= max(FOLLOWS * float(np.percentile(edges, 75)), STEP)


def _fill(cut: Cut, small: NDArray[np.uint8]) -> Cut:
    """Closes holes that are tiny or show no edge: light on a forehead, not a gap by an arm."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(1 - cut, connectivity=4)
    height, width = cut.shape
    left, top, right, bottom = (stats[:, k] for k in range(4))
    right, bottom = left + right, top + bottom
    area = stats[:, cv2.CC_STAT_AREA]
    enclosed = (left > 0) & (top > 2) & (right < width) & (bottom < height)
    enclosed[0] = False
    close = area < SMALL_HOLE * cut.size
    close[0] = False
    edges = _edges(small)
    outline = np.median(edges[_rim(cut)]) if cut.any() else 0.0
    for hole in np.flatnonzero(enclosed & ~close):
        rim = edges[_rim((labels == hole).astype(np.uint8))]
        close[hole] = np.percentile(rim, WEAK) < RIM * outline
    return np.where(close[np.asarray(labels, np.intp)], 1, cut).astype(np.uint8)


def _edges(small: NDArray[np.uint8]) -> Field:
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    slopes = cv2.Sobel(lab, -1, 1, 0, scale=0.125), cv2.Sobel(lab, -1, 0, 1, scale=0.125)
    return np.sqrt(np.square(slopes[0]).sum(-1) + np.square(slopes[1]).sum(-1))


def _rim(mask: Cut) -> NDArray[np.bool_]:
    near = np.ones((3, 3), np.uint8)
    return cv2.dilate(mask, near) > cv2.erode(mask, near, borderType=cv2.BORDER_REPLICATE)


def _regrow(kept: Cut, dropped: Cut, cut: Cut) -> Cut:
    """Gives the kept cores their rims and limbs back, up to where a dropped piece begins."""
    for _ in range(8):
        grown = _dilate(kept) & cut
        dropped = _dilate(dropped) & cut & (1 - grown)
        kept = grown & (1 - dropped)
    return kept


def _dilate(mask: Cut) -> Cut:
    return np.asarray(cv2.dilate(mask, _disc(1)), np.uint8)


def _disc(radius: int) -> NDArray[np.uint8]:
    size = (2 * radius + 1, 2 * radius + 1)
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size), np.uint8)
