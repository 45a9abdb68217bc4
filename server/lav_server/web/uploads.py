"""Clips dropped onto the page: taken in whole or not at all, each in a folder of its own."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server.room import said
from lav_server.security import Roots
from lav_server.service import Relight
from lav_server.web.answers import answering, text, told, whole
from lav_server.web.browsing import CLIPS, is_clip

log = logging.getLogger(__name__)

RESERVE = 2 * 10**9  # bytes of the disk that uploads leave free
MOST = 3  # at once
BLOCK = 4 * 2**20  # bytes written at a time
PATIENCE = 30.0  # seconds for the browser's next bytes
DRAINED = 10**9  # bytes of a refused clip that are let pass
LINGER = 5.0  # seconds for that
PART = ".part"


class Uploads:
    def __init__(self, folder: Path, service: Relight, reserve: int = RESERVE) -> None:
        self._folder = folder
        self._service = service
        self._reserve = reserve
        self._open = 0

    def routes(self) -> list[Route]:
        return [
            Route("/upload", answering(self.check)),
            Route("/upload", answering(self.take), methods=["PUT"]),
        ]

    def sweep(self) -> None:
        """Removes what a server that was killed was taking in."""
        for part in self._folder.glob(f"*/*{PART}"):
            shutil.rmtree(part.parent, ignore_errors=True)

    async def check(self, request: Request) -> Response:
        """Whether `?name=&size=` would be taken: a browser may not hear a refusal in mid-send."""
        await self._check_room(whole(request, "size", 0))
        checked_name(text(request, "name"), self._folder)
        return JSONResponse({})

    async def take(self, request: Request) -> Response:
        """Streams the body to the disk, looks at the clip, and tells its facts."""
        announced = request.headers.get("content-length", "")
        size = int(announced[:18]) if announced.isdecimal() else 0
        body = request.stream()
        try:
            return await self._taken(text(request, "name"), size, body)
        except LavError:
            if size < DRAINED:
                await _drain(body)
            raise

    async def _taken(self, said_name: str, size: int, body: AsyncIterator[bytes]) -> Response:
        await self._check_room(size)
        name = checked_name(said_name, self._folder)
        async with self._place() as folder:
            path = folder / name
            try:
                await self._receive(body, folder / f"upload{PART}", path)
            except ClientDisconnect:
                raise LavError("The upload was broken off.", "Drop the clip again.") from None
            return told(await self._service.Probe(pb.ProbeRequest(path=str(path)), None))  # type: ignore[arg-type]

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[Path]:
        """A new folder, which goes again where its clip is not taken, whatever the reason."""
        if self._open >= MOST:
            raise LavError(
                f"{MOST} clips are being uploaded already.", "Wait for one.", Code.queue_full
            )
        self._open += 1
        folder = self._folder / secrets.token_hex(8)
        try:
            folder.mkdir(parents=True, mode=0o700)
            yield folder.resolve()
        except BaseException:  # cancelled with the server, too
            shutil.rmtree(folder, ignore_errors=True)
            raise
        finally:
            self._open -= 1

    async def _receive(self, body: AsyncIterator[bytes], part: Path, path: Path) -> None:
        blocks = _blocks(body)
        with part.open("xb") as file:
            while (block := await _next(blocks)) is not None:
                await self._check_room(len(block))
                await asyncio.to_thread(file.write, block)
        part.rename(path)

    async def _check_room(self, size: int) -> None:
        """Raises LavError(DISK_SHORT) where the disk would be left with less than the reserve."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = (await asyncio.to_thread(shutil.disk_usage, self._folder)).free
        if size > free - self._reserve:
            raise LavError(
                f"The disk has {said(free)} left, too little to take this clip in.",
                "Open the clip by its path instead: then it is not copied.",
                Code.disk_short,
            )


def checked_name(name: str, folder: Path) -> str:
    """A plain name with a clip's ending, as a file below `folder` may have. Raises LavError."""
    if not name or "/" in name or "\\" in name or name != Path(name).name:
        raise LavError(f"{name!r} is no name of a file.", "Rename the clip.")
    Roots(own=(folder,)).target(folder / name, "upload")
    if not is_clip(name):
        raise LavError(
            f"{name} does not end like a clip.",
            f"Known are {', '.join(sorted(CLIPS))}.",
            Code.media_unsupported,
        )
    return name


async def _drain(body: AsyncIterator[bytes]) -> None:
    """Lets the browser finish sending: broken off, it would not hear why."""
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(LINGER):
            async for _ in body:
                pass


async def _blocks(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The body in large pieces: each is a trip to another thread."""
    held = bytearray()
    async for piece in body:
        held += piece
        if len(held) >= BLOCK:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


async def _next(blocks: AsyncIterator[bytes]) -> bytes | None:
    """None at the end. Raises LavError where the browser has stopped sending."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await anext(blocks, None)
    except TimeoutError:
        raise LavError("The upload stood still, so it was ended.", "Drop the clip again.") from None
