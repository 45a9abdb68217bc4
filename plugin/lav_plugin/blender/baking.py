"""Runs in a Blender of its own: renders one strip of a saved copy of a project, as bake.py orders.

... -- FOLDER    with order.json and copy.blend in it
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import bpy

from . import changes, strips
from .bake import FULL


def bake(folder: Path) -> None:
    order = json.loads((folder / "order.json").read_text(encoding="utf-8"))
    bpy.ops.wm.open_mainfile(filepath=str(folder / "copy.blend"), load_ui=False)
    scene = bpy.data.scenes[order["scene"]]
    strip = next(one for one in strips.of(scene) if one.name == order["strip"])
    changes.leave_alone(scene, strip)
    _set_picture(scene, *order["size"])
    _set_file(scene, order["path"])
    scene.frame_start, scene.frame_end = strips.left(strip), strips.right(strip) - 1
    scene.frame_step = 1
    bpy.app.handlers.render_write.append(lambda *_: _count(order))
    bpy.ops.render.render(animation=True, scene=scene.name)


def _set_picture(scene: Any, width: int, height: int) -> None:
    """What is rendered has the values that are in the media."""
    render = scene.render
    render.resolution_x, render.resolution_y = width, height
    render.resolution_percentage = 100
    render.pixel_aspect_x = render.pixel_aspect_y = 1
    render.use_sequencer = True
    render.use_border = render.use_multiview = render.use_stamp = False
    render.dither_intensity = 0
    scene.display_settings.display_device = "sRGB"
    view = scene.view_settings
    view.view_transform, view.look = "Standard", "None"
    view.exposure, view.gamma, view.use_curve_mapping = 0, 1, False


def _set_file(scene: Any, path: str) -> None:
    render, image = scene.render, scene.render.image_settings
    render.filepath = path
    render.use_file_extension = False
    render.use_overwrite = True
    if hasattr(image, "media_type"):
        image.media_type = "VIDEO"
    image.file_format, image.color_mode = "FFMPEG", "RGB"
    ffmpeg = render.ffmpeg
    ffmpeg.format, ffmpeg.audio_codec = "MKV", "NONE"
    ffmpeg.codec = "FFV1"
    with suppress(TypeError):  # before 4.2 only 8 bits
        image.color_depth = "10"


def _count(order: dict[str, Any]) -> None:
    """One more frame is written. An exception would not stop the render."""
    if shutil.disk_usage(os.path.dirname(order["path"])).free < order["least"]:
        os._exit(FULL)
    with open(order["progress"], "ab") as file:
        file.write(b".")


if __name__ == "bake":
    bake(Path(sys.argv[-1]))
    sys.stdout.flush()
    os._exit(0)  # Blender 4.5 as a module does not end by itself
