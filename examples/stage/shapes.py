"""Solid shapes as distance fields, and the mesh that wraps one.

Distances are in the unit of the points, negative inside. Fields take points as one (3, ...) array.
"""

import numpy as np


def ellipsoid(p, centre, radii):
    q = (p - _column(centre, p)) / _column(radii, p)
    length = np.sqrt((q * q).sum(0))
    slope = np.sqrt(((q / _column(radii, p)) ** 2).sum(0))
    return length * (length - 1) / np.maximum(slope, 1e-6)


def capsule(p, a, b, radius_a, radius_b):
    a, b = np.asarray(a, np.float32), np.asarray(b, np.float32)
    along = np.tensordot(b - a, p - _column(a, p), 1) / ((b - a) @ (b - a))
    along = np.clip(along, 0, 1)
    nearest = _column(a, p) + along * _column(b - a, p)
    return np.sqrt(((p - nearest) ** 2).sum(0)) - (radius_a + (radius_b - radius_a) * along)


def ring(p, centre, radius, thickness):
    """A torus lying flat."""
    x, y, z = p - _column(centre, p)
    return np.hypot(np.hypot(x, y) - radius, z) - thickness


def box(p, centre, half, rounding):
    q = np.abs(p - _column(centre, p)) - (_column(half, p) - rounding)
    return np.sqrt((np.maximum(q, 0) ** 2).sum(0)) + np.minimum(q.max(0), 0) - rounding


def merge(a, b, blend):
    """Union with a fillet `blend` wide."""
    h = np.maximum(blend - np.abs(a - b), 0) / blend
    return np.minimum(a, b) - h * h * blend / 4


def cut(a, b, blend):
    """What is in `a` but not in `b`."""
    return -merge(-a, b, blend)


def ramp(x, low, high):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def wrap(field, low, high, step):
    """Surface nets, one vertex per cell the surface crosses: vertices (N, 3), quads (M, 4)."""
    axes = [np.arange(a, b, step, dtype=np.float32) for a, b in zip(low, high, strict=True)]
    d = field(np.stack(np.meshgrid(*axes, indexing="ij")))
    inside = (d < 0).astype(np.int8)
    corners = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    size = np.array(d.shape) - 1
    filled = sum(inside[i : size[0] + i, j : size[1] + j, k : size[2] + k] for i, j, k in corners)
    cells = np.argwhere((filled > 0) & (filled < 8))

    total, crossings = np.zeros((len(cells), 3)), np.zeros(len(cells))
    for axis in range(3):
        for corner in (c for c in corners if c[axis] == 0):
            start = cells + corner
            stop = start + np.eye(3, dtype=int)[axis]
            a, b = d[tuple(start.T)], d[tuple(stop.T)]
            crossed = (a < 0) != (b < 0)
            where = np.where(crossed, a / np.where(crossed, a - b, 1), 0)
            total += crossed[:, None] * np.array(corner) + where[:, None] * np.eye(3)[axis]
            crossings += crossed
    vertices = (cells + total / crossings[:, None]) * step + np.array([a[0] for a in axes])

    index = np.full(size, -1)
    index[tuple(cells.T)] = np.arange(len(cells))
    quads = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        a, b = np.moveaxis(inside, axis, 0)[:-1], np.moveaxis(inside, axis, 0)[1:]
        edges = np.argwhere(a != b)
        order = np.argsort([axis] + [i for i in range(3) if i != axis])
        edges = edges[:, order]
        ring_of_cells = []
        for du, dv in ((-1, -1), (0, -1), (0, 0), (-1, 0)):
            cell = edges.copy()
            cell[:, u] += du
            cell[:, v] += dv
            ring_of_cells.append(index[tuple(cell.T)])
        quad = np.stack(ring_of_cells, 1)
        outward = inside[tuple(edges.T)] == 1
        quads.append(np.where(outward[:, None], quad, quad[:, ::-1]))
    return vertices, np.concatenate(quads)


def _column(vector, p):
    return np.asarray(vector, np.float32).reshape((3,) + (1,) * (p.ndim - 1))
