"""What a render is about to publish, told to whoever runs the job again after a kill."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lav_engine.publish import Reserved, discard, publish, replace_text, writing
from lav_engine.record import plain, typed
from lav_engine.spec import Take


@dataclass(frozen=True, slots=True)
class _File:
    path: Path  # the final name
    temp: Path  # hidden beside it
    mode: int = 0o600
    size: int = -1  # bytes; -1: not finished
    inode: int = 0

    @property
    def reserved(self) -> Reserved:
        return Reserved(self.path, self.temp, self.mode)

    def is_at(self, path: Path) -> bool:
        """Whether this very file, finished, has that name."""
        with suppress(OSError):
            found = path.lstat()
            return (found.st_ino, found.st_size) == (self.inode, self.size)
        return False


@dataclass(frozen=True, slots=True)
class _Entry:
    files: tuple[_File, ...] = ()
    take: Take | None = None  # once every file is finished


class Journal:
    """One job's, kept in `path` from attempt to attempt; None keeps nothing.

    `fence` raises where the job has been given to another process; nothing is written after it.
    """

    def __init__(self, path: Path | None, fence: Callable[[], None]) -> None:
        self._path, self._fence = path, fence
        self._entry = _Entry()

    def settle(self) -> Take | None:
        """What an earlier attempt left: its take if that was finished, and no temporary file.

        A finished take that a kill kept from its name gets it now. Raises LavError where somebody
        else has taken the name since.
        """
        earlier = self._read()
        take, files = earlier.take, earlier.files
        if take is not None and not _is_published(take, files):
            if not all(file.is_at(file.path) or file.is_at(file.temp) for file in files):
                take = None
            else:
                self._fence()
                for file in files:
                    if not file.is_at(file.path):
                        publish(file.reserved)
        for file in files:
            with writing(file.path):
                if take is None and file.is_at(file.path):  # a sheet whose take is lost
                    file.path.unlink()
                discard(file.reserved)
        return take

    def announce(self, reserved: Reserved) -> None:
        """`reserved` is about to be made."""
        file = _File(reserved.path, reserved.temp)
        self._write(_Entry((*self._entry.files, file)))

    def finish(self, files: Sequence[Reserved], take: Take) -> None:
        """All `files` are whole and on disk, and about to get their names."""
        self._write(_Entry(tuple(_finished(one) for one in files), take))

    def _write(self, entry: _Entry) -> None:
        self._entry = entry
        self._fence()
        if self._path is not None:
            replace_text(self._path, json.dumps(plain(entry)))

    def _read(self) -> _Entry:
        if self._path is None:
            return _Entry()
        try:
            return typed(_Entry, json.loads(self._path.read_text()))
        except (OSError, ValueError, TypeError, KeyError):  # none, or one that tells nothing
            return _Entry()


def _is_published(take: Take, files: Sequence[_File]) -> bool:
    """It comes last, so the others were too, whatever has become of them since."""
    return any(file.path == take.path and file.is_at(file.path) for file in files)


def _finished(reserved: Reserved) -> _File:
    found = os.lstat(reserved.temp)
    return _File(reserved.path, reserved.temp, reserved.mode, found.st_size, found.st_ino)
