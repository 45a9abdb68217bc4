"""A job's own folder: who works on it, and how far publishing its take has come.

In it is one folder with the newest claim's number for a name, and in that the engine's journal. A
new claim renames it, so a worker of an older one can keep no word there, not even with a write that
it was about to make.
"""

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


def claim(folder: Path, epoch: int) -> None:
    """From here on whoever works under an older epoch stores nothing more. Raises OSError."""
    earlier = _newest(folder)
    if earlier is None:
        (folder / str(epoch)).mkdir(parents=True)
    else:
        earlier.rename(folder / str(epoch))


def check_claim(folder: Path, epoch: int) -> None:
    """Raises Fenced where the job has been claimed anew, or has ended."""
    if not (folder / str(epoch)).is_dir():
        raise Fenced(f"claim {epoch} of {folder.name} is over")


def journal(folder: Path, epoch: int) -> Path:
    """The engine's; of a newer claim it is what the older ones left."""
    return folder / str(epoch) / JOURNAL


def has_journal(folder: Path) -> bool:
    newest = _newest(folder)
    return newest is not None and (newest / JOURNAL).exists()


def delivered(folder: Path) -> Take | None:
    """The take that a worker had put in its place when it was killed, or None.

    As the engine's journal says, and its file is still the one it names.
    """
    newest = _newest(folder)
    if newest is None:
        return None
    try:
        told = json.loads((newest / JOURNAL).read_text())
        if told["take"] is None:
            return None
        take = typed(Take, told["take"])
        made = next(one for one in told["files"] if one["path"] == str(take.path))
        found = os.lstat(take.path)
    except (OSError, ValueError, TypeError, KeyError, StopIteration):
        return None
    is_it = (found.st_size, found.st_ino) == (made["size"], made["inode"])
    return take if is_it else None


def release(folder: Path) -> None:
    """Of a job that has ended."""
    shutil.rmtree(folder, ignore_errors=True)


def there(jobs: Path) -> set[str]:
    """Jobs that have a folder."""
    return set(os.listdir(jobs)) if jobs.is_dir() else set()


def sweep(jobs: Path, ended: Collection[str]) -> None:
    """Folders of jobs that had ended when the server was killed before it could release them."""
    for name in ended:
        release(jobs / name)


def _newest(folder: Path) -> Path | None:
    """The newest claim's own folder, the only one."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return next((folder / name for name in names if name.isdigit()), None)
