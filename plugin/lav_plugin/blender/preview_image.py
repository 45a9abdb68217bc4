"""The preview as a Blender person expects it: an image, in the Image Editor and in the panel."""

from __future__ import annotations

import os
from typing import Any

import bpy
from bpy.utils import previews  # pyright: ignore[reportMissingImports]

from ..previews import Preview

NAME = "Light-A-Video Preview"

_shown: list[Preview] = []  # the last one
_icons: list[Any] = []  # Blender's collection of pictures for panels


def show(preview: Preview | None) -> None:
    """The newest preview, in the image and in every Image Editor that shows nothing else."""
    if preview is None or _shown == [preview]:
        return
    _shown[:] = [preview]
    path = os.path.join(bpy.app.tempdir, "lav_preview.png")
    with open(path, "wb") as file:
        file.write(preview.image)
    picture = image()
    if picture is None:
        picture = bpy.data.images.load(path)
        picture.name = NAME
    picture.filepath = path
    picture.reload()
    _load_icon(path)
    _open_in_editors(picture)


def image() -> Any:
    """None before the first preview."""
    return bpy.data.images.get(NAME)


def icon() -> int:
    """For `template_icon`; 0 before the first preview."""
    return _icons[0][NAME].icon_id if _icons and NAME in _icons[0] else 0


def end() -> None:
    for one in _icons:
        previews.remove(one)
    _icons.clear()
    _shown.clear()


def _load_icon(path: str) -> None:
    if not _icons:
        _icons.append(previews.new())
    _icons[0].clear()
    _icons[0].load(NAME, path, "IMAGE")


def _open_in_editors(picture: Any) -> None:
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "IMAGE_EDITOR" and area.spaces.active.image in (None, picture):
                area.spaces.active.image = picture
                area.tag_redraw()
