"""The light that is already there, as a few slopes over the subject, so that it can be taken out.

First what most scenes are lit by, a lamp above the camera and light from all around; what that
leaves is a low-order robust fit, not a Retinex: colours of things must not be mistaken for light.
Only the subject's: a background's slopes are its things, seldom its light.
"""

from __future__ import annotations

import numpy as np

from lav_engine.engines.draft.pixels import Field, log_luma
from lav_engine.light.exposure import subject_weight

LIMIT = 0.4  # nats either way: more is a dark suit under a bright face, not light
USUAL = np.array([0.0, 0.5, 0.3, 0, 0])  # * slopes of most scenes' light: from above the camera
ASLANT = 0.3  # share believed of what falls off sideways: that is often hair or clothes
PLAIN = 0.1  # nats left by the fit below which the subject is plain, and all of it believed
RIDGE = np.array(
    [0.1, 1, 1, 0.1, 1, 1]
)  # facing the camera is believed first: most light is frontal


def fit(
    display: Field, matte: Field, normals: tuple[Field, Field, Field], x: Field, y: Field
) -> Field:
    """(6,) the light already there, nats: over the subject's normal (x, y, z) and place (x, y),
    and what makes it 0 on the average of what is looked at: a face keeps its level.

    Iteratively reweighted least squares, Cauchy at half a nat, with a light ridge toward `USUAL`.
    """
    terms = np.stack([np.ones_like(x), *normals, x, y], -1).reshape(-1, 6).astype(np.float64)
    value = log_luma(display).ravel().astype(np.float64) - terms[:, 1:] @ USUAL
    weight = matte.ravel().astype(np.float64)
    if weight.sum() < 60:
        return np.zeros(6, np.float32)
    ridge = 0.02 * weight.sum() * np.diag(RIDGE)
    used, found, left = weight, np.zeros(6), weight
    for _ in range(4):
        weighted = terms * used[:, None]
        found = np.linalg.solve(weighted.T @ terms + ridge, weighted.T @ value)
        left = np.abs(value - terms @ found)
        used = weight / (1 + np.square(left / 0.5))
    plain = 1 / (1 + np.square((weight @ left) / (weight.sum() * PLAIN)) ** 2)
    believed = np.full(5, ASLANT + (1 - ASLANT) * plain)
    believed[2] = 1
    slopes = USUAL + believed * found[1:]
    seen = subject_weight(display, matte).ravel().astype(np.float64)
    average = seen @ (terms[:, 1:] @ slopes) / seen.sum()
    return np.append(slopes, -average).astype(np.float32)


def old_light(slopes: Field, normals: tuple[Field, Field, Field], x: Field, y: Field) -> Field:
    """(H, W) stops of existing light on the subject, 0 on the average."""
    nx, ny, nz = normals
    light = slopes[0] * nx + slopes[1] * ny + slopes[2] * nz + slopes[3] * x + slopes[4] * y
    light += slopes[5]
    return np.clip(light, -LIMIT, LIMIT) * np.float32(1 / np.log(2))
