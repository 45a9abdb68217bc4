"""What renders run on, and how full its memory is: a card's, or else the computer's."""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
import time
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress

import psutil

from lav_server.web.streams import Told

FRESH = 2.0  # seconds
CARDS_FRESH = 10.0  # seconds; asking the driver takes a process
LIMIT = 20.0  # seconds for nvidia-smi, which hangs with a broken driver
STEP = 100_000_000  # bytes: less is not told, so that a quiet computer is quiet
MB = 2**20
QUERY = ("--query-gpu=name,memory.used,memory.total", "--format=csv,noheader,nounits")


class Device:
    """Nobody waits for the driver: until it has answered, what it said before is told."""

    def __init__(self, program: str | None = None) -> None:
        """`program` is nvidia-smi, where it is not the one that the computer finds."""
        self._program = program or shutil.which("nvidia-smi")
        self._told: Told = {}
        self._told_at = -FRESH
        self._cards: list[Told] = []
        self._cards_at = -CARDS_FRESH
        self._asking: asyncio.Task[None] | None = None

    async def look(self) -> Told:
        """`name` in words, `used` and `total` in bytes."""
        now = time.monotonic()
        if self._program and self._asking is None and now - self._cards_at > CARDS_FRESH:
            self._asking = asyncio.create_task(self._ask(self._program))
        if now - self._told_at > FRESH:
            self._told_at = now
            self._told = self._cards[0] if self._cards else computer()
        return self._told

    async def close(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            with suppress(asyncio.CancelledError):
                await self._asking

    async def _ask(self, program: str) -> None:
        try:
            self._cards = cards(await _said(program))
        finally:
            self._cards_at = time.monotonic()
            self._asking = None


def computer() -> Told:
    memory = psutil.virtual_memory()
    return _rounded(f"CPU, {os.cpu_count()} cores", memory.total - memory.available, memory.total)


def cards(said: str) -> list[Told]:
    """Of the driver's rows "name, used, total" in MiB; those it says nothing about are left out."""
    found = []
    for row in csv.reader(said.splitlines(), skipinitialspace=True):
        if len(row) == 3 and row[1].isdecimal() and row[2].isdecimal():
            found.append(_rounded(row[0], int(row[1]) * MB, int(row[2]) * MB))
    return found


def _rounded(name: str, used: int, total: int) -> Told:
    return {"name": name, "used": round(used / STEP) * STEP, "total": total}


async def _said(program: str) -> str:
    """ "" where it fails or hangs."""
    try:
        child = await asyncio.create_subprocess_exec(
            program, *QUERY, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
    except OSError:
        return ""
    try:
        async with asyncio.timeout(LIMIT):
            said, _ = await child.communicate()
    except TimeoutError:
        return ""
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    return said.decode(errors="replace") if child.returncode == 0 else ""
