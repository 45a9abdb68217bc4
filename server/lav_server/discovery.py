"""How clients find the running server: a file only its user can read, and a lock on the home."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import psutil

from lav_engine.errors import Code, LavError

NAME = "server.json"
LOCK = "server.lock"


@dataclass(frozen=True, slots=True)
class Discovery:
    port: int
    token: str  # new on every start
    pid: int
    server_id: str
    version: str
    protocol: int
    tls_port: int = 0  # for other machines; 0: they are not served

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


def write(home: Path, discovery: Discovery) -> None:
    """In one step, so that nobody reads half of it."""
    fresh = home / f".{NAME}.{discovery.pid}"
    with suppress(FileNotFoundError):
        fresh.unlink()
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(discovery), file)
    fresh.replace(home / NAME)


def read(home: Path) -> Discovery | None:
    """None where no server has left one; whether it still runs is `is_alive`."""
    try:
        found = json.loads((home / NAME).read_text())
        known = {field.name for field in fields(Discovery)}  # a newer server may say more
        return Discovery(**{name: value for name, value in found.items() if name in known})
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, AttributeError):
        return None


def remove(home: Path) -> None:
    (home / NAME).unlink(missing_ok=True)


def is_alive(discovery: Discovery) -> bool:
    """Whether that process runs and is a server, not a stranger with the same number."""
    try:
        process = psutil.Process(discovery.pid)
        command = " ".join(process.cmdline())
        return process.status() != psutil.STATUS_ZOMBIE and "lav" in command and "server" in command
    except psutil.Error:
        return False


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Holds the home for one server; the system lets go when the process ends, however it ends."""
    with (home / LOCK).open("a+") as file:
        try:
            _lock(file.fileno())
        except OSError:
            raise LavError(
                f"A server is already running for {home}.",
                "Use it, or stop it with `lav server stop`.",
                Code.server_down,
            ) from None
        yield


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
