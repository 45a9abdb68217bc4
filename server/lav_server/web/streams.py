"""Server-sent events: what a browser watches, told now and whenever it has changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import Response, StreamingResponse

LOOK = 0.4  # seconds between looks
BEAT = 5.0  # seconds after which a silent stream says that it lives
ALIVE = ": still here\n\n"

Told = dict[str, object]
Look = Callable[[], Awaitable[Told]]


def streamed(lines: AsyncIterator[str]) -> Response:
    return StreamingResponse(lines, media_type="text/event-stream")


def line(kind: str, told: object, number: int | None = None) -> str:
    known = "" if number is None else f"id: {number}\n"
    return f"event: {kind}\n{known}data: {json.dumps(told)}\n\n"


async def changes(looks: dict[str, Look]) -> AsyncIterator[str]:
    """An event of each kind at first, then those whose content is another than before.

    What is told is not changed afterwards: it is what the next look is compared with.
    """
    last: dict[str, Told] = {}
    silent = 0.0
    while True:
        for kind, look in looks.items():
            told = await look()
            if last.get(kind) != told:
                last[kind], silent = told, 0.0
                yield line(kind, told)
        if silent >= BEAT:
            silent = 0.0
            yield ALIVE
        await asyncio.sleep(LOOK)
        silent += LOOK
