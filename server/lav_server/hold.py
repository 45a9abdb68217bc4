"""The hold on a home: a locked file that says who serves it.

The system lets go of the lock when that process ends, however it ends, so what the file says of a
held home is true: a number in it is never that of a stranger.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

from lav_engine.errors import Code, LavError

NAME = "server.lock"
LOOK = 0.5  # seconds a look at the lock may take: whoever looks holds it for an instant
FAR = 2**30  # the byte that is locked: Windows lets nobody read a locked one
PROGRAMS = ("lav_server.cli", "lav-server", "lav-server.exe")  # in a server's command line


@dataclass(frozen=True, slots=True)
class Holder:
    pid: int  # 0: it has only just taken the home
    host: str  # a home may lie on storage that several machines see

    def process(self) -> psutil.Process:
        """Raises LavError where it cannot be seen from here."""
        try:
            process = psutil.Process(self.pid)
            words = [Path(word).name for word in process.cmdline()]
            if self.host == platform.node() and not set(PROGRAMS).isdisjoint(words):
                return process
        except psutil.Error:
            pass
        raise LavError(
            f"The server's process ({self.pid} of {self.host or 'this computer'}) cannot be seen "
            "from here.",
            "Is it just starting? Else end it where it runs.",
            Code.server_down,
        )


class Hold:
    """Holds the home for one server. Raises LavError where it has one already."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._file = _taken(home)

    def renew(self) -> None:
        """Again where somebody has removed the file. Raises LavError where it is another's now."""
        path = self.home / NAME
        if not (path.exists() and os.path.samestat(os.fstat(self._file.fileno()), path.stat())):
            fresh = _taken(self.home)
            self._file.close()
            self._file = fresh

    def __enter__(self) -> Hold:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.truncate(0)
        self._file.close()


def _taken(home: Path) -> BinaryIO:
    file = (home / NAME).open("a+b")
    deadline = time.monotonic() + LOOK
    while not _locked(file):
        if time.monotonic() > deadline:
            file.close()
            raise LavError(
                f"A server is already running for {home}.",
                "Use it, or stop it with `lav server stop`.",
                Code.server_down,
            )
        time.sleep(0.02)
    file.truncate(0)
    file.write(json.dumps(asdict(Holder(os.getpid(), platform.node()))).encode())
    file.flush()
    return file


def holder(home: Path) -> Holder | None:
    """Who serves this home; None where nobody does."""
    try:
        with (home / NAME).open("rb") as file:
            if _locked(file, shared=True):
                return None
            return _said(file.read())
    except (FileNotFoundError, NotADirectoryError):
        return None


def _said(text: bytes) -> Holder:
    try:
        said = json.loads(text)
        return Holder(max(int(said["pid"]), 0), str(said["host"]))
    except (ValueError, TypeError, KeyError):
        return Holder(0, "")


def _locked(file: BinaryIO, *, shared: bool = False) -> bool:
    """Whether the lock is ours now; it goes when the file is closed."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(FAR)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            file.seek(0)
        else:
            import fcntl

            kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            fcntl.flock(file.fileno(), kind | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
