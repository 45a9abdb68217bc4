"""The channel between the daemon and its children: JSON lines over the child's stdin and stdout.

Never pickles, never shares the child's own stdout: a stray print goes to the log instead.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO

from lav_server import logs

Message = dict[str, Any]

LONGEST_LINE = 64 * 2**20  # bytes; a 4K PNG preview fits
PR_SET_PDEATHSIG = 1  # linux/prctl.h
SIGKILL = 9  # not in every system's signal module


class Child:
    """The daemon's end: a running `python -m module`."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, module: str, log: Path) -> Child:
        """The child's stderr goes to `log`, after what earlier ones said."""
        logs.rotate(log)
        with log.open("ab") as stderr:
            # -P: a folder the server happens to be started in never provides modules.
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                module,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                limit=LONGEST_LINE,
            )
        return cls(process, log)

    @property
    def is_running(self) -> bool:
        return self._process.returncode is None

    def send(self, message: Message) -> None:
        """To a child that has just died this does nothing; `receive` tells."""
        logs.cut(self._log)  # before new work: the child is quiet now
        assert self._process.stdin is not None
        if not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(message).encode() + b"\n")

    async def receive(self) -> Message | None:
        """The next message; None once the child has ended."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if line.endswith(b"\n"):
            return json.loads(line)
        await self._process.wait()
        return None

    @property
    def code(self) -> int:
        """The exit code of one that has ended; negative: the signal's number."""
        assert self._process.returncode is not None
        return self._process.returncode

    def kill(self) -> None:
        if self.is_running:
            self._process.kill()

    async def end(self, grace: float) -> None:
        """Ends one that hangs: asked by SIGTERM, killed after `grace` seconds."""
        if self.is_running:
            self._process.terminate()
        await self.close(grace)

    async def close(self, grace: float) -> None:
        """Ends the child: it sees its input end and has `grace` seconds to tidy up."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(grace):
                await self._process.stdout.read()
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.stdout.read()
            await self._process.wait()

    def ending(self) -> str:
        """How it ended, in words that complete "the worker ..."."""
        code = self._process.returncode
        if code is None:
            return "still runs"
        if code == -SIGKILL:
            return "was killed, perhaps by the system for lack of memory"
        if code < 0:
            return f"crashed ({signal.Signals(-code).name})"
        return f"ended unexpectedly (exit code {code})"


class Parent:
    """The child's end. Make it first of all: it takes the real stdout out of everybody's reach."""

    def __init__(self) -> None:
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._lock = Lock()

    def send(self, message: Message) -> None:
        """From any thread."""
        line = json.dumps(message).encode() + b"\n"
        with self._lock:
            self._out.write(line)
            self._out.flush()

    def messages(self) -> Iterator[Message]:
        """Ends when the daemon closes the channel or dies."""
        for line in sys.stdin.buffer:
            yield json.loads(line)


def signal_on_parent_death(number: int) -> None:
    """Linux tells us even where the channel's end is not seen; elsewhere the channel must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
