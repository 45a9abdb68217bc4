"""The page's routes: itself, the calls of lav.v1 as JSON, and what jobs do as a stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any, Protocol

from google.protobuf.message_factory import GetMessageClass
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server.problem import Problem
from lav_server.service import Relight
from lav_server.web.answers import answering, as_json, read, refused, told
from lav_server.web.gate import Gate, cookie_name
from lav_server.web.sessions import LIFE, Sessions
from lav_server.web.streams import LOOK, Look, Told, changes, line, streamed

LONGEST_CODE = 200  # bytes
PATIENCE = 5.0  # seconds for a code to arrive
STATIC = Path(__file__).parent / "static"
CALLS = {
    method.name: GetMessageClass(method.input_type)
    for method in pb.DESCRIPTOR.services_by_name["Relight"].methods
    if not method.server_streaming
}


class Part(Protocol):
    """A page's subject with addresses of its own."""

    def routes(self) -> list[Route]: ...


def site(
    service: Relight,
    sessions: Sessions,
    hosts: tuple[str, ...],
    parts: Sequence[Part],
    looks: Mapping[str, Look],
) -> Gate:
    """The whole page as one ASGI application, behind its gate.

    `looks` are told beside the jobs, all in one stream: browsers open six at most.
    """
    page = _Page(service, sessions, cookie_name(hosts), looks)
    routes = [
        Route("/", page.home),
        Route("/enter", answering(page.enter), methods=["POST"]),
        Route("/api/{call}", answering(page.call), methods=["POST"]),
        Route("/events", answering(page.queue)),
        Route("/events/{job}", answering(page.job)),
        *(route for part in parts for route in part.routes()),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Gate(Starlette(routes=routes), sessions, hosts)


class _Page:
    def __init__(
        self, service: Relight, sessions: Sessions, cookie: str, looks: Mapping[str, Look]
    ) -> None:
        self._service = service
        self._sessions = sessions
        self._cookie = cookie
        self._looks = {"jobs": self._jobs, **looks}
        self._listed: tuple[bytes, Told] = b"", {}  # as it was last, for all streams together
        self._listed_at = -LOOK

    async def home(self, request: Request) -> Response:
        return FileResponse(STATIC / "index.html")

    async def enter(self, request: Request) -> Response:
        """Exchanges the code in the page's address for a session."""
        code = await _short(request)
        token = await asyncio.to_thread(self._sessions.enter, code)
        if token is None:
            said = "This address has been used, or is too old."
            return refused(Problem(Code.unauthenticated, said, "Open the page with `lav page`."))
        answer = JSONResponse({})
        answer.set_cookie(
            self._cookie, token, max_age=round(LIFE), httponly=True, samesite="strict", path="/"
        )
        return answer

    async def call(self, request: Request) -> Response:
        name = request.path_params["call"]
        if name not in CALLS:
            raise LavError(f"There is no call {name}.", "Load the page again.")
        message = await read(request, CALLS[name]())
        return told(await getattr(self._service, name)(message, None))

    async def queue(self, request: Request) -> Response:
        """The list of jobs, and all else that is looked at, now and whenever it has changed."""
        return streamed(changes(self._looks))

    async def job(self, request: Request) -> Response:
        """A job's events after a number until it has ended, with pictures."""
        after = _number(request.headers.get("last-event-id") or request.query_params.get("after"))
        asked = pb.WatchJobRequest(
            id=request.path_params["job"], after_seq=after, with_previews=True
        )
        await self._service.GetJob(pb.GetJobRequest(id=asked.id), None)  # type: ignore[arg-type]
        return streamed(self._events(asked))

    async def _jobs(self) -> Told:
        if time.monotonic() - self._listed_at < LOOK / 2:
            return self._listed[1]
        jobs = await self._service.ListJobs(pb.ListJobsRequest(limit=100), None)  # type: ignore[arg-type]
        self._listed_at = time.monotonic()
        said = jobs.SerializeToString(deterministic=True)
        if said != self._listed[0]:
            self._listed = said, as_json(jobs)
        return self._listed[1]

    async def _events(self, asked: pb.WatchJobRequest) -> AsyncIterator[str]:
        async with aclosing(self._service.WatchJob(asked, None)) as events:  # type: ignore[type-var]
            async for event in events:
                yield line("job", as_json(event), event.seq)


async def _short(request: Request) -> str:
    """What anybody may send, so no more than a code's length of it is kept or waited for."""
    body = b""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            async for part in request.stream():
                body += part
                if len(body) > LONGEST_CODE:
                    break
    return body[:LONGEST_CODE].decode(errors="replace")


def _number(text: Any) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 16 else 0
