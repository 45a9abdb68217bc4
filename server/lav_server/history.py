"""What the job database remembers of windows and takes, for those that come after."""

from __future__ import annotations

import sqlite3

from lav_engine.spec import Take
from lav_proto.v1 import relight_pb2 as pb
from lav_server.jobs import JobState
from lav_server.rows import OPEN, marks
from lav_server.wire_results import take_from_wire


def open_keys(db: sqlite3.Connection) -> set[str]:
    """Of the windows that open jobs have in the store."""
    rows = db.execute(
        "SELECT DISTINCT windows.key FROM windows JOIN jobs ON jobs.id = windows.job"
        f" WHERE jobs.state IN ({marks(OPEN)})",
        OPEN,
    )
    return {row["key"] for row in rows}


def clips_of_keys(db: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """The clip and the engine that each window's newest job named."""
    rows = db.execute(
        "SELECT windows.key, jobs.request FROM windows JOIN jobs ON jobs.id = windows.job"
        " ORDER BY jobs.number"
    )
    found = {}
    for row in rows:
        request = pb.RelightRequest.FromString(row["request"])
        found[row["key"]] = request.clip.path, request.engine
    return found


def made_before(db: sqlite3.Connection, fingerprint: str, sources: str) -> list[tuple[Take, str]]:
    """Takes of such a request, made of those very files, and how their own were made, the newest
    first."""
    rows = db.execute(
        "SELECT take, files FROM jobs WHERE fingerprint = ? AND sources = ? AND sources != ''"
        " AND state = ? ORDER BY number DESC LIMIT 5",
        (fingerprint, sources, JobState.done),
    )
    return [(take_from_wire(pb.Take.FromString(row["take"])), row["files"]) for row in rows]
