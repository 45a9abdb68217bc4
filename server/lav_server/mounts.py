"""The disk that a take's folder lies on: still there, or only the empty place it was mounted at."""

from __future__ import annotations

import os
from pathlib import Path

from lav_engine.errors import Code, LavError

AGAIN = "Connect its disk again, or make the folder again, then send the request once more."


def mount_of(folder: Path) -> Path:
    """Where the disk that it is on is mounted. By this name, for device numbers change with every
    start of a computer; a share that went and came back is the same one."""
    return next(
        one for one in (folder, *folder.parents) if os.path.ismount(one) or one == one.parent
    )


def check_there(folder: Path, mount: Path | None) -> None:
    """Raises LavError(OUTPUT_UNWRITABLE) where the folder has gone, or the disk that was `mount`.

    Without its disk a folder may well be there: the one below, which the disk hides again when it
    comes back. None: the disk is not known.
    """
    if not os.path.isdir(folder):
        raise LavError(
            f"The folder {folder} has gone, so the take cannot be written there.",
            AGAIN,
            Code.output_unwritable,
        )
    if mount is not None and mount_of(folder) != mount:
        raise LavError(
            f"The disk at {mount} is not the one that it was when the render was asked for, so "
            f"nothing was written to {folder}.",
            AGAIN,
            Code.output_unwritable,
        )
