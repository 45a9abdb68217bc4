"""Small copies of a take and of what it was made from, to be played side by side."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server.desk_link import Desk
from lav_server.room import said
from lav_server.service import Relight
from lav_server.web.answers import answering

LIMIT = 2 * 10**9  # bytes kept; the least recently watched go first
RESERVE = 10**9  # bytes of the disk that copies leave free
MOST = 20  # copies waiting to be made
SIDES = ("source", "take")


@dataclass(slots=True)
class _Making:
    task: asyncio.Task[None]
    fraction: float = 0.0


@dataclass(slots=True)
class Copies:
    """Made once each, one after the other, and kept within a limit."""

    folder: Path
    desk: Desk
    limit: int = LIMIT
    _making: dict[Path, _Making] = field(default_factory=dict)

    def sweep(self) -> None:
        """Removes what a server that was killed was writing."""
        for part in self.folder.glob(".*"):
            part.unlink(missing_ok=True)

    async def ready(self, clip: pb.ClipRange) -> tuple[Path, float]:
        """The copy's file, and how much of it is done: it is made where nobody has yet.

        Raises LavError where making it failed, once; who asks again has it tried again.
        """
        path = self.folder / await asyncio.to_thread(_name, clip)
        making = self._making.get(path)
        if making is not None and making.task.done():
            del self._making[path]
            making.task.result()
        elif making is not None:
            return path, making.fraction
        if await asyncio.to_thread(_touched, path):
            return path, 1.0
        return path, self._begun(path, clip).fraction

    async def close(self) -> None:
        tasks = [making.task for making in self._making.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begun(self, path: Path, clip: pb.ClipRange) -> _Making:
        if path not in self._making:
            self._forget_failures()
            if len(self._making) >= MOST:
                raise LavError("Too many takes are being opened.", "Wait.", Code.queue_full)
            self._making[path] = _Making(asyncio.create_task(self._make(path, clip)))
        return self._making[path]

    def _forget_failures(self) -> None:
        """Those that nobody came back to hear of."""
        for path in [path for path, making in self._making.items() if making.task.done()]:
            self._making.pop(path).task.exception()

    async def _make(self, path: Path, clip: pb.ClipRange) -> None:
        await asyncio.to_thread(self._make_room)

        def tell(fraction: float) -> None:
            self._making[path].fraction = min(fraction, 0.99)  # whole once it is in its place

        await self.desk.copy(clip, path, tell)
        await asyncio.to_thread(self._trim, path)

    def _make_room(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free
        if free < RESERVE:
            raise LavError(
                f"The disk has {said(free)} left, too little for a copy to play.",
                "Free some space, or watch the take in your editor.",
                Code.disk_short,
            )

    def _trim(self, newest: Path) -> None:
        files = sorted(self.folder.glob("*.mp4"), key=lambda one: -one.stat().st_mtime)
        total = 0
        for one in files:
            total += one.stat().st_size
            if total > self.limit and one != newest:
                one.unlink(missing_ok=True)


class Videos:
    def __init__(self, copies: Copies, service: Relight) -> None:
        self._copies = copies
        self._service = service

    def routes(self) -> list[Route]:
        return [
            Route("/video/{job}/state", answering(self.state)),
            Route("/video/{job}/{side}.mp4", answering(self.video)),
        ]

    async def state(self, request: Request) -> Response:
        """How far both copies are, 0..1; who asks has them made."""
        take = await self._service.take(request.path_params["job"])
        found = {side: (await self._copies.ready(_clip(take, side)))[1] for side in SIDES}
        return JSONResponse(found)

    async def video(self, request: Request) -> Response:
        """The copy itself, whole or in ranges; 202 and how far it is while it is being made."""
        side = request.path_params["side"]
        if side not in SIDES:
            raise LavError(f"There is no video called {side}.", "Load the page again.")
        take = await self._service.take(request.path_params["job"])
        path, fraction = await self._copies.ready(_clip(take, side))
        if fraction < 1:
            return JSONResponse({"fraction": fraction}, 202)
        return FileResponse(path, media_type="video/mp4", headers={"Cache-Control": "private"})


def _clip(take: pb.Take, side: str) -> pb.ClipRange:
    """What is copied: of the source exactly the take's frames."""
    if side == "source":
        return take.clip
    return pb.ClipRange(path=take.path, count=take.clip.count)


def _name(clip: pb.ClipRange) -> str:
    """By content, so that all takes of a clip share its copy, and a changed file has a new one."""
    found = Path(clip.path).stat()
    what = (clip.path, found.st_mtime_ns, found.st_size, clip.first, clip.count)
    return f"{hashlib.blake2b(repr(what).encode(), digest_size=12).hexdigest()}.mp4"


def _touched(path: Path) -> bool:
    """Whether it is there; it counts as watched now."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True
