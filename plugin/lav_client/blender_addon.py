"""The add-on in one Blender: put there, brought up to date, taken away. Nothing else is touched.

Where Blender's program is known it does that itself, and ticks the add-on's box; else the files
are laid where it looks for them, and its user ticks the box.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from os import getpid
from pathlib import Path

from lav_client import addon, blenders
from lav_client.blenders import Blender
from lav_engine.errors import Code, LavError

TITLE = "Light-A-Video"
# For Blenders without extensions: the same as a tick in the preferences. One word, to be known by.
TICK = """
import bpy
bpy.ops.preferences.addon_{change}(module="lav_bridge")
bpy.ops.wm.save_userpref()
print("lav: {change}d")
"""


class State(StrEnum):
    enabled = "enabled"
    placed = "placed"  # its box is still to be ticked
    removed = "removed"
    absent = "absent"  # nothing to remove
    failed = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    blender: Blender
    state: State
    said: str  # for people


def install(blender: Blender) -> Outcome:
    """Anew or over an older one. A LavError becomes an outcome: other Blenders go on."""
    try:
        before = _ours(blender.place) and blender.installed()
        enabled = _install(blender)
    except LavError as error:
        return Outcome(blender, State.failed, str(error))
    what = f"{TITLE} {addon.version()} is installed"
    if before and before != addon.version():
        what += f" in the place of {before}"
    if enabled:
        return Outcome(blender, State.enabled, f"{what}.")
    where = "Edit > Preferences > Add-ons"
    return Outcome(blender, State.placed, f"{what}. Start Blender and tick it under {where}.")


def uninstall(blender: Blender) -> Outcome:
    try:
        if not _ours(blender.place):
            return Outcome(blender, State.absent, f"{TITLE} is not installed.")
        _uninstall(blender)
    except LavError as error:
        return Outcome(blender, State.failed, str(error))
    return Outcome(blender, State.removed, f"{TITLE} is removed.")


def _install(blender: Blender) -> bool:
    """Whether it is ticked too."""
    if blender.program is None or not blender.has_extensions:
        place(blender.place)
        return _tick(blender, "enable")
    with tempfile.TemporaryDirectory() as folder:
        path = addon.write(Path(folder))
        if _extension(blender, "install-file", "--repo", "user_default", "--enable", str(path)):
            return True
    place(blender.place)
    return False


def _uninstall(blender: Blender) -> None:
    if blender.has_extensions:
        _extension(blender, "remove", f"user_default.{addon.ID}")
    else:
        _tick(blender, "disable")
    if blender.place.exists():
        _cleared(blender.place)


def _extension(blender: Blender, *order: str) -> bool:
    """Blender's own command; its exit code is 0 for much, so the files are what counts."""
    if blender.program is None:
        return False
    try:
        ended = blenders.run(blender.program, "--background", "--command", "extension", *order)
    except LavError:
        return False
    wanted = addon.version() if order[0] == "install-file" else ""
    return ended.returncode == 0 and blender.installed() == wanted


def _tick(blender: Blender, change: str) -> bool:
    if blender.program is None or blender.has_extensions:
        return False
    try:
        script = TICK.format(change=change)
        ended = blenders.run(blender.program, "--background", "--python-expr", script)
    except LavError:
        return False
    return f"lav: {change}d" in ended.stdout


def place(folder: Path) -> None:
    """The add-on's files as that folder: whole, or as it was before. Raises LavError."""
    fresh, old = _beside(folder, "new"), _beside(folder, "old")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        for name, data in addon.contents():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_bytes(data)
        if folder.exists():
            folder.rename(old)
        try:
            fresh.rename(folder)
        except OSError:
            old.rename(folder)
            raise
    except OSError as error:
        raise _refused(folder, error) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _cleared(folder: Path) -> None:
    old = _beside(folder, "old")
    try:
        folder.rename(old)  # at once: half an add-on would be worse than either
        shutil.rmtree(old)
    except OSError as error:
        raise _refused(folder, error) from None


def _ours(folder: Path) -> bool:
    """Whether an add-on of ours lies there. Raises LavError where something else does."""
    if folder.is_symlink():
        why = f"{folder} is a link to {folder.resolve()}"
    elif not folder.exists():
        return False
    elif f'id = "{addon.ID}"' in _text(folder / addon.MANIFEST):
        return True
    else:
        why = f"{folder} is not this add-on"
    raise LavError(f"{why}, so it was left as it is.", "Move it away.", Code.output_exists)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _beside(folder: Path, what: str) -> Path:
    """With a dot before: Blender passes over such folders."""
    return folder.with_name(f".{folder.name}.{getpid()}.{what}")


def _sweep(folder: Path) -> None:
    """What an installation left that was killed."""
    for left in folder.parent.glob(f".{folder.name}.*.*"):
        if left.suffix in (".new", ".old"):
            shutil.rmtree(left, ignore_errors=True)


def _refused(folder: Path, error: OSError) -> LavError:
    return LavError(
        f"{folder} cannot be changed: {error.strerror or error}.",
        "Close Blender, check that the folder is yours to write, and try again.",
        Code.output_unwritable,
    )
