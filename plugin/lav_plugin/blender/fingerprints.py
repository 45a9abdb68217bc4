"""Whether a strip still shows what was baked of it.

What a 3D scene looks like is not known here; for that there is a button to bake it again.
"""

from __future__ import annotations

import os
from typing import Any

from . import strips
from .changes import CROP, LOOK, TRANSFORM

SPEED = ("speed_factor", "use_reverse_frames", "strobe", "stream_index")


def fingerprint(strip: Any) -> list[Any]:
    """JSON that stays the same as long as the strip shows the same picture at each frame of its
    content, wherever it lies and however far its handles are pulled in."""
    where = strips.position_of_content(strip)
    names = [*SPEED]
    if not strips.is_meta(strip):
        names += [strips.NAMES[name] for name in ("trim_start", "trim_end")]
    said = [strip.type, strips.content_length(strip), *_values(strip, names), *_media(strip)]
    said.append([key.timeline_frame - where for key in getattr(strip, "retiming_keys", ())])
    if strips.is_meta(strip):
        said.append(_inside(strips.children(strip), where))
    elif strip.type == "SCENE" and strip.scene and strip.scene.sequence_editor:
        said.append(_inside(strips.children(strip.scene.sequence_editor), 0))
    return said


def _inside(inner: Any, where: float) -> list[Any]:
    """Strips within another one: their look is baked as well."""
    found = sorted(inner, key=lambda one: one.name)
    return [
        [strips.left(one) - where, strips.right(one) - where, *fingerprint(one), *_look(one)]
        for one in found
    ]


def _media(strip: Any) -> list[Any]:
    """Names only: a project may move together with its media."""
    said = [os.path.basename(getattr(strip, "filepath", ""))]
    if strip.type == "IMAGE":
        folder = os.path.basename(os.path.normpath(strips.absolute(strip.directory)))
        said += [folder, *[one.filename for one in strip.elements]]
    return said


def _look(strip: Any) -> list[Any]:
    said = [strip.channel, strip.mute, *_values(strip, LOOK)]
    for part, names in (("transform", TRANSFORM), ("crop", CROP)):
        said += _values(getattr(strip, part, None), names)
    return said + [[one.type, one.mute] for one in strip.modifiers]


def _values(thing: Any, names: Any) -> list[Any]:
    found = [getattr(thing, name) for name in names if hasattr(thing, name)]
    return [one if isinstance(one, (bool, int, float, str)) else list(one) for one in found]
