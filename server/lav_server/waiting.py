"""The order of waiting jobs: by priority, then by place. All inside the store's transactions."""

from __future__ import annotations

import sqlite3

from lav_engine.errors import Code, LavError
from lav_server.jobs import JobState

HIGHEST = 100  # a priority; the lowest is the negative

_ORDER = "ORDER BY priority DESC, place, number"
_PAUSED = "queue_is_paused"


def waiting(db: sqlite3.Connection) -> list[str]:
    """Ids in the order in which they will run; paused ones are not among them."""
    rows = db.execute(
        f"SELECT id FROM jobs WHERE state = ? AND NOT is_paused {_ORDER}", (JobState.queued,)
    )
    return [row["id"] for row in rows]


def next_place(db: sqlite3.Connection) -> int:
    (last,) = db.execute("SELECT coalesce(max(place), 0) FROM jobs").fetchone()
    return last + 1


def move(db: sqlite3.Connection, job_id: str, before: str) -> None:
    """Puts a waiting job before another, or before all. Raises LavError for any other state."""
    _check_waiting(db, job_id)
    if before == job_id:
        return
    if before:
        _check_waiting(db, before)
    rows = db.execute(f"SELECT id, priority FROM jobs WHERE state = ? {_ORDER}", (JobState.queued,))
    queue = [(row["id"], row["priority"]) for row in rows if row["id"] != job_id]
    ids = [one for one, _ in queue]
    at = ids.index(before) if before else 0
    # With the priority of the job it goes before it stands right there, whatever its own was.
    priority = queue[at][1] if queue else 0
    db.execute("UPDATE jobs SET priority = ? WHERE id = ?", (priority, job_id))
    ids.insert(at, job_id)
    for place, one in enumerate(ids, 1):
        db.execute("UPDATE jobs SET place = ? WHERE id = ?", (place, one))


def prioritize(db: sqlite3.Connection, job_id: str, priority: int) -> None:
    if not -HIGHEST <= priority <= HIGHEST:
        raise LavError(
            f"The priority {priority} is not between -{HIGHEST} and {HIGHEST}.",
            "0 is the usual one; higher ones run first.",
        )
    db.execute("UPDATE jobs SET priority = ? WHERE id = ?", (priority, job_id))


def is_paused(db: sqlite3.Connection) -> bool:
    return db.execute("SELECT 1 FROM settings WHERE name = ?", (_PAUSED,)).fetchone() is not None


def pause(db: sqlite3.Connection, wanted: bool) -> None:
    if wanted:
        db.execute("INSERT OR REPLACE INTO settings VALUES (?, '1')", (_PAUSED,))
    else:
        db.execute("DELETE FROM settings WHERE name = ?", (_PAUSED,))


def _check_waiting(db: sqlite3.Connection, job_id: str) -> None:
    row = db.execute("SELECT state FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise LavError(
            f"There is no job {job_id!r}.", "`lav jobs list` shows them.", Code.job_unknown
        )
    if row["state"] != JobState.queued:
        raise LavError(
            f"Job {job_id} is {row['state']}, so it has no place in the queue.",
            "Only waiting jobs can be moved.",
        )
