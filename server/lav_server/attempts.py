"""Attempts at a job: claimed, got on with, given up. All inside the store's transactions."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from lav_server import events, waiting
from lav_server.jobs import REACHED_FROM, JobState, Window
from lav_server.problem import Problem
from lav_server.rows import row_of, state_of

MOST_FAILURES = 3  # of workers, one after the other, without a newly lit window


def claim(db: sqlite3.Connection, job_id: str = "") -> str | None:
    """The id of the job whose turn it is, or of this one if it waits; now under a new epoch."""
    if job_id:
        chosen = job_id if state_of(db, job_id) == JobState.queued else None
    else:
        order = [] if waiting.is_paused(db) else waiting.waiting(db)
        chosen = order[0] if order else None
    if chosen is not None:
        db.execute("UPDATE jobs SET epoch = epoch + 1 WHERE id = ?", (chosen,))
        events.move(db, chosen, JobState.running)
    return chosen


def finish_window(db: sqlite3.Connection, job_id: str, epoch: int, window: Window) -> None:
    """Of a claim that is no longer the newest, nothing is stored."""
    if row_of(db, job_id)["epoch"] != epoch:
        return
    db.execute(
        "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?)",
        (job_id, window.index, epoch, window.key),
    )
    if not window.is_reused:
        db.execute("UPDATE jobs SET failures = 0 WHERE id = ?", (job_id,))


def interrupt(db: sqlite3.Connection, job_id: str) -> None:
    """Nobody is at the job any more: it waits again, or is cancelled if it was to be."""
    state = state_of(db, job_id)
    if state == JobState.cancelling:
        events.move(db, job_id, JobState.cancelled)
    elif state in REACHED_FROM[JobState.queued]:
        events.move(db, job_id, JobState.queued)


def lose_worker(db: sqlite3.Connection, job_id: str, problem: Problem) -> Problem | None:
    """After its worker died: the job waits again, for it may go better then. One that has lost
    several in a row without lighting a new window has failed, of what is returned; one to be
    cancelled is."""
    row = row_of(db, job_id)
    failures = row["failures"] + 1
    db.execute("UPDATE jobs SET failures = ? WHERE id = ?", (failures, job_id))
    if row["state"] == JobState.cancelling:
        events.move(db, job_id, JobState.cancelled)
        return None
    if failures >= MOST_FAILURES:
        count = f"That was {failures} times in a row, so the clip was not finished."
        return replace(problem, message=f"{problem.message} {count}")
    if row["state"] in REACHED_FROM[JobState.queued]:
        said = f"{problem.message} The render goes on from its last finished section."
        events.add(db, job_id, warning=said)
        events.move(db, job_id, JobState.queued)
    return None
