"""Folders and clips below the server's roots, for choosing a clip by its path."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from itertools import islice
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lav_engine.errors import LavError
from lav_server.security import Roots
from lav_server.web.answers import answering, text

MOST = 2000  # names of either kind; `is_cut` tells that there are more
LOOKED_AT = 50_000  # entries of one folder
CLIPS = frozenset(
    (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".mxf", ".avi", ".mts", ".m2ts", ".ts", ".mpg")
)
STILLS = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".exr", ".webp", ".bmp"))
KINDS = {"clips": CLIPS, "masks": CLIPS | STILLS}  # a mask may be either


class Browsing:
    def __init__(self, roots: Roots) -> None:
        self._roots = roots

    def routes(self) -> list[Route]:
        return [Route("/browse", answering(self.browse))]

    async def browse(self, request: Request) -> Response:
        """What is in `?folder=`; without one, in the first root. `?kind=masks`: stills too."""
        folder, kind = text(request, "folder", ""), text(request, "kind", "clips")
        if kind not in KINDS:
            raise LavError(f"The page asked for {kind[:40]!r}.", "Load the page again.")
        return JSONResponse(await asyncio.to_thread(listing, self._roots, folder, KINDS[kind]))


def is_clip(name: str) -> bool:
    """By its ending alone; whether it can be read is the probe's to say."""
    return _ends(name, CLIPS)


def _ends(name: str, endings: Collection[str]) -> bool:
    return Path(name).suffix.lower() in endings


def listing(roots: Roots, wanted: str, endings: Collection[str] = CLIPS) -> dict[str, object]:
    """Names in a folder, hidden ones and links out of the roots left out. Raises LavError."""
    tops = [folder for folder in dict.fromkeys(roots.folders()) if folder.is_dir()]
    folder = roots.folder(Path(wanted) if wanted else next(iter(tops), Path.home()), "clip")
    found = _entries(folder, tops)
    folders = [name for name, is_folder in found if is_folder]
    clips = [name for name, is_folder in found if not is_folder and _ends(name, endings)]
    is_top = not any(folder.parent.is_relative_to(top) for top in tops)
    return {
        "folder": str(folder),
        "parent": None if is_top else str(folder.parent),
        "folders": folders[:MOST],
        "clips": clips[:MOST],
        "is_cut": max(len(folders), len(clips)) > MOST,
        "roots": [str(top) for top in tops],
    }


def _entries(folder: Path, tops: list[Path]) -> list[tuple[str, bool]]:
    """Names with whether they are folders', in the order of an editor's bins."""
    try:
        with os.scandir(folder) as entries:
            seen = list(islice(entries, LOOKED_AT))
    except OSError:  # not for this user, or gone since
        return []
    found = [
        (entry.name, entry.is_dir())
        for entry in seen
        if _is_shown(entry.name) and _is_inside(entry, tops) and (entry.is_dir() or entry.is_file())
    ]
    return sorted(found, key=lambda one: one[0].casefold())


def _is_shown(name: str) -> bool:
    """Names that JSON cannot tell are left out with the hidden ones."""
    return not name.startswith(".") and name.isprintable()


def _is_inside(entry: os.DirEntry[str], tops: list[Path]) -> bool:
    """Only links lead out of a folder that is open."""
    if not entry.is_symlink():
        return True
    try:
        found = Path(entry.path).resolve()
    except (OSError, RuntimeError):  # a loop of links
        return False
    return any(found.is_relative_to(top) for top in tops)
