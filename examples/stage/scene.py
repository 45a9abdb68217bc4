"""The sets: what stands before the camera, how it moves, how the clip was lit when "shot".

`room` is the committed sample; the others exist so that no engine is tuned on one picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix, Vector

from . import people
from .figure import Figure, Pose
from .lamps import Lamp
from .props import (
    ball,
    block,
    bookcase,
    curtain,
    ground_height,
    hills,
    leaves,
    picture,
    plant,
    sideboard,
    tree,
    vase,
    walls,
)
from .shapes import ramp


@dataclass
class Scene:
    subject: list  # objects in the matte
    aim: Vector  # what the camera looks at and lamps are placed around, metres
    camera: bpy.types.Object
    pose: Callable[[float], None]  # seconds -> the scene at that moment
    source: Lamp  # how the clip was lit when "shot"
    outdoors: bool = False  # lamps are suns: no falloff


def build(name: str) -> Scene:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return SCENES[name]()


def room() -> Scene:
    rng = np.random.default_rng(4)
    figure = Figure(people.ROOM)
    walls((0.46, 0.39, 0.30), depth=1.9)
    bookcase(rng, (0.82, 1.62, 0.0))
    picture(rng, (-0.62, 1.87, 1.62), 0.26, 0.34)
    sideboard((-0.95, 1.6))
    plant(rng, (-1.02, 1.55, 0.92))
    vase((-0.55, 1.55, 0.92), (0.45, 0.16, 0.07))
    curtain((1.85, 1.7), (0.42, 0.36, 0.28))
    camera = _camera(eye=(0.06, -2.3, 1.5), target=(0.07, 0, 1.40), degrees=34.5)

    def pose(t):
        lift = _ease(t, 0.3, 1.3) * (1 - 0.25 * _ease(t, 1.5, 2.2))
        wave = 3.0 * np.sin(4.2 * t) * lift
        return Pose(
            turn=-7 + 11 * _ease(t, 0, 2.0),
            lean=1.6 * np.sin(1.9 * t),
            head_turn=-13 + 24 * _ease(t, 0.1, 1.7),
            head_nod=2.5 - 3 * np.sin(2.2 * t),
            head_tilt=-4 + 6 * _ease(t, 0.4, 1.9),
            elbow=(-32 - 2 * lift, -4 - 3 * lift, 113 + 2 * lift),
            wrist=(-33 - 3 * lift + wave, -21 + 5 * lift, 126 + 10 * lift),
            fingers=(0.12 * wave + 0.05, -0.25, 1),
            palm=(0.75 - 0.3 * lift, -1, -0.1),
        )

    source = Lamp(14, 32, width=2.4, strength=1.25, ambient=0.3)
    return _person(figure, pose, 1.36, camera, source)


def bust() -> Scene:
    """Close on the face, plain wall, short hair. The source has a few clipped highlights."""
    figure = Figure(people.BUST)
    walls((0.34, 0.38, 0.42), depth=1.2)
    camera = _camera(eye=(0.0, -1.75, 1.60), target=(0.0, 0, 1.565), degrees=23)

    def pose(t):
        return Pose(
            turn=6 * np.sin(2 * t),
            head_turn=20 - 45 * _ease(t, 0, 0.65),
            head_nod=4 * np.sin(4 * t),
            head_tilt=3,
        )

    source = Lamp(-18, 40, width=1.6, strength=1.55, ambient=0.3)
    return _person(figure, pose, 1.55, camera, source)


def landscape() -> Scene:
    """Outdoors in hazy sun; the camera drifts. The sky is a picture: no lamp changes it."""
    rng = np.random.default_rng(11)
    figure = Figure(people.LANDSCAPE)
    hills(rng)
    for x, y, size in (
        (-2.0, 8, 0.6),
        (-3.2, 13, 0.8),
        (1.9, 10, 0.65),
        (3.6, 14, 0.8),
        (0.6, 22, 0.9),
        (-6.5, 20, 1.2),
    ):
        tree(rng, (x, y, ground_height(x, y)), size)
    camera = _camera(eye=(0.2, -3.4, 1.5), target=(-0.12, 0, 1.36), degrees=24)

    def pose(t):
        camera.location = (0.2 - 0.22 * t, -3.4, 1.5)
        return Pose(
            turn=18 - 16 * t,
            lean=1.5 * np.sin(5 * t),
            head_turn=-25 + 40 * _ease(t, 0, 0.7),
            elbow=(-30, -3, 114),
            wrist=(-27 + 6 * t, -17, 105),
            fingers=(0.7, -0.5, 0.2),
            palm=(0, 0.3, -1),
        )

    source = Lamp(20, 48, width=1.0, strength=1.0, ambient=0.3)
    return _person(figure, pose, 1.35, camera, source, outdoors=True)


def dark() -> Scene:
    """Dark skin and a dark suit before a mid-toned room."""
    rng = np.random.default_rng(23)
    figure = Figure(people.DARK)
    walls((0.20, 0.27, 0.25), depth=2.2)
    bookcase(rng, (-0.95, 1.9, 0.0))
    picture(rng, (0.72, 2.17, 1.62), 0.38, 0.28)
    plant(rng, (1.35, 1.6, 0.75))
    camera = _camera(eye=(-0.25, -2.3, 1.5), target=(-0.02, 0, 1.42), degrees=36)

    def pose(t):
        return Pose(
            turn=-12 + 20 * t,
            lean=-1.5 * np.sin(4 * t),
            head_turn=16 - 34 * _ease(t, 0, 0.6),
            head_nod=3 * np.sin(5 * t),
            wrist=(-26 + 10 * t, -22, 116 + 8 * t),
            elbow=(-31, -4, 113),
            fingers=(0.5, -0.5, 0.8),
            palm=(0.8, 0.2, -0.3),
        )

    source = Lamp(-10, 30, width=2.4, strength=0.95, ambient=0.25)
    return _person(figure, pose, 1.42, camera, source)


def still_life() -> Scene:
    """Not a person: things on a table, turning slowly."""
    rng = np.random.default_rng(31)
    walls((0.46, 0.40, 0.42), depth=1.0)
    top = block((0, 0, 0.73), (0.75, 0.42, 0.02), (0.22, 0.11, 0.05), 0.45)
    top.name = "table"
    block((0, 0.05, 0.36), (0.6, 0.3, 0.35), (0.18, 0.09, 0.04), 0.6)
    things = [
        vase((-0.06, 0.05, 0.75), (0.10, 0.22, 0.42), size=1.35),
        ball((0.19, -0.1, 0.80), 0.05, (0.62, 0.24, 0.03)),
        ball((0.26, 0.02, 0.80), 0.05, (0.55, 0.06, 0.03)),
        block((-0.28, 0.02, 0.775), (0.11, 0.08, 0.025), (0.45, 0.40, 0.30), 0.6),
        block((-0.29, 0.02, 0.815), (0.10, 0.075, 0.015), (0.07, 0.18, 0.10), 0.6),
        *leaves(rng, (-0.06, 0.05, 1.06), 18, 0.26),
    ]
    bench = [(thing, thing.matrix_world.copy()) for thing in things]
    camera = _camera(eye=(0.1, -1.6, 1.22), target=(0, 0, 0.98), degrees=34)

    def pose(t):
        for thing, rest in bench:
            thing.matrix_world = Matrix.Rotation(-0.3 + 0.9 * t, 4, "Z") @ rest

    return Scene(
        things,
        Vector((0, 0, 0.95)),
        camera,
        pose,
        source=Lamp(10, 38, width=2.0, strength=0.9, ambient=0.2),
    )


SCENES = {"sample": room, "bust": bust, "landscape": landscape, "dark": dark, "vase": still_life}


def _person(figure, pose, height, camera, source, outdoors=False):
    """A scene of `figure`, held at `pose(seconds)`; it is aimed at in the middle, metres up."""

    def move(t):
        figure.pose(pose(t))

    return Scene(figure.objects, Vector((0, 0, height)), camera, move, source, outdoors)


def _ease(t, start, stop):
    return float(ramp(t, start, stop))


def _camera(eye, target, degrees):
    lens = bpy.data.cameras.new("camera")
    lens.angle = np.radians(degrees)
    camera = bpy.data.objects.new("camera", lens)
    camera.matrix_world = (
        (Vector(target) - Vector(eye)).to_track_quat("-Z", "Y").to_matrix().to_4x4()
    )
    camera.location = eye
    bpy.context.scene.collection.objects.link(camera)
    bpy.context.scene.camera = camera
    return camera
