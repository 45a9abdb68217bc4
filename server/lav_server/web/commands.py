"""The commands of `lav` that the page runs, as children that end with the daemon."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from lav_engine.errors import Code, LavError
from lav_server.web.streams import Told

# SIGTERM is Ctrl+C to `lav`: what it was downloading can be gone on with.
PROGRAM = (
    "from lav_server.children import signal_on_parent_death as die\n"
    f"die({int(signal.SIGTERM)})\n"
    "from lav_client.entry import main\n"
    "main()"
)
LIMIT = 60.0  # seconds for a command that only looks
GRACE = 3.0  # seconds to end when asked to
MOST_LINES = 500  # remembered of all tasks together
LONGEST_LINE = 300  # characters
BLOCK = 4096  # bytes
ENDS = re.compile(rb"[\r\n]+")
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


async def started(home: Path, words: Iterable[str], stderr: int) -> Process:
    """`lav` with these words, for the server of this home."""
    return await asyncio.create_subprocess_exec(
        # -P: a folder the server happens to be started in never provides modules.
        *(sys.executable, "-P", "-c", PROGRAM, "--home", str(home), *words),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=stderr,
    )


async def answered(home: Path, *words: str) -> tuple[int, bytes]:
    """The exit code and the output of a command that only looks. Raises LavError."""
    process = await started(home, words, DEVNULL)
    try:
        async with asyncio.timeout(LIMIT):
            said, _ = await process.communicate()
    except TimeoutError:
        raise LavError(
            f"`lav {words[0]}` took longer than {LIMIT:.0f} seconds.",
            "Run it in a terminal to see why.",
            Code.internal,
        ) from None
    finally:
        await _ended(process, 0)
    assert process.returncode is not None
    return process.returncode, said


@dataclass(slots=True)
class Task:
    """A command that works: its lines are told as they come."""

    id: int
    title: str
    process: Process
    exit: int | None = None


@dataclass(slots=True)
class Tasks:
    """One of a kind at a time."""

    home: Path
    _ids: count[int] = field(default_factory=lambda: count(1))
    _seqs: count[int] = field(default_factory=lambda: count(1))
    _running: dict[str, Task] = field(default_factory=dict)
    _following: set[asyncio.Task[None]] = field(default_factory=set)
    _events: deque[tuple[int, Task, Told]] = field(default_factory=lambda: deque(maxlen=MOST_LINES))

    async def start(self, kind: str, title: str, *words: str) -> Task:
        """Raises LavError(QUEUE_FULL) while another of its kind runs."""
        if kind in self._running:
            raise LavError(
                f"{self._running[kind].title} is not finished yet.",
                "Wait until it is.",
                Code.queue_full,
            )
        task = Task(next(self._ids), title, await started(self.home, words, STDOUT))
        self._running[kind] = task
        following = asyncio.create_task(self._follow(kind, task))
        self._following.add(following)
        following.add_done_callback(self._following.discard)
        return task

    def since(self, seq: int) -> list[tuple[int, Told]]:
        """Lines and ends after a number; from 0 on only of tasks that still run."""
        return [
            (number, told)
            for number, task, told in self._events
            if number > seq and (seq or task.exit is None)
        ]

    @property
    def seq(self) -> int:
        """Of the newest line."""
        return self._events[-1][0] if self._events else 0

    async def close(self) -> None:
        await asyncio.gather(*(_ended(task.process, GRACE) for task in self._running.values()))
        await asyncio.gather(*self._following)

    async def _follow(self, kind: str, task: Task) -> None:
        output = task.process.stdout
        assert output is not None
        self._tell(task, "")
        rest = b""
        while block := await output.read(BLOCK):
            *lines, rest = ENDS.split(rest + block)
            for line in lines:
                self._say(task, line)
            rest = rest[-BLOCK:]
        self._say(task, rest)
        task.exit = await task.process.wait()
        del self._running[kind]
        self._tell(task, "", exit=task.exit)

    def _say(self, task: Task, line: bytes) -> None:
        text = COLOURS.sub("", line.decode(errors="replace")).strip()
        if text:
            self._tell(task, text[:LONGEST_LINE])

    def _tell(self, task: Task, line: str, **more: object) -> None:
        told = {"id": task.id, "title": task.title, "line": line, **more}
        self._events.append((next(self._seqs), task, told))


async def _ended(process: Process, grace: float) -> None:
    """Asked to end, then made to."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(TimeoutError):
        async with asyncio.timeout(grace):
            await process.wait()
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
