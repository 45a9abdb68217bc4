"""The person in the clips: modelled from distance fields in centimetres, posed frame by frame.

The face looks along -y, up is z, +x is screen right.
"""

from dataclasses import dataclass

import numpy as np
from mathutils import Matrix, Vector

from .body import ELBOW, SHOULDER, WRIST, dressed_body
from .shapes import box, capsule, cut, ellipsoid, merge, ramp, wrap
from .surface import CM, blend, material, mesh_object

HEAD = Vector((0, 0, 159.5))  # the middle of the skull, from the floor
NECK = Vector((0, 2, 145))
HIPS = Vector((0, 1, 95))
EYE, EYE_RADIUS = (3.15, -7.35, -1.1), 1.55


@dataclass(frozen=True)
class Look:
    skin: tuple[float, float, float]  # all colours: linear reflectance
    lips: tuple[float, float, float]
    hair: tuple[float, float, float]
    iris: tuple[float, float, float]
    cloth: tuple[float, float, float]
    style: str = "bob"  # bob, short, bun
    suit: bool = False
    stripe: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Pose:
    turn: float = 0  # of the body, degrees, + to screen right
    lean: float = 0  # sideways, degrees
    head_turn: float = 0
    head_nod: float = 0
    head_tilt: float = 0
    # The arm at screen left reaches towards these; they need not be an arm's length apart.
    elbow: tuple = (-30, -2, 114)
    wrist: tuple = (-33, -14, 94)
    fingers: tuple = (0, -0.2, -1)  # where they point
    palm: tuple = (1, 0, 0)  # where the palm looks
    other_elbow: tuple = (31, 4, 113)
    other_wrist: tuple = (31, -6, 90)


class Figure:
    """Builds the meshes once; `pose` moves them."""

    def __init__(self, look: Look):
        head, hair, brows = _head(look)
        self.rigid = [head, hair, brows, *(_eye(look, side) for side in (-1, 1))]
        self.hand = _hand(look)
        self.body, self.rest, self.weights = dressed_body(look)
        self.objects = [*self.rigid, self.hand, self.body]

    def pose(self, pose: Pose):
        body = _about(HIPS, "Z", pose.turn) @ _about(HIPS, "Y", pose.lean)
        head = body @ _about(NECK, "Z", pose.head_turn) @ _about(NECK, "X", pose.head_nod)
        head = head @ _about(NECK, "Y", pose.head_tilt)
        bones = [body]
        for side, elbow, wrist in (
            (-1, pose.elbow, pose.wrist),
            (1, pose.other_elbow, pose.other_wrist),
        ):
            upper = _aim(SHOULDER[side], ELBOW[side], SHOULDER[side], Vector(elbow))
            fore = _aim(ELBOW[side], WRIST[side], upper @ ELBOW[side], Vector(wrist))
            bones += [body @ upper, body @ fore]
            if side < 0:
                hand = fore @ WRIST[side]
        points = np.c_[self.rest, np.ones(len(self.rest))]
        moved = sum(
            w[:, None] * (points @ np.array(m).T)[:, :3]
            for w, m in zip(self.weights.T, bones, strict=True)
        )
        self.body.data.vertices.foreach_set("co", (moved * CM).astype(np.float32).ravel())
        self.body.data.update()

        for part in self.rigid:
            part.matrix_world = _metres(head @ Matrix.Translation(HEAD))
        up = Vector(pose.fingers).normalized()
        front = Vector(pose.palm)
        front = (front - front.dot(up) * up).normalized()
        turn = Matrix((up.cross(front), -front, up)).transposed().to_4x4()
        self.hand.matrix_world = _metres(body @ Matrix.Translation(hand) @ turn)


def _head(look):
    def lids(p, side):
        x, y, z = EYE
        shell = ellipsoid(p, (side * x, y, z), (EYE_RADIUS + 0.2,) * 3)
        return shell, ellipsoid(p, (side * x, y - 1.6, z - 0.12), (1.42, 2.0, 0.62))

    def face(p):
        d = ellipsoid(p, (0, 1, 2), (7.4, 9.2, 8.6))
        d = merge(d, ellipsoid(p, (0, -2.6, -4.2), (6.1, 6.0, 7.5)), 3)
        d = merge(d, ellipsoid(p, (0, -5.9, -10.4), (2.7, 2.5, 2.1)), 3.5)
        d = merge(d, capsule(p, (0, 2.2, -8), (0, 3.4, -22), 4.6, 5.2), 2)
        for s in (-1, 1):
            d = merge(d, ellipsoid(p, (s * 3.7, -5.7, -4.6), (2.5, 2.4, 2.3)), 2.5)
            d = merge(d, capsule(p, (s * 1.4, -7.8, 1.3), (s * 5, -6.0, 1.2), 0.8, 0.7), 1.6)
            d = cut(d, ellipsoid(p, (s * 3.2, -9.2, -1.1), (1.9, 1.5, 1.3)), 1.6)
            ear = ellipsoid(p, (s * 7.5, 0.8, -1.6), (0.8, 1.8, 2.9))
            d = merge(d, cut(ear, ellipsoid(p, (s * 8.3, 0.3, -1.4), (0.7, 1.1, 1.9)), 0.6), 0.7)
        d = merge(d, capsule(p, (0, -7.9, 0.4), (0, -9.7, -3.6), 0.6, 0.85), 1.2)
        d = merge(d, ellipsoid(p, (0, -9.9, -3.9), (1.05, 1.05, 0.9)), 0.8)
        for s in (-1, 1):
            d = merge(d, ellipsoid(p, (s * 1.0, -9.0, -4.3), (0.62, 0.9, 0.6)), 0.6)
            shell, opening = lids(p, s)
            d = cut(merge(d, shell, 0.5), opening, 0.12)
        smile = p - np.stack([0 * p[0], 0.12 * p[0] ** 2, 0.1 * p[0] ** 2])
        d = merge(d, ellipsoid(smile, (0, -7.9, -6.95), (2.2, 0.85, 0.5)), 0.5)
        d = merge(d, ellipsoid(smile, (0, -7.8, -7.85), (1.9, 0.9, 0.6)), 0.5)
        return cut(d, ellipsoid(smile, (0, -9.0, -7.36), (2.5, 0.9, 0.1)), 0.25)

    points, quads = wrap(face, (-9, -12, -22), (9, 11, 11.5), 0.16)
    p = points.T
    smile_z = p[2] - 0.1 * p[0] ** 2
    mouth = np.hypot(p[0] / 2.25, (smile_z + 7.4) / np.where(smile_z > -7.4, 0.8, 1.0))
    lips = (1 - ramp(mouth, 0.85, 1.05)) * (p[1] < -6)
    blush = sum(
        np.exp(-(((p - np.array([[s * 4.3], [-6.5], [-4.6]])) / 2.0) ** 2).sum(0)) for s in (-1, 1)
    )
    lash = 0
    for s in (-1, 1):
        shell, opening = lids(p.astype(np.float32), s)
        near_edge = (np.abs(opening) < 0.16) & (p[2] > EYE[2] - 0.1) & (shell < 0.3)
        lash = np.maximum(lash, near_edge * 0.85)
    colour = np.array(look.skin) * (1 + blush[:, None] * (0.10, -0.10, -0.10))
    colour = blend(colour, look.lips, lips)
    colour = blend(colour, np.array(look.hair) * 0.5, lash)
    head = mesh_object("head", points, quads, colour, material("skin", 0.5, grain=0.25))

    hair = _hair(look)

    def arcs(p):
        d = np.full(p.shape[1:], 9.0, np.float32)
        for s in (-1, 1):
            knots = [(s * 1.6, -8.65, 1.75), (s * 3.5, -8.1, 2.05), (s * 5.3, -6.7, 1.3)]
            d = np.minimum(d, capsule(p, knots[0], knots[1], 0.36, 0.36))
            d = np.minimum(d, capsule(p, knots[1], knots[2], 0.36, 0.16))
        return d

    points, quads = wrap(arcs, (-6, -10, 0), (6, -5, 3), 0.1)
    brows = mesh_object(
        "brows", points, quads, np.tile(look.hair, (len(points), 1)), material("hair", 0.42)
    )
    return head, hair, brows


def _hair(look):
    def locks(p, depth):
        x, y, z = p
        around = np.arctan2(y - 2, x)
        fade = ramp(np.hypot(x, y - 2), 1, 6) * depth
        return fade * (
            0.17 * np.sin(17 * around + 0.25 * z) + 0.1 * np.sin(41 * around - 0.4 * z + 1)
        )

    def bob(p):
        d = ellipsoid(p, (0, 1.6, 2.2), (8.6, 10.2, 9.7))
        for s in (-1, 1):
            d = merge(d, ellipsoid(p, (s * 6.4, 1.2, -5.0), (2.9, 5.6, 8.6)), 2.5)
        d = merge(d, ellipsoid(p, (0, 5.5, -4.5), (7.6, 5.5, 8.6)), 3)
        d = cut(d, ellipsoid(p, (0, -11, -4.6), (5.7, 9.6, 10.2)), 1.0)
        d = cut(d, ellipsoid(p, (0, -4, -18), (5.5, 9, 8)), 1.0)
        part = (-3.0, -5.0, 9.0)
        fringe = capsule(p, part, (3.2, -7.5, 6.2), 1.5, 1.5)
        fringe = merge(fringe, capsule(p, (3.2, -7.5, 6.2), (7.5, -3.0, -1.5), 1.5, 1.5), 1.5)
        fringe = merge(fringe, capsule(p, part, (-7.6, -2.6, -1.0), 1.5, 1.1), 1.2)
        combed = (
            0.12
            * ramp(p[2], 2, 5)
            * np.sin(4.2 * (p[2] + 0.55 * np.abs(p[0] + 3) + 0.03 * p[0] ** 2))
        )
        d = merge(d - locks(p, 1), fringe - combed, 1.5)
        for s in (-1, 1):
            d = cut(d, ellipsoid(p, (s * 4.6, -8, -0.9), (2.5, 4.2, 3.2)), 0.4)
        return d

    def short(p):
        d = ellipsoid(p, (0, 1.6, 3.4), (8.1, 9.6, 8.5))
        d = cut(d, ellipsoid(p, (0, -10.5, -1.5), (6.4, 6.2, 7.6)), 0.8)
        d = cut(d, box(p, (0, 0, -16), (12, 14, 12.5), 1), 0.8)
        for s in (-1, 1):
            d = cut(d, ellipsoid(p, (s * 8, 0.2, -2.4), (2.2, 2.6, 3.6)), 0.6)
        d = merge(d, capsule(p, (-4.5, -5.0, 9.4), (4.5, -5.6, 9.0), 2.0, 1.7), 2)
        return (
            d - locks(p, 0.8) - 0.08 * np.sin(1.9 * p[0]) * np.sin(1.7 * p[1]) * np.sin(1.8 * p[2])
        )

    def bun(p):
        d = ellipsoid(p, (0, 1.6, 2.6), (8.0, 9.8, 9.0))
        d = cut(d, ellipsoid(p, (0, -10.8, -2.6), (6.2, 6.6, 8.2)), 0.9)
        d = cut(d, box(p, (0, -2, -17), (12, 10, 12), 1), 0.8)
        for s in (-1, 1):
            d = cut(d, ellipsoid(p, (s * 8, 0.2, -2.6), (2.0, 2.6, 3.6)), 0.6)
        return merge(
            d - locks(p, 0.6), ellipsoid(p, (0, 7.5, 10.5), (4.4, 4.2, 4.2)) - locks(p, 1), 0.8
        )

    field = {"bob": bob, "short": short, "bun": bun}[look.style]
    points, quads = wrap(field, (-11, -12, -16), (11, 14, 16), 0.2)
    shade = (
        0.85
        + 0.3 * np.sin(7 * np.arctan2(points[:, 1] - 2, points[:, 0]) + 0.2 * points[:, 2]) ** 2
    )
    return mesh_object("hair", points, quads, shade[:, None] * look.hair, material("hair", 0.42))


def _eye(look, side):
    polar = np.radians(np.r_[0:14:4j, 15, 22, 28, 32, 33, 40:180:30j])
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    a, t = (m.ravel() for m in np.meshgrid(polar, turn, indexing="ij"))
    points = (
        np.array(EYE) * (side, 1, 1)
        + EYE_RADIUS * np.c_[np.sin(a) * np.cos(t), -np.cos(a), np.sin(a) * np.sin(t)]
    )
    i, j = np.meshgrid(np.arange(len(polar) - 1), np.arange(48), indexing="ij")
    i, j, k = i.ravel(), j.ravel(), (j.ravel() + 1) % 48
    quads = np.c_[i * 48 + j, i * 48 + k, (i + 1) * 48 + k, (i + 1) * 48 + j]
    colour = np.where(a[:, None] < np.radians(32.5), look.iris, (0.50, 0.48, 0.45))
    colour = np.where(a[:, None] < np.radians(14.5), (0.008, 0.008, 0.008), colour)
    return mesh_object("eye", points, quads, colour, material("eye", roughness=0.12))


def _hand(look):
    """The wrist is at the origin, fingers point to +z, the palm looks along -y."""

    def field(p):
        d = capsule(p, (0, 0.3, -2.5), (0, 0.2, 1.5), 2.6, 2.4)
        d = merge(d, box(p, (0, 0, 5), (3.9, 1.35, 4.2), 1.25), 2.5)
        for x, length, bend in (
            (-3.0, 5.6, 1.5),
            (-1.05, 7.2, 1.2),
            (0.95, 7.9, 1.1),
            (2.9, 7.2, 1.0),
        ):
            knee = (x * 1.12, -0.25 * bend, 8.3 + 0.5 * length)
            tip = (x * 1.2, -1.2 * bend, 8.3 + 0.96 * length)
            d = merge(d, capsule(p, (x, 0, 7.6), knee, 0.98, 0.88), 0.7)
            d = merge(d, capsule(p, knee, tip, 0.88, 0.7), 0.3)
        d = merge(d, capsule(p, (2.6, -0.4, 2.4), (5.0, -1.4, 5.6), 1.5, 1.05), 1.4)
        return merge(d, capsule(p, (5.0, -1.4, 5.6), (6.2, -2.2, 8.6), 1.05, 0.8), 0.3)

    points, quads = wrap(field, (-6, -6, -11), (9, 5, 18), 0.2)
    return mesh_object(
        "hand",
        points,
        quads,
        np.tile(look.skin, (len(points), 1)),
        material("skin", 0.5, grain=0.25),
    )


def _about(pivot, axis, degrees):
    return (
        Matrix.Translation(pivot)
        @ Matrix.Rotation(np.radians(degrees), 4, axis)
        @ Matrix.Translation(-pivot)
    )


def _aim(rest_a, rest_b, a, b):
    """Carries the segment a bone rests on to the one it is posed on."""
    turn = (rest_b - rest_a).rotation_difference(b - a).to_matrix().to_4x4()
    return Matrix.Translation(a) @ turn @ Matrix.Translation(-rest_a)


def _metres(matrix):
    scaled = matrix.copy()
    scaled.translation = matrix.translation * CM
    return scaled
