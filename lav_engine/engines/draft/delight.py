"""The light that is already there, as a few slopes per layer, so that it can be taken out.

A low-order robust fit, not a Retinex: colours of things must not be mistaken for light.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]

LIMIT = 0.4  # nats: more is a dark suit under a bright face, not light
STRENGTH = 0.75


def fit(log_luma: Field, matte: Field, normals: Field, x: Field, y: Field) -> Field:
    """(4,) slopes of the subject's log luma over normal x, normal y, place x and place y.

    Only the subject's: a background's slopes are its things, seldom its light.
    """
    here = [normals[..., 0], normals[..., 1], x, y]
    terms = np.stack([np.ones_like(x), *here], -1).reshape(-1, 5).astype(np.float64)
    return _slopes(terms, log_luma.ravel().astype(np.float64), matte.ravel().astype(np.float64))


def old_light(slopes: Field, matte: Field, normals: Field, x: Field, y: Field) -> Field:
    """(H, W) stops of existing light to remove."""
    nx, ny, px, py = slopes
    light = nx * normals[..., 0] + ny * normals[..., 1] + px * x + py * y
    return np.float32(STRENGTH / np.log(2)) * matte * np.clip(light, -LIMIT, LIMIT)


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
