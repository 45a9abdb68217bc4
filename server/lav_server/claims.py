"""A job's own folder: who works on it, and how far publishing its take has come."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path

from lav_engine.errors import Fenced
from lav_engine.record import typed
from lav_engine.spec import Take

JOURNAL = "journal.json"  # the engine's
EPOCH = "epoch"


def claim(folder: Path, epoch: int) -> None:
    """From here on whoever works under an older epoch stores nothing more. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{EPOCH}.{os.getpid()}"
    draft.write_text(str(epoch))
    draft.replace(folder / EPOCH)


def check_claim(folder: Path, epoch: int) -> None:
    """Raises Fenced where the job has been claimed anew, or has ended."""
    try:
        newest = (folder / EPOCH).read_text()
    except FileNotFoundError:
        newest = ""
    if newest != str(epoch):
        raise Fenced(f"claim {epoch} of {folder.name} is over")


def delivered(folder: Path) -> Take | None:
    """The take that a worker had put in its place when it was killed, or None.

    As the engine's journal says, and its file is still the one it names.
    """
    try:
        journal = json.loads((folder / JOURNAL).read_text())
        if journal["take"] is None:
            return None
        take = typed(Take, journal["take"])
        made = next(one for one in journal["files"] if one["path"] == str(take.path))
        found = os.lstat(take.path)
    except (OSError, ValueError, TypeError, KeyError, StopIteration):
        return None
    is_it = (found.st_size, found.st_ino) == (made["size"], made["inode"])
    return take if is_it else None


def release(folder: Path) -> None:
    """Of a job that has ended."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(jobs: Path, keep: Collection[str]) -> None:
    """Folders of jobs that had ended when the server was killed before it could release them."""
    for folder in jobs.iterdir() if jobs.is_dir() else ():
        if folder.name not in keep:
            release(folder)
