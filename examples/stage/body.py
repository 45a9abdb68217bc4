"""The body of the person in the clips and what it wears, one surface; centimetres from the floor.

It looks along -y, up is z, +x is screen right.
"""

import numpy as np
from mathutils import Vector

from .shapes import capsule, ellipsoid, merge, ramp, ring, wrap
from .surface import blend, material, mesh_object

SHOULDER = {side: Vector((side * 15.2, 2, 136.5)) for side in (-1, 1)}
ELBOW = {side: Vector((side * 32, 2, 114)) for side in (-1, 1)}
WRIST = {side: Vector((side * 46, 0, 94)) for side in (-1, 1)}

LOW, HIGH, STEP = (-54, -16, 80), (54, 18, 152), 0.45  # of the grid the surface is found on
ROLLS = ((142.0, 6.6, 1.8), (144.2, 6.2, 1.5), (146.2, 5.8, 1.1))  # height, radius, thickness
LAPELS = ((139.6, 6.0, 2.0), (141.6, 5.6, 1.7), (143.2, 5.2, 1.2))


def dressed_body(look):
    """Mesh, points at rest (N, 3), and how much each part moves them: torso, then two per arm."""
    points, quads = wrap(lambda p: _cloth(p, look), LOW, HIGH, STEP)
    p = points.T.astype(np.float32)
    parts = [_torso(p), *(part for side in (-1, 1) for part in _arm(p, side))]
    weights = np.stack([1 / np.maximum(d + 2.5, 0.4) ** 4 for d in parts], 1)
    weights /= weights.sum(1, keepdims=True)
    worn = material("suit", 0.75, fabric=0.9) if look.suit else material("knit", 0.85, fabric=0.35)
    return mesh_object("body", points, quads, _colour(p, look), worn), points, weights


def _arm(p, side):
    upper = capsule(p, SHOULDER[side], ELBOW[side], 5.4, 4.6)
    fore = capsule(p, ELBOW[side], WRIST[side], 4.6, 3.7)
    return upper, fore


def _torso(p):
    d = ellipsoid(p, (0, 1, 124), (14.6, 10.3, 18))
    d = merge(d, ellipsoid(p, (0, 1, 104), (13.4, 9.8, 16)), 6)
    d = merge(d, ellipsoid(p, (0, 1, 90), (16.5, 11.5, 14)), 6)
    for s in (-1, 1):
        d = merge(d, capsule(p, (s * 12.2, 2, 136.4), (s * 5, 3, 143), 5.2, 3.8), 4)
    return d


def _cloth(p, look):
    x, _, z = p
    d = _jacket(p) if look.suit else _collar(_torso(p), p, ROLLS, 2.2)
    for side in (-1, 1):
        d = _sleeve(d, p, side, 0.25 if look.suit else 0.4)
    waist = np.exp(-(((z - 106) / 10) ** 2)) * ramp(16 - np.abs(x), -2, 2)
    return d + waist * 0.3 * np.sin(0.75 * z + 0.25 * x + 1.2 * np.sin(0.22 * x))


def _jacket(p):
    x, y, z = p
    opening = ramp(z - 116 - 2.2 * np.abs(x), 0, 1.6) * (y < 4) * ramp(9 - np.abs(x), 0, 1)
    slant = p - np.stack([0 * x, 0 * y, 0.25 * y])
    return _collar(_torso(p) - 0.7 + 1.3 * opening, slant, LAPELS, 2.6)


def _collar(d, p, rings, back):
    for height, radius, thickness in rings:
        d = merge(d, ring(p, (0, back, height), radius, thickness), 1.0)
    return d


def _sleeve(d, p, side, folds):
    x, y, _ = p
    upper, fore = _arm(p, side)
    d = merge(d, upper, 5)
    d = merge(d, fore, 1.5)
    cuff = WRIST[side] + 0.14 * (ELBOW[side] - WRIST[side])
    d = merge(d, capsule(p, WRIST[side], cuff, 4.1, 4.1), 0.5)
    length = np.array((WRIST[side] - SHOULDER[side]).normalized(), np.float32)
    along = np.tensordot(length, p - np.reshape(SHOULDER[side], (3, 1, 1, 1)), 1)
    near = np.exp(-(((along - 25) / 11) ** 2)) * ramp(side * x, 15, 20)
    return d + near * folds * np.sin(1.15 * along + 0.35 * y + 0.8 * np.sin(0.3 * y + 0.4 * x))


def _colour(p, look):
    x, y, z = p
    colour = np.tile(look.cloth, (len(x), 1))
    if look.stripe:
        upward = z + 0.72 * np.maximum(np.abs(x) - 15, 0)
        colour = blend(colour, look.stripe, ramp(np.abs((upward / 7) % 1 - 0.5), 0.30, 0.33))
    if look.suit:
        shirt = ramp(z - 116 - 2.2 * np.abs(x), 0.6, 1.4) * (y < 4) * ramp(9 - np.abs(x), 0, 0.5)
        shirt = np.maximum(shirt, (z - 0.25 * y > 140.4) * (np.hypot(x, y - 2.6) < 7.4))
        tie = (np.abs(x) < 1.4 + 0.07 * np.maximum(140 - z, 0)) * (y < -3) * (z < 142.5)
        colour = blend(colour, (0.62, 0.62, 0.64), shirt)
        colour = blend(colour, (0.16, 0.02, 0.03), tie * shirt)
    return colour
