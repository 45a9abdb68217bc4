"""Renders a strip alone into a file, in a Blender of its own, so that the user's goes on working.

The file has one frame for each frame the strip shows, at the scene's rate, without the strip's own
transform, crop, effects and blending: those stay live on the timeline.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any

import bpy

from ..model import Refusal
from . import store, strips

FOLDER = "LAV Takes"
BYTES_A_PIXEL = 4  # at most, of three 10-bit channels without loss
LEAST = 64 << 20  # bytes left on the disk; Blender itself says nothing when it cannot write
FULL = 3  # exit status of a render stopped for that
INSIDE = (
    "import sys, runpy; sys.path.insert(0, {root!r}); runpy.run_module({module!r}, run_name='bake')"
)
SAFE = ("--background", "--factory-startup", "--disable-autoexec", "--python-exit-code", "1")


class Bake:
    """A render under way. `poll` now and then; it ends the other Blender itself when cancelled."""

    def __init__(self, clip_id: str, path: str, frames: int, folder: str, process: Any) -> None:
        self.clip_id = clip_id
        self.path = path
        self._frames = frames
        self._folder = Path(folder)  # temporary
        self._process = process

    def poll(self) -> float | None:
        """How much is done, 0..1, or None once the file is whole. Raises Refusal; then nothing is
        left of it."""
        code = self._process.poll()
        if code is None:
            return min(1.0, self._written() / self._frames)
        said = self._said()
        part = _part(self.path)
        if code != 0 or self._written() != self._frames or not os.path.exists(part):
            self._clean()
            raise _full(self.path) if code == FULL else _failed(said)
        os.replace(part, self.path)
        self._clean()
        return None

    def cancel(self) -> None:
        """Waits until the other Blender has ended, which is soon."""
        self._process.kill()
        self._process.wait()
        self._clean()

    def _written(self) -> int:
        progress = self._folder / "progress"
        return progress.stat().st_size if progress.exists() else 0

    def _said(self) -> str:
        lines = (self._folder / "log").read_text(errors="replace").splitlines()
        errors = [line for line in lines if "Error" in line and "script failed" not in line]
        return errors[-1].strip() if errors else ""

    def _clean(self) -> None:
        Path(_part(self.path)).unlink(missing_ok=True)
        shutil.rmtree(self._folder, ignore_errors=True)


def start(scene: Any, strip: Any) -> Bake:
    """Saves a copy of the project, which takes as long as saving does, and returns at once."""
    frames = strips.right(strip) - strips.left(strip)
    width, height = strips.media_size(strip) or _size(scene)
    path = _path(strip)
    if _room(path) < width * height * BYTES_A_PIXEL * frames:
        Path(_part(path)).unlink()
        raise _full(path)
    folder = tempfile.mkdtemp(prefix="lav-bake-")
    order = {
        "scene": scene.name,
        "strip": strip.name,
        "size": [width, height],
        "path": _part(path),
        "least": LEAST,
        "progress": os.path.join(folder, "progress"),
    }
    Path(folder, "order.json").write_text(json.dumps(order), encoding="utf-8")
    copy = os.path.join(folder, "copy.blend")
    try:
        bpy.ops.wm.save_as_mainfile(filepath=copy, copy=True, compress=False)
    except RuntimeError as error:
        Path(_part(path)).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        raise _failed(str(error).strip()) from None
    with open(os.path.join(folder, "log"), "wb") as log:
        process = subprocess.Popen(
            _command(folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows opens one else
        )
    return Bake(store.claim(scene, strip), path, frames, folder, process)


def _command(folder: str) -> list[str]:
    """Blender itself; where it is a Python module, the Python it runs in."""
    root = Path(__file__).parents[1]
    module = f"{root.name}.{Path(__file__).parent.name}.baking"
    code = INSIDE.format(root=str(root.parent), module=module)
    if getattr(bpy.app, "module", False):
        return [sys.executable, "-c", code, "--", folder]
    return [bpy.app.binary_path, *SAFE, "--python-expr", code, "--", folder]


def _size(scene: Any) -> tuple[int, int]:
    part = scene.render.resolution_percentage / 100
    return int(scene.render.resolution_x * part), int(scene.render.resolution_y * part)


# --- the file -----------------------------------------------------------------------------------


def _path(strip: Any) -> str:
    """Beside the source where that can be written, else beside the project; a new file always,
    whose name is taken from now on, whoever else bakes at the same time."""
    source = strips.filepath(strip) if strips.is_movie(strip) else ""
    name = Path(source).stem or bpy.path.clean_name(strip.name)
    for folder in filter(None, (os.path.dirname(source), os.path.dirname(bpy.data.filepath))):
        takes = Path(folder, FOLDER)
        try:
            takes.mkdir(exist_ok=True)
        except OSError:
            continue
        if os.access(takes, os.W_OK):
            return str(next(path for path in _numbered(takes, name) if _reserve(path)))
    raise Refusal(
        f"There is no place for a baked copy of {strip.name}: its folder cannot be written.",
        "Save the project in a folder that can.",
        "OUTPUT_UNWRITABLE",
    )


def _numbered(folder: Path, name: str) -> Any:
    return (folder / f"{name}_baked_v{n:03}.mkv" for n in count(1))


def _reserve(path: Path) -> bool:
    """Whether nobody else had the name; the empty file says that it is taken."""
    try:
        with open(_part(str(path)), "x"):
            pass
    except FileExistsError:
        return False
    if path.exists():
        os.unlink(_part(str(path)))
        return False
    return True


def _part(path: str) -> str:
    return path + ".lav-part.mkv"


def _room(path: str) -> int:
    return shutil.disk_usage(os.path.dirname(path)).free


def _full(path: str) -> Refusal:
    return Refusal(
        f"The disk of {os.path.dirname(path)} is too full to bake {os.path.basename(path)}.",
        "Free some space.",
        "DISK_SHORT",
    )


def _failed(said: str) -> Refusal:
    return Refusal(
        "The strip could not be baked, because Blender's render of it ended early"
        + (f": {said}" if said else "."),
        "Check that the strip renders by itself.",
        "BAKE_FAILED",
    )
