"""What changes a strip's picture, given to one that shows its take: modifiers, keyframes."""

from __future__ import annotations

from typing import Any

from .changes import LOOK, curves_of

COMPLETE = ("BRIGHT_CONTRAST", "COLOR_BALANCE", "CURVES", "HUE_CORRECT", "MASK", "TONEMAP")
COMPLETE = (*COMPLETE, "WHITE_BALANCE")  # modifiers of which all can be copied
KEYED = ("transform.", "crop.", "modifiers[")
PASSED_OVER = ("lav_light.",)  # nothing of the picture


def copy_change(scene: Any, source: Any, other: Any) -> None:
    for modifier in source.modifiers:
        if modifier.type in COMPLETE:
            made = other.modifiers.new(modifier.name, modifier.type)
            _copy(modifier, made)
    was, now = _path(source), _path(other)
    for curves in curves_of(scene):
        for curve in [one for one in curves if _is_copied(source, one)]:
            path = now + curve.data_path[len(was) :]
            _copy_curve(curve, curves.new(path, index=curve.array_index))


def leaves(scene: Any, strip: Any) -> bool:
    """Whether some of it cannot be copied, and stays with the strip."""
    if any(one.type not in COMPLETE for one in strip.modifiers):
        return True
    animation = scene.animation_data
    driven = [one.data_path for one in animation.drivers] if animation else []
    keyed = [one for curves in curves_of(scene) for one in curves]
    left = [one.data_path for one in keyed if not _is_copied(strip, one)]
    own, passed = _path(strip), tuple(_path(strip) + one for one in PASSED_OVER)
    return any(path.startswith(own) and not path.startswith(passed) for path in [*left, *driven])


def _path(strip: Any) -> str:
    return strip.path_from_id() + "."


def _is_copied(strip: Any, curve: Any) -> bool:
    own = _path(strip)
    what = curve.data_path[len(own) :]
    is_look = what.startswith(KEYED) or what in LOOK
    return curve.data_path.startswith(own) and is_look and not len(curve.modifiers)


def _copy(source: Any, other: Any) -> None:
    """All that can be written, and what lies in parts of it."""
    for one in source.bl_rna.properties:
        value = getattr(source, one.identifier)
        if not one.is_readonly:
            setattr(other, one.identifier, value)
        elif one.identifier == "curves":
            for curve, made in zip(value, other.curves):  # noqa: B905 - before Python 3.10
                _copy_points(curve.points, made.points)
            other.update()
        elif one.type == "POINTER" and one.identifier != "rna_type" and value:
            _copy(value, getattr(other, one.identifier))


def _copy_points(points: Any, made: Any) -> None:
    while len(made) > len(points):
        made.remove(made[len(made) - 2])  # neither the first nor the last
    while len(made) < len(points):
        made.new(1.0, 1.0)
    for point, other in zip(points, made):  # noqa: B905 - before Python 3.10
        other.location, other.handle_type = point.location, point.handle_type


def _copy_curve(curve: Any, made: Any) -> None:
    made.extrapolation, made.mute = curve.extrapolation, curve.mute
    made.auto_smoothing = curve.auto_smoothing
    made.keyframe_points.add(len(curve.keyframe_points))
    for point, other in zip(curve.keyframe_points, made.keyframe_points):  # noqa: B905
        other.co = point.co
        _copy(point, other)
    made.update()
