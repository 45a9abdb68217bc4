"""Names and notes that people give takes, kept by the server: every browser sees them."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lav_engine.errors import LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server.service import Relight
from lav_server.web.answers import answering, texts
from lav_server.web.streams import Told

LENGTHS = {"name": 200, "notes": 5000}  # characters
MOST = 2000  # takes; those whose words are oldest go


class Takes:
    def __init__(self, file: Path, service: Relight) -> None:
        self._file = file
        self._service = service
        self._kept = _read(file)
        self._turn = asyncio.Lock()

    def routes(self) -> list[Route]:
        return [
            Route("/takes", answering(self.all)),
            Route("/takes/{job}", answering(self.change), methods=["POST"]),
        ]

    async def all(self, request: Request) -> Response:
        return JSONResponse(await self.look())

    async def change(self, request: Request) -> Response:
        """`{"name", "notes"}`: what is left out stays; empty: none."""
        said = await texts(request, LENGTHS)
        if not said.get("name", "").isprintable():
            raise LavError("A take's name is one line.", "Put the rest into its notes.")
        job = await self._service.GetJob(
            pb.GetJobRequest(id=request.path_params["job"]),
            None,  # type: ignore[arg-type]
        )
        async with self._turn:
            words = {**self._kept.get(job.id, {}), **said}
            others = {id: kept for id, kept in self._kept.items() if id != job.id}
            newest = {job.id: words} if any(words.values()) else {}
            self._kept = dict(list({**others, **newest}.items())[-MOST:])
            await asyncio.to_thread(_write, self._file, self._kept)
        return JSONResponse(await self.look())

    async def look(self) -> Told:
        return {"takes": self._kept}


def _read(file: Path) -> dict[str, dict[str, str]]:
    """None where there is no file, or not one of ours."""
    try:
        return {
            str(job): {name: str(words[name]) for name in LENGTHS if name in words}
            for job, words in json.loads(file.read_text()).items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(file: Path, kept: dict[str, dict[str, str]]) -> None:
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.write_text(json.dumps(kept))
    fresh.replace(file)
