"""Furniture, pots and trees. Sizes in metres, standing where they are told to."""

import bpy
import numpy as np
from mathutils import Matrix, Vector

from .shapes import ellipsoid, merge, ramp, wrap
from .surface import material, mesh_object


def _add(name, points, quads, colour, roughness, **more):
    return mesh_object(
        name,
        np.asarray(points) * 100,
        np.asarray(quads),
        np.broadcast_to(colour, (len(points), 3)),
        material(name, roughness, **more),
    )


def block(centre, half, colour, roughness, **more):
    corner = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    thing = _add("block", corner * half, quads, colour, roughness, **more)
    thing.data.polygons.foreach_set("use_smooth", np.zeros(6, bool))
    thing.location = centre
    bevel = thing.modifiers.new("edge", "BEVEL")
    bevel.width, bevel.segments = min(0.004, 0.3 * min(half)), 2
    bpy.context.view_layer.update()
    return thing


def _grid(us, vs, surface):
    """A sheet: surface(u, v) -> x, y, z."""
    u, v = (m.ravel() for m in np.meshgrid(us, vs, indexing="ij"))
    n = len(vs)
    i, j = (m.ravel() for m in np.meshgrid(np.arange(len(us) - 1), np.arange(n - 1), indexing="ij"))
    quads = np.c_[i * n + j, (i + 1) * n + j, (i + 1) * n + j + 1, i * n + j + 1]
    return np.stack(np.broadcast_arrays(*surface(u, v)), 1), quads


def _lathe(profile, colour, roughness, **more):
    """Turns (radius, height) pairs round the z axis."""
    profile = np.array(profile, float)
    steps = np.linspace(0, len(profile) - 1, 12 * len(profile))
    knots = np.arange(len(profile))
    radius, height = (np.interp(steps, knots, profile[:, i]) for i in (0, 1))
    smooth = np.hanning(15) / np.hanning(15).sum()
    radius = np.r_[
        radius[:1], np.convolve(np.pad(radius, 7, "edge"), smooth, "valid")[1:-1], radius[-1:]
    ]
    points, quads = _grid(
        np.linspace(0, 2 * np.pi, 65),
        np.arange(len(steps)),
        lambda a, i: (
            radius[i.astype(int)] * np.cos(a),
            radius[i.astype(int)] * np.sin(a),
            height[i.astype(int)],
        ),
    )
    return _add("lathe", points, quads, colour, roughness, **more)


def ball(centre, radius, colour):
    points, quads = wrap(
        lambda p: ellipsoid(p, (0, 0, 0), (1, 1, 0.94)), (-1.2,) * 3, (1.2,) * 3, 0.06
    )
    thing = _add("ball", points * radius, quads, colour, 0.35, grain=0.4)
    thing.location = centre
    bpy.context.view_layer.update()
    return thing


def walls(colour, depth):
    block((0, depth + 0.05, 1.5), (4.5, 0.05, 1.5), colour, 0.9, grain=3.0)
    block((0, 0, -0.05), (4.5, 4, 0.05), (0.20, 0.11, 0.06), 0.5)
    block((0, depth - 0.01, 0.06), (4.5, 0.01, 0.06), (0.6, 0.58, 0.54), 0.5)


def bookcase(rng, foot):
    x, y, _ = foot
    wood, wide, deep, tall = (0.24, 0.13, 0.065), 0.46, 0.16, 1.02
    for side in (-1, 1):
        block((x + side * wide, y, tall), (0.015, deep, tall), wood, 0.5)
    block((x, y + deep, tall), (wide, 0.008, tall), (0.15, 0.08, 0.04), 0.6)
    for shelf in np.arange(0.35, 2.1, 0.335):
        block((x, y, shelf), (wide - 0.014, deep - 0.003, 0.012), wood, 0.5)
        at = x - wide + 0.03
        while at < x + wide - 0.08:
            if rng.random() < 0.12:
                at += rng.uniform(0.05, 0.12)
                continue
            half, high = rng.uniform(0.010, 0.026), rng.uniform(0.09, 0.14)
            hue = rng.choice([0.02, 0.05, 0.09, 0.35, 0.55, 0.6, 0.95], 1)[0] + rng.uniform(
                -0.02, 0.02
            )
            book = _colour(hue, rng.uniform(0.25, 0.8), rng.uniform(0.06, 0.45))
            block((at + half, y + 0.02, shelf + 0.012 + high), (half * 0.94, 0.10, high), book, 0.6)
            if rng.random() < 0.5:
                label = (at + half, y - 0.0805, shelf + 0.012 + high * rng.uniform(1.2, 1.5))
                block(label, (half * 0.7, 0.001, 0.012), (0.55, 0.48, 0.30), 0.6)
            at += 2 * half + 0.002


def _colour(hue, saturation, value):
    wheel = np.clip(np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
    return value * (1 - saturation + saturation * wheel)


def picture(rng, centre, half_width, half_height):
    """A framed abstract print."""
    x, y, z = centre
    block((x, y, z), (half_width, 0.012, half_height), (0.05, 0.035, 0.025), 0.4)
    block(
        (x, y - 0.004, z), (half_width - 0.02, 0.012, half_height - 0.02), (0.62, 0.60, 0.55), 0.8
    )
    w, h = half_width - 0.075, half_height - 0.075

    def print_colour(u, v):
        base = np.stack([0.50 - 0.1 * v, 0.40 - 0.05 * v, 0.28 + 0.05 * v], 1)
        for _ in range(5):
            a, b, r = rng.uniform(-0.7, 0.7), rng.uniform(-0.7, 0.7), rng.uniform(0.25, 0.6)
            disc = np.hypot((u - a) * w, (v - b) * h) < r * min(w, h)
            base[disc] = _colour(rng.choice([0.03, 0.1, 0.52, 0.6]), 0.75, rng.uniform(0.1, 0.5))
        return base

    points, quads = _grid(
        np.linspace(-1, 1, 321),
        np.linspace(-1, 1, 321),
        lambda u, v: (x + u * w, y - 0.0175, z + v * h),
    )
    u, v = (points[:, 0] - x) / w, (points[:, 2] - z) / h
    _add("print", points, quads, print_colour(u, v), 0.8)


def sideboard(foot):
    x, y = foot
    block((x, y, 0.87), (0.72, 0.22, 0.025), (0.26, 0.15, 0.08), 0.4)
    block((x, y, 0.48), (0.70, 0.20, 0.36), (0.34, 0.33, 0.30), 0.6)


def vase(foot, colour, size=1.0):
    profile = [
        (0.0, 0.0),
        (0.055, 0.0),
        (0.095, 0.07),
        (0.10, 0.12),
        (0.055, 0.19),
        (0.035, 0.23),
        (0.05, 0.25),
        (0.042, 0.25),
        (0.028, 0.22),
        (0.0, 0.10),
    ]
    thing = _lathe(np.array(profile) * size, colour, 0.28)
    thing.location = foot
    bpy.context.view_layer.update()
    return thing


def plant(rng, foot):
    pot = _lathe(
        [
            (0.0, 0.0),
            (0.075, 0.0),
            (0.095, 0.10),
            (0.11, 0.17),
            (0.10, 0.17),
            (0.09, 0.13),
            (0, 0.13),
        ],
        (0.50, 0.47, 0.42),
        0.6,
    )
    pot.location = foot
    leaves(rng, Vector(foot) + Vector((0, 0, 0.13)), 26, 0.42)


def leaves(rng, root, count, reach):
    leaves = []
    for _ in range(count):
        turn, rise, length = (
            rng.uniform(0, 2 * np.pi),
            rng.uniform(0.7, 1.4),
            reach * rng.uniform(0.6, 1.1),
        )
        drop, wide = rng.uniform(0.2, 0.7), rng.uniform(0.10, 0.15) * reach

        def surface(u, v, rise=rise, length=length, drop=drop, wide=wide):
            blade = wide * np.maximum(np.sin(np.pi * np.clip((u - 0.25) / 0.75, 0, 1)) ** 0.8, 0.03)
            out = length * u * np.cos(rise) + 0.02
            return (
                out,
                v * blade,
                length * (u * np.sin(rise) - 0.35 * drop * u**3) + 0.5 * blade * np.abs(v),
            )

        points, quads = _grid(np.linspace(0, 1, 25), np.linspace(-1, 1, 7), surface)
        green = _colour(rng.uniform(0.26, 0.34), 0.7, rng.uniform(0.12, 0.26))
        leaf = _add("leaf", points, quads, green, 0.45)
        leaf.matrix_world = Matrix.Translation(Vector(root)) @ Matrix.Rotation(turn, 4, "Z")
        leaves.append(leaf)
    return leaves


def curtain(foot, colour):
    x, y = foot
    points, quads = _grid(
        np.linspace(-0.55, 0.55, 260),
        np.linspace(0, 2.6, 20),
        lambda u, v: (x + u, y + 0.045 * np.sin(38 * u + 1.5 * np.sin(5 * u) + 0.15 * v), v),
    )
    _add("curtain", points, quads, colour, 0.9, grain=0.4)


def ground_height(x, y):
    roll = 0.25 * np.sin(0.35 * x + 0.8) * np.sin(0.28 * y)
    far = ramp(np.asarray(y, float), 14, 60) * (
        5.5 + 3.2 * np.sin(0.11 * x + 0.6) + 1.3 * np.sin(0.27 * x + 2 + 0.05 * y)
    )
    return roll * ramp(np.asarray(y, float), 0, 3) + far


def hills(rng):
    points, quads = _grid(
        np.linspace(-60, 60, 400),
        np.r_[np.linspace(-6, 12, 200), np.linspace(12.3, 75, 160)],
        lambda x, y: (x, y, ground_height(x, y)),
    )
    x, y = points[:, 0], points[:, 1]
    points[:, 2] += 0.035 * rng.standard_normal(len(points)) * ramp(y, 0.5, 4)
    patch = 0.5 + 0.5 * np.sin(0.9 * x + np.sin(0.7 * y)) * np.sin(0.5 * y + np.sin(1.1 * x))
    grass = np.outer(1 - patch, (0.10, 0.16, 0.045)) + np.outer(patch, (0.20, 0.20, 0.07))
    grass *= rng.uniform(0.75, 1.25, (len(points), 1))
    haze = ramp(y, 15, 70)[:, None]
    _add("ground", points, quads, grass * (1 - haze) + haze * (0.26, 0.34, 0.42), 0.95)


def tree(rng, foot, size):
    blobs = [
        (
            rng.uniform(-0.55, 0.55),
            rng.uniform(-0.55, 0.55),
            rng.uniform(1.4, 2.9),
            rng.uniform(0.4, 0.75),
        )
        for _ in range(11)
    ]

    def crown(p):
        d = np.full(p.shape[1:], 9.0, np.float32)
        for x, y, z, r in blobs:
            d = merge(d, ellipsoid(p, (x, y, z), (r, r, 0.85 * r)), 0.15)
        return d + 0.07 * np.sin(11 * p[0] + 2 * p[2]) * np.sin(12 * p[1]) * np.sin(10 * p[2])

    points, quads = wrap(crown, (-1.6, -1.6, 0.5), (1.6, 1.6, 3.9), 0.06)
    green = np.array((0.07, 0.13, 0.035)) * rng.uniform(0.6, 1.4, (len(points), 1))
    leaves = mesh_object("crown", points * 100 * size, quads, green, material("crown", 0.8))
    leaves.location = foot
    trunk = _lathe(
        np.array([(0.16, 0), (0.11, 0.6), (0.09, 1.8)]) * size, (0.10, 0.065, 0.045), 0.9
    )
    trunk.location = foot
