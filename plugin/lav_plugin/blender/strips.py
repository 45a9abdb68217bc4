"""Strips of the Video Sequence Editor, read: with `changes` all that names their attributes.

Nothing here changes anything, so panels may draw with it. Timeline frames are Blender's own; what
they are called differs from 3.4 to 5.2.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import bpy

from ..model import exact_rate

TOP = 128  # the highest channel
LATEST = {  # from 5.2 on
    "left": "left_handle",
    "right": "right_handle",
    "left_offset": "left_handle_offset",
    "right_offset": "right_handle_offset",
    "content_start": "content_start",
    "trim_start": "content_trim_start",
    "trim_end": "content_trim_end",
}
EARLIER = {
    "left": "frame_final_start",
    "right": "frame_final_end",
    "left_offset": "frame_offset_start",
    "right_offset": "frame_offset_end",
    "content_start": "frame_start",
    "trim_start": "animation_offset_start",
    "trim_end": "animation_offset_end",
}
NAMES = LATEST if bpy.app.version >= (5, 2, 0) else EARLIER
OPAQUE = ("REPLACE", "ALPHA_OVER")
KINDS = {
    "COLOR": "a colour",
    "IMAGE": "a picture",
    "MASK": "a mask",
    "META": "a group of strips",
    "MOVIECLIP": "a movie clip",
    "SCENE": "a scene",
    "SOUND": "sound",
    "TEXT": "text",
}


@dataclass(frozen=True)
class Position:
    """Where a movie strip is and what it shows: all that a take changes."""

    filepath: str  # as Blender keeps it: may begin with //
    trim_start: int  # media frames left out at the file's start
    trim_end: int
    content_start: float  # timeline frame of the first media frame after trim_start
    left: int  # visible timeline frames [left, right)
    right: int
    channel: int

    @property
    def origin(self) -> float:
        """The timeline frame at which media frame 0 of its file would be."""
        return self.content_start - self.trim_start


# --- finding them -------------------------------------------------------------------------------


def strip_type() -> Any:
    """The class that settings of a strip are registered on."""
    return getattr(bpy.types, "Strip", None) or bpy.types.Sequence


def target_scene(context: Any) -> Any:
    """The scene the sequencer shows, or None: from 5.0 on a workspace may have one of its own."""
    if hasattr(context, "sequencer_scene"):
        return context.sequencer_scene
    return context.scene


def of(scene: Any) -> Iterator[Any]:
    """Every strip, also those inside groups."""
    editor = scene.sequence_editor
    if editor:
        yield from editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all


def level(scene: Any) -> list[Any]:
    """The strips the user sees: the timeline's own, or those of the group that is open."""
    editor = scene.sequence_editor
    if not editor:
        return []
    return list(children(editor.meta_stack[-1] if len(editor.meta_stack) else editor))


def selected(context: Any) -> list[Any]:
    scene = target_scene(context)
    return [strip for strip in level(scene) if strip.select] if scene else []


def active(context: Any) -> Any:
    scene = target_scene(context)
    return scene.sequence_editor.active_strip if scene and scene.sequence_editor else None


def home(scene: Any, strip: Any) -> Any:
    """What the strip lies in: a group, or the sequence editor."""
    return strip.parent_meta() or scene.sequence_editor


def beside(scene: Any, strip: Any) -> list[Any]:
    """All strips of its level, without itself."""
    return [other for other in children(home(scene, strip)) if other != strip]


def children(home: Any) -> Any:
    return home.strips if hasattr(home, "strips") else home.sequences


# --- what they are ------------------------------------------------------------------------------


def is_movie(strip: Any) -> bool:
    return strip.type == "MOVIE"


def is_sound(strip: Any) -> bool:
    return strip.type == "SOUND"


def is_meta(strip: Any) -> bool:
    return strip.type == "META"


def kind(strip: Any) -> str:
    return KINDS.get(strip.type, "an effect")


def is_locked(scene: Any, strip: Any) -> bool:
    return strip.lock or home(scene, strip).channels[strip.channel].lock


def is_fragile(strip: Any) -> bool:
    """Blender 3.4 crashes when a handle is moved inside a group."""
    return bpy.app.version < (4, 0, 0) and strip.parent_meta() is not None


def is_opaque(strip: Any) -> bool:
    return strip.blend_type in OPAQUE and strip.blend_alpha == 1


def is_retimed(strip: Any) -> bool:
    """Speeds of retiming keys cannot be read, so any key counts."""
    speed = getattr(strip, "speed_factor", 1.0)
    return abs(speed - 1) > 1e-6 or len(getattr(strip, "retiming_keys", ())) > 0


def shows_time_unevenly(strip: Any) -> bool:
    """Played backwards, or holding frames."""
    return strip.use_reverse_frames or strip.strobe > 1


def stream(strip: Any) -> int:
    """Of the file's picture streams."""
    return strip.stream_index


def left(strip: Any) -> int:
    return int(getattr(strip, NAMES["left"]))


def right(strip: Any) -> int:
    return int(getattr(strip, NAMES["right"]))


def content_length(strip: Any) -> float:
    """Timeline frames its media would fill without handles pulled in."""
    offsets = getattr(strip, NAMES["left_offset"]) + getattr(strip, NAMES["right_offset"])
    return right(strip) - left(strip) + offsets


def overlaps(strip: Any, first: int, end: int) -> bool:
    return left(strip) < end and right(strip) > first


def filepath(strip: Any) -> str:
    """Absolute."""
    return absolute(strip.filepath)


def absolute(path: str) -> str:
    return os.path.normpath(bpy.path.abspath(path))


def like(path: str, other: str) -> str:
    """A path relative to the .blend file where the other one is, and where it can be."""
    if other.startswith("//") and bpy.data.filepath:
        with suppress(ValueError):  # on another drive
            return bpy.path.relpath(path)
    return path


def media_rate(strip: Any) -> Fraction:
    """0 where Blender cannot read the file."""
    return exact_rate(strip.fps) if strip.fps > 0 else Fraction(0)


def media_size(strip: Any) -> tuple[int, int] | None:
    """Width and height in pixels, where its media has one."""
    for element in getattr(strip, "elements", ()):
        if element.orig_width:
            return element.orig_width, element.orig_height
    return None


def scene_rate(scene: Any) -> Fraction:
    return exact_rate(scene.render.fps / scene.render.fps_base)


def position(strip: Any) -> Position:
    times = {name: getattr(strip, NAMES[name]) for name in ("trim_start", "trim_end")}
    return Position(
        filepath=strip.filepath,
        content_start=position_of_content(strip),
        left=left(strip),
        right=right(strip),
        channel=strip.channel,
        **times,
    )


def position_of_content(strip: Any) -> float:
    """The timeline frame its content begins at, behind the left handle or not."""
    return getattr(strip, NAMES["content_start"])


def free_channel(scene: Any, strip: Any) -> int | None:
    """The lowest above a strip that is free for its frames, neither locked nor muted."""
    others = beside(scene, strip)
    channels = home(scene, strip).channels
    for channel in range(strip.channel + 1, TOP + 1):
        is_free = not any(
            other.channel == channel and overlaps(other, left(strip), right(strip))
            for other in others
        )
        if is_free and not channels[channel].lock and not channels[channel].mute:
            return channel
    return None
