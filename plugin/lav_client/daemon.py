"""Starting a server that outlives us, and stopping it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

import psutil

from lav_engine.errors import Code, LavError
from lav_server import hold
from lav_server.config import HELD, home_folder

START_LIMIT = 15.0  # seconds for a server to come up or to end
KEPT = "start.json"  # the words after `lav-server` of the last start that had any
LEAST_DISK = 2**20  # bytes; a server cannot start with less

Found = TypeVar("Found")


def start(home: Path, options: Sequence[str], find: Callable[[], Found | None]) -> Found:
    """Starts a server and waits, up to 15 s, until `find` meets it; it outlives this process.

    `options` are lav-server's own; they are kept, and without any the kept ones hold. Of several
    servers that start at once, one gets the home. Raises LavError.
    """
    log = home / "start.log"
    deadline = time.monotonic() + START_LIMIT
    words = options or kept(home)
    process = None
    while time.monotonic() < deadline:
        if found := find():
            if options:
                _keep(home, options)
            return found
        ended = process.poll() if process else HELD
        if ended is not None and ended != HELD:
            break
        # Never beside another one, which may be on its way up or out: ours would outlast it.
        if ended == HELD and hold.holder(home) is None:
            process = _spawned(home, words, log)
        time.sleep(0.02)
    raise _not_started(home, log)


def kept(home: Path) -> list[str]:
    """What the last start that had options had. Raises LavError."""
    path = home / KEPT
    try:
        words = json.loads(path.read_text())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except ValueError:
        words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise LavError(
            f"{path}, the options that the server was started with, cannot be understood.",
            "Run `lav server start --forget`, with the options it shall have.",
        )
    return words


def forget(home: Path) -> None:
    (home / KEPT).unlink(missing_ok=True)


def _keep(home: Path, options: Sequence[str]) -> None:
    fresh = home / f".{KEPT}.{os.getpid()}"
    fresh.write_text(json.dumps(options))
    fresh.replace(home / KEPT)


def _spawned(home: Path, options: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "lav_server.cli", "--home", str(home), *options]
    with _new_log(home, log) as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl+C here is not meant for it
        )
    # It outlives us, but while we live its end must be waited for, or it stays a zombie.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def _new_log(home: Path, log: Path) -> BinaryIO:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        return log.open("wb")
    except OSError as error:
        raise _unusable(home, error.strerror or str(error)) from None


def _not_started(home: Path, log: Path) -> LavError:
    if shutil.disk_usage(home).free < LEAST_DISK:  # the log had no room to say so
        return _unusable(home, "its disk is full", Code.disk_short)
    if holder := hold.holder(home):
        return LavError(
            f"A server (process {holder.pid}) has {home}, but cannot be reached.",
            "Run `lav server stop`, then `lav server start`; renders go on where they were.",
            Code.server_down,
        )
    last = log.read_text(errors="replace").strip().splitlines()[-1:]
    said = last[0] if last else "It said nothing."
    return LavError(f"The server did not start. {said}", f"See {log}.", Code.server_down)


def _unusable(home: Path, why: str, code: Code = Code.output_unwritable) -> LavError:
    return LavError(
        f"The server's folder {home} cannot be used: {why}.",
        "Choose another with --home or LAV_HOME.",
        code,
    )


def stop(home: Path | None = None) -> bool:
    """Stops the server of `home` and waits for its end (up to 15 s); False where none ran.

    Only the process that holds the home is ever ended, whatever an old server.json says.
    """
    found = hold.holder(home_folder(home, os.environ))
    if found is None:
        return False
    process = found.process()
    try:
        process.terminate()
        process.resume()  # a frozen one hears nothing else
        process.wait(START_LIMIT)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        raise LavError(
            f"The server (process {found.pid}) did not stop within {START_LIMIT:.0f} seconds.",
            "End that process yourself; renders go on at the next start.",
            Code.server_down,
        ) from None
    return True
