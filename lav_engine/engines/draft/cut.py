"""The cheapest outline round what is believed to be the subject, drawn along steps of colour.

A graph cut on the eight-connected pixel grid, solved as its linear program: total variation with a
price per edge (Chambolle and Pock 2011, steps after Pock and Chambolle 2011).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.compiled import compiled
from lav_engine.engines.draft.pixels import Field

PRICE = 8.0  # of parting two alike neighbours, in units of belief (log odds)
LEAST = 0.05  # share of it that remains across the strongest step
LAB_SCALE = np.array([0.7, 1.2, 1.2], np.float32)  # colour parts things better than light does
SLANT = 0.7071  # a diagonal edge crosses less outline
TURNS = 250


def cut(belief: Field, prices: tuple[Field, ...], start: Field) -> Field:
    """Near-binary (h, w) in 0..1: subject where `belief` (log odds) and outline cost agree."""
    found = np.array(start, np.float32)
    compiled(_relax)(belief.astype(np.float32), *prices, found, TURNS)
    return found


def prices(small: NDArray[np.uint8]) -> tuple[Field, ...]:
    """Cost (h, w) of parting each pixel from its right, lower and two lower diagonal neighbours."""
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2Lab) * LAB_SCALE
    steps = [np.zeros(small.shape[:2], np.float32) for _ in range(4)]
    steps[0][:, :-1] = _squared(lab[:, 1:] - lab[:, :-1])
    steps[1][:-1] = _squared(lab[1:] - lab[:-1])
    steps[2][:-1, :-1] = _squared(lab[1:, 1:] - lab[:-1, :-1])
    steps[3][:-1, 1:] = _squared(lab[1:, :-1] - lab[:-1, 1:])
    usual = 2 * np.mean([steps[0].mean(), steps[1].mean()]) + 1e-6
    alike = [LEAST + (1 - LEAST) * np.exp(-step / usual) for step in steps]
    shares = (1.0, 1.0, SLANT, SLANT)
    return tuple(
        (PRICE * share * like).astype(np.float32) for share, like in zip(shares, alike, strict=True)
    )


def _squared(step: Field) -> Field:
    return np.square(step).sum(-1)


def _relax(belief, right, down, slant, back, found, turns):
    """Primal-dual turns on `found`, in place; each dual pulls two neighbours together."""
    height, width = belief.shape
    ahead = found.copy()
    to_right, to_down = np.zeros_like(found), np.zeros_like(found)
    to_slant, to_back = np.zeros_like(found), np.zeros_like(found)
    half, eighth = np.float32(0.5), np.float32(0.125)
    for _ in range(turns):
        for y in range(height):
            for x in range(width):
                here = ahead[y, x]
                if x + 1 < width:
                    pull = to_right[y, x] + half * (ahead[y, x + 1] - here)
                    to_right[y, x] = min(max(pull, -right[y, x]), right[y, x])
                if y + 1 == height:
                    continue
                pull = to_down[y, x] + half * (ahead[y + 1, x] - here)
                to_down[y, x] = min(max(pull, -down[y, x]), down[y, x])
                if x + 1 < width:
                    pull = to_slant[y, x] + half * (ahead[y + 1, x + 1] - here)
                    to_slant[y, x] = min(max(pull, -slant[y, x]), slant[y, x])
                if x > 0:
                    pull = to_back[y, x] + half * (ahead[y + 1, x - 1] - here)
                    to_back[y, x] = min(max(pull, -back[y, x]), back[y, x])
        for y in range(height):
            for x in range(width):
                pulled = to_right[y, x] + to_down[y, x] + to_slant[y, x] + to_back[y, x]
                if x > 0:
                    pulled -= to_right[y, x - 1]
                if y > 0:
                    pulled -= to_down[y - 1, x]
                    if x > 0:
                        pulled -= to_slant[y - 1, x - 1]
                    if x + 1 < width:
                        pulled -= to_back[y - 1, x + 1]
                now = found[y, x] + eighth * (belief[y, x] + pulled)
                now = min(max(now, np.float32(0)), np.float32(1))
                ahead[y, x] = 2 * now - found[y, x]
                found[y, x] = now
