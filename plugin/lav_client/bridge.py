"""`lav bridge`: what an editor's plug-in talks to, one JSON object a line on stdin and stdout.

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
from typing import Any, BinaryIO

import typer

from lav_client.bridge_asks import Asks
from lav_engine.errors import Code, LavError

LONGEST = 4 * 2**20  # bytes of a line
GRACE = 2.0  # seconds for what was asked last
BEHIND = 100  # lines read ahead


def bridge(ctx: typer.Context) -> None:
    """Speak with an editor's plug-in on stdin and stdout. Plug-ins start it by themselves."""
    lines = Lines(sys.stdin.buffer, _own_stdout())
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
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

    def next(self) -> bytes | None:
        """None when the editor has gone."""
        return self._read.get()

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
