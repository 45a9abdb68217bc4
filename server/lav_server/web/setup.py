"""What this computer has and lacks: the doctor's findings, models, editors, and getting them."""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lav_engine.errors import LavError
from lav_server.web.answers import answering, texts
from lav_server.web.commands import Tasks, answered
from lav_server.web.streams import ALIVE, BEAT, LOOK, Told, line, streamed

FRESH = 2.0  # seconds an answer is given again
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")  # never an option, never a path
HOSTS = {"blender": "Blender", "resolve": "DaVinci Resolve"}  # what `lav install` knows
LENGTHS = {"name": 64, "host": 20}


class Setup:
    def __init__(self, home: Path) -> None:
        self._home = home
        self._tasks = Tasks(home)
        self._looking = asyncio.Lock()
        self._seen: Told = {}
        self._seen_at = -FRESH

    def routes(self) -> list[Route]:
        return [
            Route("/setup", answering(self.all)),
            Route("/setup/tasks", answering(self.tasks)),
            Route("/setup/models/pull", answering(self.pull), methods=["POST"]),
            Route("/setup/models/verify", answering(self.verify), methods=["POST"]),
            Route("/setup/install", answering(self.install), methods=["POST"]),
        ]

    async def all(self, request: Request) -> Response:
        """Asked by several browsers at once it is looked at once."""
        async with self._looking:
            if time.monotonic() - self._seen_at > FRESH:
                doctor, models, hosts = await asyncio.gather(
                    self._told("doctor", "--json"),
                    self._told("models", "list", "--json"),
                    self._hosts(),
                )
                self._seen = {"doctor": doctor, "models": models, "hosts": hosts}
                self._seen_at = time.monotonic()
        return JSONResponse(self._seen)

    async def pull(self, request: Request) -> Response:
        name = _model((await texts(request, LENGTHS)).get("name", ""))
        return await self._start("pull", f"Fetch {name}", "models", "pull", "--", name)

    async def verify(self, request: Request) -> Response:
        """One model, or all that are here."""
        name = (await texts(request, LENGTHS)).get("name", "")
        which = ("--", _model(name)) if name else ()
        return await self._start("verify", f"Verify {name or 'models'}", "models", "verify", *which)

    async def install(self, request: Request) -> Response:
        host = (await texts(request, LENGTHS)).get("host", "")
        if host not in HOSTS:
            raise LavError(f"There is no installing into {host!r}.", "Load the page again.")
        return await self._start("install", f"Install in {HOSTS[host]}", "install", host)

    async def tasks(self, request: Request) -> Response:
        """Events `task`: the lines of what runs, as they come, and with which code it ended."""
        after = request.headers.get("last-event-id", "")
        return streamed(self._lines(int(after) if after.isdecimal() and len(after) < 16 else 0))

    async def close(self) -> None:
        await self._tasks.close()

    async def _lines(self, seq: int) -> AsyncIterator[str]:
        silent = BEAT  # the first line of all says that the stream is there
        while True:
            news = self._tasks.since(seq)
            for number, told in news:
                yield line("task", told, number)
            seq = max(seq, self._tasks.seq)
            silent = 0.0 if news else silent + LOOK
            if silent >= BEAT:
                silent = 0.0
                yield ALIVE
            await asyncio.sleep(LOOK)

    async def _start(self, kind: str, title: str, *words: str) -> Response:
        task = await self._tasks.start(kind, title, *words)
        self._seen_at = -FRESH
        return JSONResponse({"id": task.id, "title": task.title})

    async def _told(self, *words: str) -> Any:
        """The JSON a command prints; None where it prints none."""
        _, said = await answered(self._home, *words)
        try:
            return json.loads(said)
        except ValueError:
            return None

    async def _hosts(self) -> list[Told]:
        """Editors that were found."""
        looks = (self._told("install", name, "--dry-run", "--json") for name in HOSTS)
        blender, resolve = await asyncio.gather(*looks)
        return [*_blender(blender or {}), *_resolve(resolve or {})]


def _blender(told: dict[str, Any]) -> Iterator[Told]:
    if found := told.get("blenders"):
        versions = ", ".join(one["version"] for one in found)
        yield _host("blender", versions, any(one["installed"] for one in found))


def _resolve(told: dict[str, Any]) -> Iterator[Told]:
    """Installed where all is there that would be written, and nothing that would go."""
    if scripts := told.get("scripts"):
        is_whole = all(map(os.path.exists, scripts)) and not told["removed"]
        yield _host("resolve", "", is_whole)


def _host(name: str, found: str, installed: bool) -> Told:
    return {"host": name, "title": HOSTS[name], "version": found, "installed": installed}


def _model(name: str) -> str:
    if not NAME.fullmatch(name):
        raise LavError(f"{name!r} is no name of a model.", "Load the page again.")
    return name
