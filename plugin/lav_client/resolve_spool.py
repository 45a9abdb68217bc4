"""A folder as the way between the bridge and a Lua script, whose pipes run one way only.

Requests are `000001.lua`, answers `000001.json`: written beside, renamed when whole, removed by
whoever reads them. The bridge makes the folder, for its user alone, and removes it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from lav_client import resolve_lua
from lav_client.resolve_link import Gone
from lav_engine.errors import Code, LavError

LONGEST = 16 * 2**20  # bytes of an answer
SOON, LATE = 0.001, 0.015  # seconds between looks, at first and after a while
HASTE = 0.2  # seconds; Resolve answers most within


class Spool:
    """A Carrier. Time asleep does not count, so a laptop that wakes up goes on."""

    def __init__(self, folder: Path) -> None:
        """Raises LavError where it exists or cannot be made."""
        self.folder = folder
        self._sent = self._read = 0
        try:
            folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.mkdir(folder, 0o700)  # on Windows too this is for the user alone
        except OSError as error:
            raise LavError(
                f"{folder} cannot be made ({error.strerror}), so Resolve cannot be spoken with.",
                "Check that its disk is not full and the folder above is yours to write.",
                Code.output_unwritable,
            ) from None

    def send(self, request: dict[str, Any]) -> None:
        """ValueError for what Lua cannot hold."""
        chunk = resolve_lua.request(request)
        self._sent += 1
        fresh = self.folder / f"{self._sent:06d}.lua.new"
        try:
            fresh.write_text(chunk, encoding="ascii")
            fresh.replace(fresh.with_suffix(""))
        except OSError as error:
            raise Gone(f"{fresh} cannot be written: {error.strerror}.") from None

    def next(self, seconds: float) -> dict[str, Any] | None:
        path = self.folder / f"{self._read + 1:06d}.json"
        waited, pause = 0.0, SOON
        while not path.exists():
            if waited >= seconds:
                return None
            if not self.folder.exists():
                raise Gone(f"{self.folder} was removed.")
            time.sleep(pause)
            waited += pause
            pause = SOON if waited < HASTE else LATE
        self._read += 1
        return _said(path)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def sweep(parent: Path, mine: Path | None) -> None:
    """What runs left that were killed; to be called by the only one that runs."""
    for left in parent.glob("run-*") if parent.is_dir() else ():
        if mine is not None and left.name.split(".")[0] == mine.name:
            continue
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        elif left.suffix == ".log":
            left.unlink(missing_ok=True)


def _said(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= LONGEST else b""
        path.unlink()
        said = json.loads(data.decode("utf-8", "surrogateescape"))
    except (OSError, ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Gone("The script in Resolve said what cannot be understood.")
    return said
