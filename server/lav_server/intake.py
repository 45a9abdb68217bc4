"""New jobs: whether one can be taken, and its row. All inside the store's transactions."""

from __future__ import annotations

import secrets
import sqlite3
import time
from pathlib import Path

from lav_engine.errors import Code, LavError
from lav_engine.spec import RelightRequest
from lav_server import events, room, waiting
from lav_server.jobs import JobState
from lav_server.room import Needs
from lav_server.rows import OPEN, marks
from lav_server.wire import request_to_wire

MOST_OPEN = 100  # jobs


def insert(
    db: sqlite3.Connection,
    request: RelightRequest,
    key: str,
    parent: str,
    fingerprint: str,
    sources: str,
    mount: Path | None,
    needs: Needs,
) -> str:
    """The new job's id. Raises LavError: QUEUE_FULL, OUTPUT_EXISTS."""
    _check_output(db, str(request.output.path))
    _check_room(db)
    now = time.time()
    row = {
        "id": secrets.token_hex(6),
        "key": key,
        "parent": parent,
        "state": JobState.queued,
        "output": str(request.output.path),
        "request": request_to_wire(request).SerializeToString(),
        "created": now,
        "updated": now,
        "fingerprint": fingerprint,
        "sources": sources,
        "mount": str(mount or ""),
        "needs": room.to_text(needs),
        "place": waiting.next_place(db),
        "engine": request.engine,
    }
    values = tuple(row.values())
    db.execute(f"INSERT INTO jobs ({', '.join(row)}) VALUES ({marks(values)})", values)
    events.add(db, row["id"], state=JobState.queued)
    return row["id"]


def _check_output(db: sqlite3.Connection, output: str) -> None:
    row = db.execute(
        f"SELECT id FROM jobs WHERE output = ? AND state IN ({marks(OPEN)})", (output, *OPEN)
    ).fetchone()
    if row is not None:
        raise LavError(
            f"Job {row['id']} is already going to write {output}.",
            "Choose another name or cancel that job.",
            Code.output_exists,
        )


def _check_room(db: sqlite3.Connection) -> None:
    (count,) = db.execute(
        f"SELECT count(*) FROM jobs WHERE state IN ({marks(OPEN)})", OPEN
    ).fetchone()
    if count >= MOST_OPEN:
        raise LavError(
            f"The queue is full: {count} renders are waiting or running.",
            "Wait until some are done, or cancel some.",
            Code.queue_full,
        )
