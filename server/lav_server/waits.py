"""Waiting for what may happen first: an event, or the time that is up."""

from __future__ import annotations

import asyncio
from contextlib import suppress

AGAIN = 5.0  # seconds after which what a full or faulty disk refused is tried again


async def within(seconds: float, event: asyncio.Event) -> None:
    """Until the event is set, and at most so long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
