"""Media of ours in the pool: in a bin of their own, read as their source is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from ..model import Refusal, exact_rate
from .answers import each, listing, number, text
from .opened import Opened
from .ranges import Source, read

BIN = "Light-A-Video"
ALIKE = ("PAR", "Data Level", "Input Color Space", "IDT", "Reel Name")  # as the source has them
RATE = "FPS"


def bring(opened: Opened, path: str, frames: int, like: Source | None, folder: str) -> Source:
    """The file as a clip of the pool, of so many frames at the source's rate.

    Raises Refusal where Resolve reads it otherwise. Leaves another folder the current one.
    """
    if not os.path.isfile(path):
        raise Refusal(
            f"{os.path.basename(path)} is missing from {os.path.dirname(path)}; the timeline was "
            "left as it is.",
            "Bring the file back, then try again.",
            "TAKE_MISSING",
        )
    found = _known(opened, path) or _imported(opened, path, folder)
    if like is not None and like.rate is not None:
        found = _at_rate(found, like.rate)
    if found.frames != frames:
        raise Refusal(
            f"Resolve finds {found.frames} frames in {os.path.basename(path)}, not {frames}; the "
            "timeline was left as it is.",
            "The file may still be being copied. Try again.",
            "PLACEMENT_FAILED",
        )
    return found


def made_alike(found: Source, like: Source, metadata: Mapping[str, str]) -> list[str]:
    """How a take is read is copied from its source. What could not be, as it is called there."""
    found.handle.SetThirdPartyMetadata(dict(metadata))
    left = []
    for name in ALIKE:
        wanted = text(like.properties.get(name))
        if wanted and wanted != text(found.properties.get(name)):
            found.handle.SetClipProperty(name, wanted)
            if text(found.handle.GetClipProperty(name)) != wanted:
                left.append(name)
    return left


def enter(opened: Opened, name: str) -> Any:
    """Our bin of that name is the current folder from now on; made where there is none."""
    pool = opened.pool
    root = pool.GetRootFolder()
    ours = _inside(root, BIN) or pool.AddSubFolder(root, BIN)
    inner = (_inside(ours, name) or pool.AddSubFolder(ours, name)) if ours is not None else None
    if inner is None:
        raise Refusal(
            f"Resolve made no bin {BIN}/{name}, so nothing was imported.",
            "Close any dialog that is open in Resolve, then try again.",
            "RESOLVE_SILENT",
        )
    pool.SetCurrentFolder(inner)
    return inner


def _inside(folder: Any, name: str) -> Any:
    folders = listing(folder.GetSubFolderList())
    names = each(folders, "GetName")
    return next((one for one, has in zip(folders, names, strict=True) if has == name), None)


def _imported(opened: Opened, path: str, folder: str) -> Source:
    """What ImportMedia hands back is not believed: it may be nothing for a file that is there."""
    enter(opened, folder)
    opened.pool.ImportMedia([path])
    found = _known(opened, path)
    if found is None:
        raise Refusal(
            f"Resolve did not import {path}; the timeline was left as it is.",
            "Try to import the file yourself: Resolve then says why. The free edition on Linux "
            "reads no H.264.",
            "PLACEMENT_FAILED",
        )
    return found


def _known(opened: Opened, path: str) -> Source | None:
    """Anywhere in the pool; our own bin first, as the rest may be large."""
    root = opened.pool.GetRootFolder()
    ours = _inside(root, BIN)
    for folder in filter(None, (ours, root)):
        clip = _by_path(folder, os.path.normcase(path))
        if clip is not None:
            return read(clip)
    return None


def _by_path(folder: Any, wanted: str) -> Any:
    clips = listing(folder.GetClipList())
    paths = each(clips, "GetClipProperty", "File Path")
    for clip, path in zip(clips, paths, strict=True):
        if os.path.normcase(text(path)) == wanted:
            return clip
    inner = (_by_path(one, wanted) for one in listing(folder.GetSubFolderList()))
    return next((clip for clip in inner if clip is not None), None)


def _at_rate(found: Source, rate: Fraction) -> Source:
    """A source whose rate was set by hand in its attributes has a take that must be set so too."""
    if found.rate != rate:
        found.handle.SetClipProperty(RATE, f"{float(rate):.3f}".rstrip("0").rstrip("."))
        said = number(found.handle.GetClipProperty(RATE))
        if said is None or exact_rate(said) != rate:
            raise Refusal(
                f"Resolve reads {found.name} at {said} frames a second and its source at "
                f"{float(rate):.6g}; the timeline was left as it is.",
                "Set the same frame rate in both clips' attributes, then try again.",
                "PLACEMENT_FAILED",
            )
    return read(found.handle)
