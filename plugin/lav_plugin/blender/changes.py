"""Strips of the Video Sequence Editor, changed: each within its own place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .strips import NAMES, Position, beside, children, home, position_of_content

LOOK = [
    "alpha_mode",
    "blend_alpha",
    "blend_type",
    "color_multiply",
    "color_saturation",
    "color_tag",
    "multiply_alpha",
    "use_deinterlace",
    "use_flip_x",
    "use_flip_y",
    "use_float",
]
TRANSFORM = ("filter", "offset_x", "offset_y", "origin", "rotation", "scale_x", "scale_y")
CROP = ("max_x", "max_y", "min_x", "min_y")


def put(scene: Any, strip: Any, wanted: Position) -> None:
    """As far as Blender does it; the caller reads it again.

    Where strips overlap, Blender moves the one that was touched to another channel, and 4.5 hangs
    when all are full. So all happens within the strip's own space as far as that is possible.
    """
    with _keyframes_kept(scene):
        if strip.filepath != wanted.filepath:
            strip.filepath = wanted.filepath
        _trim(strip, wanted)
        _set_handles(strip, wanted.left, wanted.right)
        _slip(strip, wanted)
        if strip.channel != wanted.channel:
            strip.channel = wanted.channel


def _trim(strip: Any, wanted: Position) -> None:
    """Its length or its place changes with it, so it is made short first."""
    for name in ("trim_start", "trim_end"):
        if getattr(strip, NAMES[name]) != getattr(wanted, name):
            middle = (wanted.left + wanted.right) // 2
            _set_handles(strip, middle, middle + 1)
            setattr(strip, NAMES[name], getattr(wanted, name))


def _slip(strip: Any, wanted: Position) -> None:
    """Moves the content under the handles, by less than their distance at a time."""
    length = wanted.right - wanted.left
    while (far := wanted.content_start - position_of_content(strip)) != 0:
        step = max(1 - length, min(length - 1, far)) if length > 1 else far
        if step > 0:
            setattr(strip, NAMES["right"], int(wanted.right - step))
        else:
            setattr(strip, NAMES["left"], int(wanted.left - step))
        setattr(strip, NAMES["content_start"], position_of_content(strip) + step)
        _set_handles(strip, wanted.left, wanted.right)


def _set_handles(strip: Any, first: int, end: int) -> None:
    for name, frame in (("left", first), ("right", end), ("left", first)):
        if getattr(strip, NAMES[name]) != frame:  # neither can pass the other
            setattr(strip, NAMES[name], frame)


@contextmanager
def _keyframes_kept(scene: Any) -> Iterator[None]:
    """Moving a strip's content moves its keyframes too, unless Blender finds none."""
    animation = scene.animation_data
    action = animation.action if animation else None
    slot = getattr(animation, "action_slot", None)
    if action is None:
        yield
        return
    animation.action = None
    try:
        yield
    finally:
        animation.action = action
        if slot is not None:
            animation.action_slot = slot


def new_movie(scene: Any, source: Any, name: str, wanted: Position) -> Any:
    """A movie strip in the source's group; never conformed, so a media frame a timeline frame.

    The caller has seen to it that the position is free.
    """
    made = children(home(scene, source)).new_movie(
        name, wanted.filepath, channel=wanted.channel, frame_start=int(wanted.content_start)
    )
    put(scene, made, wanted)
    return made


def remove(scene: Any, strip: Any) -> None:
    children(home(scene, strip)).remove(strip)


def select(scene: Any, strip: Any) -> None:
    """It alone, and as the active one."""
    for other in beside(scene, strip):
        other.select = False
    strip.select = True
    scene.sequence_editor.active_strip = strip


def copy_look(source: Any, other: Any) -> None:
    """How the picture is laid over others; what changes it is copied by `alike`."""
    _copy(source, other, LOOK)
    _copy(source.transform, other.transform, TRANSFORM)
    _copy(source.crop, other.crop, CROP)


def _copy(source: Any, other: Any, names: Any) -> None:
    for name in names:
        if hasattr(source, name):
            setattr(other, name, getattr(source, name))


def leave_alone(scene: Any, strip: Any) -> None:
    """Only this strip is seen, as its media is: in a copy of the scene that nobody keeps."""
    _still(scene, strip)
    inner = strip
    while inner:
        for other in beside(scene, inner):
            other.mute = True
        inner.mute = False
        home(scene, inner).channels[inner.channel].mute = False
        _plain(inner)
        inner = inner.parent_meta()


def _plain(strip: Any) -> None:
    strip.blend_type, strip.blend_alpha = "REPLACE", 1
    strip.color_multiply = strip.color_saturation = 1
    strip.use_flip_x = strip.use_flip_y = False
    strip.use_default_fade = False
    for modifier in strip.modifiers:
        modifier.mute = True
    for name in CROP:
        setattr(strip.crop, name, 0)
    strip.transform.offset_x = strip.transform.offset_y = strip.transform.rotation = 0
    strip.transform.scale_x = strip.transform.scale_y = 1


def _still(scene: Any, strip: Any) -> None:
    """Without the keyframes of the strip and of the groups it lies in."""
    paths = []
    while strip:
        paths.append(strip.path_from_id() + ".")
        strip = strip.parent_meta()
    for curves in curves_of(scene):
        for curve in [one for one in curves if one.data_path.startswith(tuple(paths))]:
            curves.remove(curve)


def curves_of(scene: Any) -> list[Any]:
    """Its collections of F-curves; from 5.0 on there is one for each slot."""
    action = scene.animation_data.action if scene.animation_data else None
    if action is None:
        return []
    if hasattr(action, "fcurves"):
        return [action.fcurves]
    layers = [part for layer in action.layers for part in layer.strips]
    return [bag.fcurves for part in layers for bag in part.channelbags]
