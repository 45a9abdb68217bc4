"""Light objects around a subject at the origin, seen by a camera on the -Y side."""

from __future__ import annotations

import math
from typing import Any

import bpy
from stage import movie, play, scene
from studio import code, select, session, until

import lav_plugin
from lav_plugin.blender import addon, light, strips
from lav_plugin.messages import to_json

lav: Any = bpy.ops.lav
ROUND = (math.pi / 2, 0.0, 0.0)  # looks along +Y


def studio_scene(clip: str) -> tuple[Any, Any]:
    made = scene()
    made.world = bpy.data.worlds.new("World")
    sky(made, 0.0)
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.location, camera.rotation_euler = (0.0, -6.0, 0.0), ROUND
    made.collection.objects.link(camera)
    made.camera = camera
    strip = movie(made, clip, 2, 10, (40, 60))
    select(made, strip)
    return made, strip


def sky(made: Any, grey: float) -> None:
    if bpy.app.version < (5, 0, 0):
        made.world.color = (grey, grey, grey)
        return
    background = made.world.node_tree.nodes["Background"]
    background.inputs["Color"].default_value = (grey, grey, grey, 1.0)


def lamp(
    made: Any, kind: str, place: tuple[float, float, float], energy: float, **more: Any
) -> Any:
    data = bpy.data.lights.new(kind, kind)
    data.energy = energy
    for name, value in more.items():
        setattr(data, name, value)
    one = bpy.data.objects.new(kind, data)
    one.location = place
    toward = one.location.normalized() if one.location.length else one.location
    one.rotation_euler = toward.to_track_quat("Z", "Y").to_euler()
    made.collection.objects.link(one)
    return one


def taken(strip: Any) -> dict[str, Any]:
    """What is sent once the scene's lights were read."""
    from lav_plugin.blender import pump

    lav.light_from_scene()
    until(lambda: not pump.work)
    asked = light.request_of(strip.lav_light)
    return to_json(asked.light) if asked.light else {"code": code()}


def still(clip: str) -> dict[str, Any]:
    places = {
        "right": (4.0, 0.0, 0.0),
        "left": (-4.0, 0.0, 0.0),
        "camera": (0.0, -4.0, 0.0),
        "behind": (0.0, 4.0, 0.0),
        "above": (0.0, 0.0, 4.0),
        "high right": (2.0, -2.0, math.sqrt(8.0)),
    }
    told = {}
    for name, place in places.items():
        made, strip = studio_scene(clip)
        lamp(made, "POINT", place, 100.0)
        (only,) = taken(strip)["lamps"]
        told[name] = [only.get("azimuth", 0.0), only.get("elevation", 0.0)]
    return told


def several(clip: str) -> dict[str, Any]:
    """A sun as the key, a point lamp of a quarter of it, a spot that misses, and a world."""
    made, strip = studio_scene(clip)
    lamp(made, "SUN", (-4.0, 0.0, 0.0), 4.0, color=(1.0, 0.5, 0.25), angle=math.pi / 4)
    sun = 4.0 * (0.2126 + 0.7152 * 0.5 + 0.0722 * 0.25)
    lamp(made, "POINT", (0.0, -3.0, 0.0), sun / 4 * 4 * math.pi * 9)
    missing = lamp(made, "SPOT", (4.0, 0.0, 0.0), 10000.0)
    missing.rotation_euler = (0.0, 0.0, 0.0)
    lamp(made, "AREA", (0.0, 3.0, 0.0), sun / 16 * math.pi * 9, size=1.0)
    grey = sun / 8 / math.pi
    sky(made, grey)
    return taken(strip)


def moving(clip: str) -> dict[str, Any]:
    """Round the subject in 20 frames at a steady pace, then brighter by a stop, then still."""
    made, strip = studio_scene(clip)
    one = lamp(made, "SUN", (0.0, -4.0, 0.0), 2.0)
    base = one.rotation_euler.copy()
    for frame, turn in ((50, 0.0), (60, 90.0)):
        one.rotation_euler = (base.x, base.y, base.z + math.radians(turn))
        one.keyframe_insert("rotation_euler", frame=frame)
    one.data.keyframe_insert("energy", frame=60)
    one.data.energy = 4.0
    one.data.keyframe_insert("energy", frame=61)
    for owner in (one, one.data):
        for point in _points(owner.animation_data.action):
            point.interpolation = "LINEAR"
    made.frame_set(55)
    said = taken(strip)
    return {"light": said, "frame": made.frame_current, "keys": len(said["keys"])}


def _points(action: Any) -> list[Any]:
    if hasattr(action, "fcurves"):
        curves = list(action.fcurves)
    else:
        parts = [part for layer in action.layers for part in layer.strips]
        curves = [curve for part in parts for bag in part.channelbags for curve in bag.fcurves]
    return [point for curve in curves for point in curve.keyframe_points]


def bare(clip: str) -> dict[str, Any]:
    """Without lights, and without a camera."""
    made, strip = studio_scene(clip)
    no_lights = taken(strip)
    said = [session().board.notice.problem.message if session().board.notice else ""]
    lamp(made, "POINT", (1.0, 0.0, 0.0), 10.0)
    made.camera = None
    no_camera = taken(strip)
    said.append(session().board.notice.problem.message if session().board.notice else "")
    return {"light": [no_lights, no_camera], "said": said}


def main(case: str, clip: str, **_: Any) -> dict[str, Any]:
    lav_plugin.register()
    addon.opened()
    assert strips.strip_type()
    try:
        return {"still": still, "several": several, "moving": moving, "bare": bare}[case](clip)
    finally:
        lav_plugin.unregister()


play(main)
