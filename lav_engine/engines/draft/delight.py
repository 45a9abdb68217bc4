"""The light that is already there, as a few slopes per layer, so that it can be taken out.

A low-order robust fit, not a Retinex: colours of things must not be mistaken for light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

SUBJECT_TERMS = 4  # normal x, normal y, place x, place y
LIMIT = 0.4  # nats: more is a dark suit under a bright face, not light
STRENGTH = 0.75
BACKGROUND = 0.0


def fit(log_luma: Field, matte: Field, normals: Field, x: Field, y: Field) -> Field:
    """(2, 4) slopes of log luma over normal x, normal y, x, y: of the subject and the background."""
    step = (slice(None, None, max(1, max(log_luma.shape) // 96)),) * 2
    here = [normals[..., 0][step], normals[..., 1][step], x[step], y[step]]
    terms = np.stack([np.ones_like(here[0]), *here], -1).reshape(-1, 5).astype(np.float64)
    value = log_luma[step].ravel().astype(np.float64)
    slopes = np.zeros((2, 4), np.float32)
    subject = matte[step].ravel().astype(np.float64)
    slopes[0] = _slopes(terms, value, subject)
    terms[:, 1:3] = 0
    slopes[1] = _slopes(terms, value, 1 - subject)
    return slopes


def old_light(slopes: Field, matte: Field, normals: Field, x: Field, y: Field) -> Field:
    """(H, W) stops of existing light to remove."""
    nx, ny, px, py = slopes[0]
    subject = nx * normals[..., 0] + ny * normals[..., 1] + px * x + py * y
    behind = BACKGROUND * (slopes[1, 2] * x + slopes[1, 3] * y)
    light = np.clip(matte * subject + (1 - matte) * behind, -LIMIT, LIMIT)
    return np.float32(STRENGTH / np.log(2)) * light


def _slopes(terms: NDArray, value: NDArray, weight: NDArray) -> NDArray:
    """Iteratively reweighted least squares, Cauchy at half a nat, a light ridge on the slopes."""
    if weight.sum() < 60:
        return np.zeros(4)
    ridge = 0.02 * weight.sum() * np.diag([0.1, 1, 1, 1, 1])
    used, found = weight, np.zeros(5)
    for _ in range(4):
        weighted = terms * used[:, None]
        found = np.linalg.solve(weighted.T @ terms + ridge, weighted.T @ value)
        used = weight / (1 + np.square((value - terms @ found) / 0.5))
    return found[1:]
