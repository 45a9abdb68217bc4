"""One lamp and a faint neutral ambient: the light of each clip."""

from dataclasses import dataclass
from math import cos, radians, sin

import bpy
import numpy as np
from mathutils import Vector


@dataclass(frozen=True)
class Lamp:
    azimuth: float  # degrees: 0 from the camera, +90 screen right, -90 screen left, 180 behind
    elevation: float  # degrees above the horizon
    width: float = 0.8  # of the square panel, metres
    distance: float = 3.0  # from what the camera looks at, metres
    strength: float = 1.0  # 1: a white card facing the lamp is exactly white
    ambient: float = 0.05  # what a white card lit by the neutral surroundings alone would be


TRUTH = {"left": Lamp(-70, 25), "right": Lamp(70, 25), "top": Lamp(0, 75)}


def switch_on(lamp: Lamp, aim: Vector, camera: Vector, outdoors: bool):
    for old in [o for o in bpy.data.objects if o.type == "LIGHT"]:
        bpy.data.objects.remove(old)
    light = bpy.data.lights.new("lamp", "SUN" if outdoors else "AREA")
    if outdoors:
        light.energy = np.pi * lamp.strength
        light.angle = 2 * np.arctan(lamp.width / 2 / lamp.distance)
    else:
        light.energy = np.pi**2 * lamp.distance**2 * lamp.strength
        light.size = lamp.width
    thing = bpy.data.objects.new("lamp", light)
    thing.visible_camera = False
    bpy.context.scene.collection.objects.link(thing)
    away = _direction(lamp, aim, camera)
    thing.matrix_world = away.to_track_quat("Z", "Y").to_matrix().to_4x4()
    thing.location = aim + lamp.distance * away
    _surroundings(lamp.ambient, outdoors)


def _direction(lamp: Lamp, aim: Vector, camera: Vector) -> Vector:
    """From the aim towards the lamp, in the world."""
    toward = camera - aim
    toward.z = 0
    toward.normalize()
    right = Vector((-toward.y, toward.x, 0))
    azimuth, elevation = radians(lamp.azimuth), radians(lamp.elevation)
    flat = sin(azimuth) * right + cos(azimuth) * toward
    return cos(elevation) * flat + Vector((0, 0, sin(elevation)))


def _surroundings(ambient, sky):
    """Neutral light from all around; outdoors the camera alone sees a painted sky."""
    world = bpy.data.worlds.new("world")
    bpy.context.scene.world = world
    world.use_nodes = True
    nodes, link = world.node_tree.nodes, world.node_tree.links.new
    nodes["Background"].inputs["Color"].default_value = (ambient, ambient, ambient, 1)
    if not sky:
        return
    link(_sky(nodes, link), nodes["World Output"].inputs["Surface"])


def _sky(nodes, link):
    def node(kind, **settings):
        made = nodes.new("ShaderNode" + kind)
        for name, value in settings.items():
            made.inputs[name].default_value = value
        return made

    view = node("TexCoord").outputs["Generated"]
    height = node("SeparateXYZ")
    link(view, height.inputs[0])
    blue = node("ValToRGB")
    horizon, zenith = blue.color_ramp.elements
    horizon.position, horizon.color = 0.0, (0.62, 0.68, 0.72, 1)
    zenith.position, zenith.color = 0.45, (0.22, 0.38, 0.62, 1)
    link(height.outputs["Z"], blue.inputs[0])

    flat = node("Mapping", Scale=(1, 1, 4))
    link(view, flat.inputs["Vector"])
    noise = node("TexNoise", Scale=2.2, Detail=6)
    link(flat.outputs[0], noise.inputs["Vector"])
    cloud = node("MapRange", **{"From Min": 0.5, "From Max": 0.68})
    link(noise.outputs[0], cloud.inputs["Value"])

    painted = node("MixRGB", Color2=(0.78, 0.79, 0.80, 1))
    link(cloud.outputs[0], painted.inputs["Fac"])
    link(blue.outputs[0], painted.inputs["Color1"])
    backdrop = node("Background")
    link(painted.outputs[0], backdrop.inputs["Color"])

    pick = node("MixShader")
    link(node("LightPath").outputs["Is Camera Ray"], pick.inputs[0])
    link(nodes["Background"].outputs[0], pick.inputs[1])
    link(backdrop.outputs[0], pick.inputs[2])
    return pick.outputs[0]
