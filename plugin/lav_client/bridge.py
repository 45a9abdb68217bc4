"""`lav bridge`: what an editor's plug-in talks to, one JSON object a line on stdin and stdout.

For Resolve, whose scripts only make calls, it is the plug-in as well: see resolve_bridge.

stdout carries the protocol and nothing else; what libraries print goes to stderr. It ends with its
editor, when stdin or stdout is closed; jobs go on in the server.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from lav_client import resolve_bridge, resolve_places
from lav_client.bridge_asks import Asks
from lav_client.install import bridge_command
from lav_client.resolve_spool import Spool
from lav_client.resolve_stdio import Stdio
from lav_engine.errors import Code, LavError

LONGEST = 4 * 2**20  # bytes of a line
GRACE = 2.0  # seconds for what was asked last
BEHIND = 100  # lines read ahead


class Driven(StrEnum):
    resolve = "resolve"


def bridge(
    ctx: typer.Context,
    host: Annotated[
        Driven | None, typer.Option("--host", help="The editor whose menu entry is to be driven.")
    ] = None,
    spool: Annotated[
        Path | None, typer.Option("--spool", metavar="DIR", help="A folder to be made, for Lua.")
    ] = None,
    task: Annotated[
        resolve_bridge.Task, typer.Option("--task", help="Which entry of its menu.")
    ] = resolve_bridge.Task.relight,
    record: Annotated[
        bool, typer.Option("--record", metavar="", help="Write what the editor answers.")
    ] = False,
) -> None:
    """Speak with an editor's plug-in on stdin and stdout. Plug-ins start it by themselves."""
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    if host is not None:
        talk = spool.parent if spool else resolve_places.talk(os.environ)
        wanted = resolve_bridge.Run(ctx.obj, bridge_command(ctx), talk, task, record)
        resolve_bridge.run(Spool(spool) if spool else Stdio(_lines()), wanted)
        os._exit(0)
    lines = _lines()
    asks = Asks(ctx.obj, lines.say)
    while (line := lines.next()) is not None:
        try:
            asks.take(_object(line))
        except LavError as error:
            asks.refuse(None, error)
    asks.finish(GRACE)
    os._exit(0)  # threads may still wait for a server, and nobody for them


class Lines:
    """Both directions. `say` may be called from any thread."""

    def __init__(self, source: BinaryIO, target: int) -> None:
        self._source, self._target = source, target
        self._lock = threading.Lock()
        self._read: queue.Queue[bytes | None] = queue.Queue(BEHIND)
        threading.Thread(target=self._pump, daemon=True).start()

    def next(self, seconds: float | None = None) -> bytes | None:
        """None when the editor has gone, nothing where it has said nothing by then."""
        try:
            return self._read.get(timeout=seconds)
        except queue.Empty:
            return b""

    def say(self, message: dict[str, Any]) -> None:
        data = memoryview(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        with self._lock:
            try:
                while data:
                    data = data[os.write(self._target, data) :]
            except OSError:  # nobody reads any more
                self._read.put(None)

    def _pump(self) -> None:
        """What is longer than a line may be is passed on cut, so that it can be refused."""
        while line := self._source.readline(LONGEST + 1):
            self._read.put(line)
            while len(line) > LONGEST and not line.endswith(b"\n"):
                line = self._source.readline(LONGEST + 1)
        self._read.put(None)


def _lines() -> Lines:
    return Lines(sys.stdin.buffer, _own_stdout())


def _own_stdout() -> int:
    """What was stdout; from now on that is stderr, for all that is printed by mistake."""
    sys.stdout.flush()
    own = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return own


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST:
        raise LavError(f"A line is longer than {LONGEST} bytes.", "Send less.", Code.bad_value)
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise LavError(
            "The bridge was sent a line that is no JSON object.",
            'Each line is {"id": 1, "ask": "NAME", "message": {...}}.',
            Code.bad_value,
        )
    return said
