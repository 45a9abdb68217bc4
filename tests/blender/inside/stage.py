"""What the scripts inside Blender share: a timeline to work on, and telling what became of it."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import bpy

LIMIT = 60  # seconds


def play(script: Callable[..., dict[str, Any]]) -> None:
    """Calls it with what the test gave, tells the test what it returns, and ends this Blender."""
    faulthandler.enable()
    given = json.loads(sys.argv[-1])
    told = given.pop("told")
    code = 0
    warnings.simplefilter("error", DeprecationWarning)  # 5.2 warns of what 6.0 removes
    try:
        result = script(**given)
        with open(told, "w", encoding="utf-8") as file:
            json.dump({**result, "version": bpy.app.version[:2]}, file)
    except BaseException:  # noqa: BLE001 - the process ends either way, and has to say why
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # 4.5 as a module would not end


def play_in_window(script: Callable[..., dict[str, Any]]) -> None:
    """The same once the window is there: undo works nowhere else."""

    def tick() -> None:
        with bpy.context.temp_override(window=bpy.context.window_manager.windows[0]):
            play(script)

    bpy.app.timers.register(tick, first_interval=1.0)


def scene(rate: float = 24, size: tuple[int, int] = (208, 96)) -> Any:
    """An empty one, at a rate as float, that the sequencer shows."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    made = bpy.context.scene
    made.render.fps = round(rate)
    made.render.fps_base = round(rate) / rate
    made.render.resolution_x, made.render.resolution_y = size
    made.sequence_editor_create()
    look_at(made)
    return made


def look_at(scene: Any) -> None:
    """From 5.0 on the sequencer shows a scene of its own, once it has been told which."""
    if hasattr(bpy.context.workspace, "sequencer_scene"):
        bpy.context.workspace.sequencer_scene = scene


def top(scene: Any) -> Any:
    editor = scene.sequence_editor
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def movie(scene: Any, path: str, channel: int, start: int, trims: tuple[int, int] = (0, 0)) -> Any:
    """Shown without so many of its first and last frames, each at the place it would have."""
    name = os.path.splitext(os.path.basename(path))[0]
    made = top(scene).new_movie(name, path, channel=channel, frame_start=start)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.frame_final_start += trims[0]
        made.frame_final_end -= trims[1]
    assert made.channel == channel
    return made


def conform(scene: Any, path: str) -> Any:
    """As Blender's own Add Movie conforms it; that runs without a window before 5.0 alone."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    area.type = "SEQUENCE_EDITOR"
    with bpy.context.temp_override(window=window, area=area, region=area.regions[-1], scene=scene):
        bpy.ops.sequencer.movie_strip_add(
            filepath=path,
            directory=os.path.dirname(path),
            files=[{"name": os.path.basename(path)}],
            frame_start=10,
            channel=2,
            sound=False,
            adjust_playback_rate=True,
            use_framerate=False,
        )
    (strip,) = list(_every(scene))
    return strip


def choose(host: Any, scene: Any, strip: Any) -> Any:
    """The clip that the host tells of when this strip alone is selected."""
    for one in list(_every(scene)):
        one.select = one == strip
    chosen = host.chosen()
    assert not chosen.unfit, chosen.unfit
    return chosen.clips[0]


def wait(bake: Any) -> list[float]:
    steps, deadline = [], time.monotonic() + LIMIT
    while (done := bake.poll()) is not None:
        assert time.monotonic() < deadline
        steps.append(done)
        time.sleep(0.05)
    return steps


def content_trim(strip: Any, start: int, end: int) -> Any:
    """Leaves so many media frames out for good, where it lies and shows what it showed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        left, right, content = strip.frame_final_start, strip.frame_final_end, strip.frame_start
        strip.animation_offset_start, strip.animation_offset_end = start, end
        strip.frame_start = content + start
        strip.frame_final_start, strip.frame_final_end = left, right
        strip.channel = 2
    return strip


def effect(scene: Any, kind: str, channel: int, start: int, end: int, *inputs: Any) -> Any:
    """Of a kind with or without inputs; its arguments were named anew more than once."""
    new = top(scene).new_effect
    said = {one.identifier for one in top(scene).bl_rna.functions["new_effect"].parameters}
    given: dict[str, Any] = {"length": end - start} if "length" in said else {"frame_end": end}
    for number, strip in enumerate(inputs, 1):
        given[f"input{number}" if "input1" in said else f"seq{number}"] = strip
    return new(name=kind.lower(), type=kind, channel=channel, frame_start=start, **given)


def render(scene: Any, path: str, first: int, end: int) -> None:
    """Timeline frames [first, end), without loss, the media's own values."""
    image, ffmpeg = scene.render.image_settings, scene.render.ffmpeg
    if hasattr(image, "media_type"):
        image.media_type = "VIDEO"
    image.file_format = "FFMPEG"
    ffmpeg.format, ffmpeg.codec, ffmpeg.audio_codec = "MKV", "FFV1", "NONE"
    scene.render.filepath, scene.render.use_file_extension = path, False
    scene.view_settings.view_transform = "Standard"
    scene.frame_start, scene.frame_end = first, end - 1
    bpy.ops.render.render(animation=True, scene=scene.name)


def dump(scene: Any) -> dict[str, Any]:
    """Everything about the timeline that can be read, but for our own notes."""
    editor = scene.sequence_editor
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "strips": {strip.name: _all_of(strip) for strip in _every(scene)},
            "channels": [[one.name, one.lock, one.mute] for one in editor.channels],
            "keys": _keys(scene),
            "render": _all_of(scene.render),
            "view": _all_of(scene.view_settings),
            "range": [scene.frame_start, scene.frame_end, scene.frame_current],
            "file": bpy.data.filepath,
            "clips": [clip.name for clip in bpy.data.movieclips],
        }


def _every(scene: Any) -> Any:
    editor = scene.sequence_editor
    return editor.strips_all if hasattr(editor, "strips_all") else editor.sequences_all


def _all_of(thing: Any, depth: int = 0) -> Any:
    told = {}
    for one in thing.bl_rna.properties:
        if one.identifier in ("rna_type", "is_updated"):
            continue
        value = getattr(thing, one.identifier, None)
        if one.type == "POINTER":
            is_own = one.identifier in ("transform", "crop", "colorspace_settings", "proxy")
            told[one.identifier] = (
                _all_of(value, depth + 1) if is_own and value else getattr(value, "name", None)
            )
        elif one.type == "COLLECTION":
            is_own = one.identifier in ("modifiers", "elements") and depth < 2
            told[one.identifier] = [
                _all_of(child, depth + 1) if is_own else getattr(child, "name", "")
                for child in value or ()
            ]
        else:
            told[one.identifier] = list(value) if _is_array(one) else _plain(value)
    return told


def _is_array(one: Any) -> bool:
    return getattr(one, "is_array", False) or getattr(one, "is_enum_flag", False)


def _plain(value: Any) -> Any:
    return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)


def _keys(scene: Any) -> list[Any]:
    """Slot, curves and keyframes of the scene's action."""
    action = scene.animation_data.action if scene.animation_data else None
    if action is None:
        return []
    if hasattr(action, "fcurves"):
        curves = list(action.fcurves)
    else:
        parts = [part for layer in action.layers for part in layer.strips]
        curves = [curve for part in parts for bag in part.channelbags for curve in bag.fcurves]
    slot = getattr(scene.animation_data, "action_slot", None)
    points = [[curve.data_path, [list(p.co) for p in curve.keyframe_points]] for curve in curves]
    return [action.name, getattr(slot, "identifier", None), sorted(points)]
