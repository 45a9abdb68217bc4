"""Light objects of a Blender scene as a light: what the camera's subject gets from each.

The subject is where the camera focuses on an object, else the 3D cursor. Directions are the
camera's: azimuth 0 from the camera, 90 from screen right; x right, y up, z to the camera. Stops are
relative to the strongest lamp, at the subject.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import bpy

from ..messages import Ambient, Color, Lamp, Light, LightKey
from ..model import Refusal
from .keys import thinned

MOST = 3
WEAKEST = -10.0  # stops: a lamp that is off
DARKEST = -4.0  # stops: ambient light under which shadows lose all that is in them
LUMA = (0.2126, 0.7152, 0.0722)
WHITE = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Beam:
    """What the subject gets from one Light object at one frame."""

    azimuth: float
    elevation: float
    level: float  # irradiance, of luminance
    color: tuple[float, float, float]
    size: float


@dataclass(frozen=True)
class Reading:
    """One frame: the beams by their objects' names, and the world's level and colour."""

    frame: int
    beams: dict[str, Beam]
    world: float
    world_color: tuple[float, float, float]


def read(scene: Any, frame: int, depsgraph: Any) -> Reading:
    """As the scene is evaluated now. Raises Refusal without a camera or lights."""
    camera = scene.camera
    if camera is None:
        raise Refusal(
            "The scene has no camera, so there is no left and right for its lights.",
            "Add a camera that looks at the subject as the clip does.",
        )
    lit = _rendered(scene)
    lights = [one for one in lit if one.type == "LIGHT" and not one.hide_render]
    if not lights:
        raise Refusal("The scene has no lights to take the light from.", "Add a Light object.")
    view = camera.evaluated_get(depsgraph).matrix_world
    target = _target(scene, camera, depsgraph)
    beams = {one.name: _beam(one.evaluated_get(depsgraph), view, target) for one in lights}
    return Reading(frame, beams, *_world(scene.world))


def _rendered(scene: Any) -> list[Any]:
    """Objects of the collections that renders see, each once."""
    waiting = [layer.layer_collection for layer in scene.view_layers if layer.use]
    found = {}
    while waiting:
        one = waiting.pop()
        if one.exclude or one.collection.hide_render:
            continue
        found.update({thing.name: thing for thing in one.collection.objects})
        waiting.extend(one.children)
    return [found[name] for name in sorted(found)]


def light_of(readings: Sequence[Reading], media_frame: Any) -> Light:
    """Of one reading a light, of several one with keys; `media_frame` maps a timeline frame."""
    names = _strongest(readings)
    if not names:
        raise Refusal(
            "None of the scene's lights reaches the subject.",
            "The subject is where the camera focuses on an object, else at the 3D cursor.",
        )
    full = max(one.beams[names[0]].level for one in readings)
    lights = [_light(one, names, full) for one in readings]
    kept = thinned([_numbers(one) for one in lights])
    if len(kept) == 1:
        return lights[0]
    keys = [LightKey(media_frame(readings[at].frame), lights[at]) for at in kept]
    return replace(lights[0], keys=tuple(keys))


def is_animated(scene: Any) -> bool:
    """Whether lights or camera may move or change at all."""
    lights = [one for one in scene.objects if one.type == "LIGHT"]
    focus = scene.camera.data.dof.focus_object if scene.camera else None
    return any(_may_change(one) for one in (*lights, scene.camera, focus) if one)


def readings(scene: Any, frames: Sequence[int], context: Any) -> Iterator[Reading]:
    """One frame at a step; between steps the scene may be at another frame."""
    for frame in frames:
        scene.frame_set(frame)
        yield read(scene, frame, _evaluated(scene, context))


def _evaluated(scene: Any, context: Any) -> Any:
    """The dependency graph of the scene, which need not be the window's."""
    if context.scene == scene:
        return context.evaluated_depsgraph_get()
    layer = scene.view_layers[0]
    graph = layer.depsgraph
    if graph is None:
        layer.update()
        graph = layer.depsgraph
    return graph


def angles(direction: Sequence[float]) -> tuple[float, float]:
    """Azimuth and elevation, degrees, of a vector in the camera's axes."""
    x, y, z = direction
    return math.degrees(math.atan2(x, z)), math.degrees(math.atan2(y, math.hypot(x, z)))


def _target(scene: Any, camera: Any, depsgraph: Any) -> Any:
    focus = camera.data.dof.focus_object
    if focus:
        return focus.evaluated_get(depsgraph).matrix_world.translation
    return scene.cursor.location


def _beam(lamp: Any, view: Any, target: Any) -> Beam:
    place, data = lamp.matrix_world, lamp.data
    back = place.to_3x3().col[2].normalized()  # lights shine along their -Z
    away = place.translation - target
    toward = back if data.type == "SUN" else away.normalized()
    azimuth, elevation = angles(view.to_3x3().normalized().transposed() @ toward)
    distance = max(away.length, 1e-3)
    color = _color(data)
    level = _level(data, distance, toward.dot(back)) * _luma(color)
    level *= 2.0 ** getattr(data, "exposure", 0.0)
    return Beam(azimuth, elevation, level, color, _softness(data, distance))


def _level(data: Any, distance: float, cosine: float) -> float:
    """Irradiance of a surface that faces the lamp; `cosine` of the angle off the lamp's axis."""
    if data.type == "SUN":
        return data.energy
    if data.type == "AREA":
        return data.energy * max(cosine, 0.0) / (math.pi * distance**2)
    if data.type == "SPOT" and cosine < math.cos(data.spot_size / 2):
        return 0.0
    return data.energy / (4 * math.pi * distance**2)


def _softness(data: Any, distance: float) -> float:
    """From the angle the lamp fills, seen from the subject: 0 a point, 1 the whole sky."""
    if data.type == "SUN":
        angle = data.angle
    else:
        width = data.size if data.type == "AREA" else 2 * data.shadow_soft_size
        angle = 2 * math.atan2(width / 2, distance)
    soft = math.sqrt(min(angle / math.pi, 1.0))
    return max(soft, 0.3 * data.spot_blend) if data.type == "SPOT" else soft


def _color(data: Any) -> tuple[float, float, float]:
    tint = (
        getattr(data, "temperature_color", WHITE) if getattr(data, "use_temperature", 0) else WHITE
    )
    red, green, blue = (a * b for a, b in zip(data.color, tint))  # noqa: B905
    return red, green, blue


def _world(world: Any) -> tuple[float, tuple[float, float, float]]:
    """Irradiance and colour of a plain background; 0 where a picture lights the scene."""
    if world is None:
        return 0.0, WHITE
    strength, color = 1.0, tuple(world.color)
    for node in _nodes(world):
        if node.type == "BACKGROUND":
            if node.inputs["Color"].is_linked:
                return 0.0, WHITE
            strength = node.inputs["Strength"].default_value
            color = tuple(node.inputs["Color"].default_value)[:3]
            break
    return math.pi * strength * _luma(color), color


def _nodes(world: Any) -> Any:
    """From 5.0 on every world has them."""
    is_used = bpy.app.version >= (5, 0, 0) or world.use_nodes
    return world.node_tree.nodes if is_used and world.node_tree else ()


def _strongest(readings: Sequence[Reading]) -> list[str]:
    """Names of the lamps that count, the strongest first, the same for all frames."""
    levels: dict[str, float] = {}
    for reading in readings:
        for name, beam in reading.beams.items():
            levels[name] = max(levels.get(name, 0.0), beam.level)
    names = sorted(levels, key=lambda name: -levels[name])[:MOST]
    return [name for name in names if levels[name] > levels[names[0]] * 2.0**WEAKEST]


def _light(reading: Reading, names: list[str], full: float) -> Light:
    lamps = [_lamp(reading.beams[name], at, full) for at, name in enumerate(names)]
    stops = max(_stops(reading.world, full), DARKEST)
    color = reading.world_color if _luma(reading.world_color) > 0 else WHITE
    return Light(lamps=tuple(lamps), ambient=Ambient(stops=stops, color=Color(*color)))


def _lamp(beam: Beam, at: int, full: float) -> Lamp:
    return Lamp(
        role=_role(beam, at),
        azimuth=beam.azimuth,
        elevation=beam.elevation,
        color=Color(*(beam.color if _luma(beam.color) > 0 else WHITE)),
        stops=_stops(beam.level, full),
        size=beam.size,
    )


def _role(beam: Beam, at: int) -> str:
    if at == 0:
        return "ROLE_KEY"
    return "ROLE_RIM" if abs(beam.azimuth) > 100 else "ROLE_FILL"


def _stops(level: float, full: float) -> float:
    return max(math.log2(level / full), WEAKEST) if level > 0 else WEAKEST


def _luma(color: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(color, LUMA))  # noqa: B905


def _numbers(light: Light) -> tuple[float, ...]:
    """What must run straight between two keys, each in steps that can just be seen."""
    numbers: list[float] = []
    for lamp in light.lamps:
        assert lamp.color
        numbers += [lamp.azimuth or 0.0, lamp.elevation or 0.0]
        numbers += [(lamp.stops or 0.0) / 0.05, (lamp.size or 0.0) / 0.05]
        numbers += [one / 0.02 for one in (lamp.color.red, lamp.color.green, lamp.color.blue)]
    stops = light.ambient.stops if light.ambient else 0.0
    return (*numbers, (stops or 0.0) / 0.05)


def _may_change(one: Any) -> bool:
    data = getattr(one, "data", None)
    return bool(
        one.animation_data or one.parent or len(one.constraints) or (data and data.animation_data)
    )
