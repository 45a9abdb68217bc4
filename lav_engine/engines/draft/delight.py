"""The light that is already there, as a few slopes over the subject, so that it can be taken out.

A low-order robust fit, not a Retinex: colours of things must not be mistaken for light. Only the
subject's: a background's slopes are its things, seldom its light.
"""

from __future__ import annotations

import numpy as np

from lav_engine.engines.draft.pixels import Field

LIMIT = 0.4  # nats either way: more is a dark suit under a bright face, not light
MEAN_Z = 0.7  # how far a rounded body faces the camera on average
ASLANT = 0.3  # share believed of what falls off sideways: that is often hair or clothes
RIDGE = np.array(
    [0.1, 1, 1, 0.1, 1, 1]
)  # facing the camera is believed first: most light is frontal


def fit(
    log_luma: Field, matte: Field, normals: tuple[Field, Field, Field], x: Field, y: Field
) -> Field:
    """(5,) slopes of the subject's log luma over its normal (x, y, z) and place (x, y).

    Iteratively reweighted least squares, Cauchy at half a nat, with a light ridge on the slopes.
    """
    terms = np.stack([np.ones_like(x), *normals, x, y], -1).reshape(-1, 6).astype(np.float64)
    value = log_luma.ravel().astype(np.float64)
    weight = matte.ravel().astype(np.float64)
    if weight.sum() < 60:
        return np.zeros(5, np.float32)
    ridge = 0.02 * weight.sum() * np.diag(RIDGE)
    used, found = weight, np.zeros(6)
    for _ in range(4):
        weighted = terms * used[:, None]
        found = np.linalg.solve(weighted.T @ terms + ridge, weighted.T @ value)
        used = weight / (1 + np.square((value - terms @ found) / 0.5))
    return found[1:].astype(np.float32)


def old_light(slopes: Field, normals: tuple[Field, Field, Field], x: Field, y: Field) -> Field:
    """(H, W) stops of existing light on the subject, 0 on the average."""
    nx, ny, nz = normals
    aslant = slopes[0] * nx + slopes[1] * ny + slopes[3] * x + slopes[4] * y
    light = slopes[2] * (nz - np.float32(MEAN_Z)) + np.float32(ASLANT) * aslant
    return np.clip(light, -LIMIT, LIMIT) * np.float32(1 / np.log(2))
