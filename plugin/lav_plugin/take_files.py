"""Where takes go: a folder beside the source, under names that nothing has.

Standard library only.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection

from .model import Refusal

FOLDER = "LAV Takes"
SUFFIX = ".mov"  # holds H.264 as well as ProRes, whichever the server finds to suit the source
LONGEST = 120  # bytes of a source's name that are used


def take_folder(source: str, project: str) -> str:
    """Made where it is not there yet: beside the source, else beside the saved project."""
    tried = []
    for base in filter(None, (os.path.dirname(source), project)):
        folder = os.path.join(base, FOLDER)
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            tried.append(f"{base} ({error.strerror})")
            continue
        if os.access(folder, os.W_OK):
            return folder
        tried.append(f"{base} (not writable)")
    raise Refusal(
        f"There is no folder for the take: {', '.join(tried)}. Nothing was sent.",
        "Save the project in a folder that can be written to."
        if not project
        else "Make one of these folders writable.",
        "OUTPUT_UNWRITABLE",
    )


def new_take(source: str, look: str, folder: str, taken: Collection[str]) -> str:
    """`<folder>/<source>_lav_<look>_v001.mov`: neither a file nor one of the paths in `taken`."""
    stem = os.path.splitext(os.path.basename(source))[0]
    stem = stem.encode("utf-8", "surrogateescape")[:LONGEST].decode("utf-8", "ignore")
    name = f"{stem}_lav_{re.sub(r'[^a-z0-9]+', '-', look.lower()).strip('-') or 'light'}"
    number = 1
    while True:
        path = os.path.join(folder, f"{name}_v{number:03}{SUFFIX}")
        if path not in taken and not os.path.lexists(path):
            return path
        number += 1


def look_of(take: str) -> str:
    """Of a path made by `new_take`."""
    return os.path.basename(take).rpartition("_lav_")[2].rpartition("_v")[0]


def found_take(take: str, source: str) -> str | None:
    """Where the take is: projects are moved together with what lies beside them."""
    moved = os.path.join(os.path.dirname(source), FOLDER, os.path.basename(take))
    return next((one for one in (take, moved) if os.path.exists(one)), None)
