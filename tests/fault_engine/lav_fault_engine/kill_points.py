"""Ends a process at a named point, for tests: no code of ours knows of it.

LAV_TEST_KILL_AT names a folder. A file `POINT` in it is used up by the first process that gets to
that point, which then kills itself; with "both" in it, its parent first. Points of a worker: step,
lit, and before/after of map, journal, sync, publish. Of the server, before/after of claim,
window, publishing, done; and commit, before only. In the file `windows` there the engine notes
every window it starts, in `steps` when each step ended and the seconds it took.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

VARIABLE = "LAV_TEST_KILL_AT"
Name = Callable[..., str]


def install() -> None:
    """Does nothing without the variable."""
    if VARIABLE not in os.environ:
        return
    _wrap(os, "replace", lambda source, target: _file(target))
    _wrap(os, "mkdir", lambda folder, *_: _file(folder))
    _wrap(os, "rename", lambda source, target: _file(target))
    _wrap(os, "link", lambda source, target: "publish")
    _wrap(os, "fsync", lambda handle: "sync")
    if "lav_server.store" in sys.modules:  # this is the daemon
        module: Any = sys.modules["lav_server.store"]
        _wrap(module.Store, "claim", lambda *_: "claim")
        _wrap(module.Store, "finish_window", lambda *_: "window")
        _wrap(module.Store, "move", lambda store, job, state, **_: state.value)
        _wrap(module._Transaction, "__exit__", lambda *_: "commit")


def reach(point: str) -> None:
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    armed = Path(folder) / point
    try:
        victims = armed.read_text()
        armed.unlink()
    except FileNotFoundError:
        return
    note("killed", point, os.getpid())
    if victims == "both":
        os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def note(file: str, *words: object) -> None:
    if folder := os.environ.get(VARIABLE):
        with (Path(folder) / file).open("a") as notes:
            notes.write(" ".join(map(str, words)) + "\n")


def _wrap(owner: Any, name: str, point: Name) -> None:
    real = getattr(owner, name)

    @functools.wraps(real)
    def wrapped(*arguments: Any, **more: Any) -> Any:
        where = point(*arguments, **more)
        reach(f"{where}-before")
        result = real(*arguments, **more)
        reach(f"{where}-after")
        return result

    setattr(owner, name, wrapped)


def _file(target: Any) -> str:
    name = os.fspath(target)
    stem = Path(str(name)).stem
    if stem.isdigit():  # a claim's folder
        return "epoch"
    return "map" if str(name).endswith(".npz") else stem
