"""Stored events: what happened to a job, numbered. All inside the store's transactions."""

from __future__ import annotations

import sqlite3
import time

from lav_server.jobs import Event, JobState


def since(db: sqlite3.Connection, job_id: str, after_seq: int) -> list[Event]:
    rows = db.execute(
        "SELECT * FROM events WHERE job = ? AND seq > ? ORDER BY seq", (job_id, after_seq)
    )
    return [
        Event(row["seq"], JobState(row["state"]) if row["state"] else None, row["warning"])
        for row in rows
    ]


def move(db: sqlite3.Connection, job_id: str, state: JobState) -> None:
    """Whether it may is the caller's to know."""
    db.execute("UPDATE jobs SET state = ? WHERE id = ?", (state, job_id))
    add(db, job_id, state=state)


def warn(db: sqlite3.Connection, job_id: str, text: str) -> None:
    """Once: a job that starts again finds the same things to warn of."""
    known = db.execute(
        "SELECT 1 FROM events WHERE job = ? AND warning = ?", (job_id, text)
    ).fetchone()
    if known is None:
        add(db, job_id, warning=text)


def add(
    db: sqlite3.Connection, job_id: str, state: JobState | None = None, warning: str = ""
) -> None:
    now = time.time()
    db.execute("UPDATE jobs SET seq = seq + 1, updated = ? WHERE id = ?", (now, job_id))
    db.execute(
        "INSERT INTO events SELECT id, seq, ?, ?, ? FROM jobs WHERE id = ?",
        (state, warning, now, job_id),
    )
