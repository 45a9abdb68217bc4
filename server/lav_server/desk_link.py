"""The daemon's side of the desk: one call at a time, none of which can hang or take it along."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypeVar

from google.protobuf.message import Message as Proto

from lav_engine.errors import Code, LavError
from lav_engine.spec import RelightRequest
from lav_proto.v1 import relight_pb2 as pb
from lav_server.children import Child, Message
from lav_server.executor import IDLE
from lav_server.reports import pack, unpack
from lav_server.room import Needs
from lav_server.wire import request_from_wire
from lav_server.wire_results import problem_from_wire

log = logging.getLogger(__name__)

DESK = "lav_server.desk"
GRACE = 1.0  # seconds; the desk has nothing to tidy up
LIMIT = 60.0  # seconds for one call
PLAN_LIMIT = 600.0  # planning reads the whole range for its cuts

Tell = Callable[[float], None]  # hears which fraction is done

Answer = TypeVar("Answer", bound=Proto)


@dataclass(frozen=True, slots=True)
class Checked:
    """A request against which nothing speaks, with its range and rate filled in."""

    request: RelightRequest
    needs: Needs
    identity: str  # of the engine's models; "" where it has none


class Desk:
    """Starts the desk child when it is first needed, and a new one after a crash or a hang.

    One that is idle for long is ended: it may hold models for previews.
    """

    def __init__(self, log: Path, limit: float = LIMIT, idle: float = IDLE) -> None:
        self._log = log
        self._limit = limit
        self._idle = idle
        self._unloader: asyncio.TimerHandle | None = None
        self._child: Child | None = None
        self._turn = asyncio.Lock()
        self._ids = count(1)
        self._newest: dict[tuple[str, str], int] = {}  # waiting preview of each path and series

    async def start(self) -> None:
        """Starts the child ahead of the first call, so that it can warm up."""
        async with self._turn:
            await self._warm()

    async def probe(self, request: pb.ProbeRequest) -> pb.ProbeResponse:
        return await self._ask("probe", request, pb.ProbeResponse, request.path)

    async def preview(self, request: pb.PreviewRequest) -> pb.PreviewResponse:
        """Raises LavError(SUPERSEDED) where a newer one of its clip and series came meanwhile."""
        which = request.path, request.series
        mine = self._newest[which] = next(self._ids)
        try:
            async with self._turn:
                if self._newest.get(which) != mine:
                    raise LavError(
                        "A newer preview of this clip took this one's place.", "", Code.superseded
                    )
                message = await self._exchange("preview", request, request.path, self._limit)
        finally:
            if self._newest.get(which) == mine:
                del self._newest[which]
        return unpack(pb.PreviewResponse, message["answer"])

    async def plan(self, request: pb.RelightRequest) -> pb.JobPlan:
        return await self._ask("plan", request, pb.JobPlan, request.clip.path, PLAN_LIMIT)

    async def check(self, request: pb.RelightRequest) -> Checked:
        """The request with its range and rate filled in. Raises LavError if it can't be run."""
        async with self._turn:
            message = await self._exchange("check", request, request.clip.path, self._limit)
        checked = request_from_wire(unpack(pb.RelightRequest, message["answer"]))
        return Checked(checked, Needs(**message["needs"]), message["identity"])

    async def copy(self, clip: pb.ClipRange, path: Path, tell: Tell) -> None:
        """A small copy of the clip for watching, written to `path`, which is new."""
        request = pb.RelightRequest(clip=clip, output=pb.Output(path=str(path)))
        await self._ask("copy", request, pb.ClipRange, clip.path, tell=tell)

    async def measure(self, take: pb.Take) -> pb.Measures:
        return await self._ask("measure", take, pb.Measures, take.path)

    async def close(self) -> None:
        if self._unloader is not None:
            self._unloader.cancel()
        if self._child is not None:
            await self._child.close(GRACE)

    async def _ask(
        self,
        call: str,
        body: Proto,
        kind: type[Answer],
        path: str,
        limit: float | None = None,
        tell: Tell = lambda _: None,
    ) -> Answer:
        async with self._turn:
            message = await self._exchange(call, body, path, limit or self._limit, tell)
        return unpack(kind, message["answer"])

    async def _exchange(
        self, call: str, body: Proto, path: str, limit: float, tell: Tell = lambda _: None
    ) -> Message:
        child = await self._warm()
        if self._unloader is not None:
            self._unloader.cancel()
        try:
            return await self._asked(child, call, body, path, limit, tell)
        finally:
            self._unloader = asyncio.get_running_loop().call_later(self._idle, self._unload)

    async def _asked(
        self, child: Child, call: str, body: Proto, path: str, limit: float, tell: Tell
    ) -> Message:
        """One that tells how far it is has `limit` seconds for each step."""
        number = next(self._ids)
        child.send({"id": number, "call": call, "body": pack(body)})
        try:
            async with asyncio.timeout(limit) as clock:
                message = await _answer(child, number)
                while message is not None and "fraction" in message:
                    tell(message["fraction"])
                    clock.reschedule(asyncio.get_running_loop().time() + limit)
                    message = await _answer(child, number)
        except TimeoutError:
            await child.close(0)
            raise LavError(
                f"Reading {Path(path).name} took longer than {limit:.0f} seconds, so it was "
                "stopped.",
                "The file may be damaged or its drive very slow; try a copy on a local drive.",
                Code.worker_lost,
            ) from None
        if message is None:
            log.warning("The desk %s during %s", child.ending(), call)
            raise LavError(
                f"Reading {Path(path).name} made the reader fail: it {child.ending()}.",
                "The file may be damaged; try another copy of it.",
                Code.worker_lost,
            )
        if "problem" in message:
            raise problem_from_wire(unpack(pb.Problem, message["problem"])).error()
        return message

    async def _warm(self) -> Child:
        if self._child is None or not self._child.is_running:
            self._child = await Child.start(DESK, self._log)
        return self._child

    def _unload(self) -> None:
        """Nobody waits for it now, and it has nothing to tidy up."""
        if self._child is not None:
            self._child.kill()
            self._child = None


async def _answer(child: Child, number: int) -> Message | None:
    """Skips what is left over from calls whose client has gone."""
    while True:
        message = await child.receive()
        if message is None or message["id"] == number:
            return message
