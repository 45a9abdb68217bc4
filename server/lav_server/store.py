"""The job store: SQLite, so that a job outlives any process. Methods block for a disk write."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from lav_engine.errors import Code, LavError
from lav_engine.spec import RelightRequest, Take
from lav_proto.v1 import relight_pb2 as pb
from lav_server.jobs import ENDED, REACHED_FROM, Event, Job, JobState
from lav_server.problem import Problem
from lav_server.schema import migrate
from lav_server.wire import request_from_wire, request_to_wire
from lav_server.wire_results import (
    problem_from_wire,
    problem_to_wire,
    take_from_wire,
    take_to_wire,
)

OPEN = tuple(state for state in JobState if state not in ENDED)


class Store:
    """One connection, used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            migrate(self._db)
        except sqlite3.DatabaseError as error:
            self.close()
            raise LavError(
                f"The job database {path} cannot be used ({error}).",
                "Move it away; the server then makes a new one.",
                Code.internal,
            ) from None
        except LavError:
            self.close()
            raise

    def close(self) -> None:
        self._db.close()

    # --- reading

    def job(self, job_id: str) -> Job:
        """Raises LavError(JOB_UNKNOWN)."""
        return _job(self._row(job_id))

    def by_key(self, key: str) -> Job | None:
        row = self._db.execute("SELECT * FROM jobs WHERE key = ?", (key,)).fetchone()
        return _job(row) if row else None

    def jobs(self, limit: int, only_open: bool = False) -> list[Job]:
        """Newest first."""
        states = OPEN if only_open else tuple(JobState)
        rows = self._db.execute(
            f"SELECT * FROM jobs WHERE state IN ({_marks(states)}) ORDER BY number DESC LIMIT ?",
            (*states, limit),
        )
        return [_job(row) for row in rows]

    def events(self, job_id: str, after_seq: int) -> list[Event]:
        rows = self._db.execute(
            "SELECT * FROM events WHERE job = ? AND seq > ? ORDER BY seq", (job_id, after_seq)
        )
        return [
            Event(row["seq"], JobState(row["state"]) if row["state"] else None, row["warning"])
            for row in rows
        ]

    # --- writing

    def add(self, request: RelightRequest, key: str, parent: str = "") -> Job:
        """A queued job; the job that already has this key, if there is one.

        Raises LavError(OUTPUT_EXISTS) where an open job is going to write the same file.
        """
        with self._transaction():
            if known := self.by_key(key):
                return known
            self._check_output(str(request.output.path))
            job_id, now = secrets.token_hex(6), time.time()
            self._db.execute(
                "INSERT INTO jobs (id, key, parent, state, output, request, created, updated)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job_id,
                    key,
                    parent,
                    JobState.queued,
                    str(request.output.path),
                    request_to_wire(request).SerializeToString(),
                    now,
                    now,
                ),
            )
            self._event(job_id, state=JobState.queued)
        return self.job(job_id)

    def claim(self) -> Job | None:
        """The job that has waited longest, now running under a new epoch."""
        with self._transaction():
            row = self._db.execute(
                "SELECT id FROM jobs WHERE state = ? ORDER BY number LIMIT 1", (JobState.queued,)
            ).fetchone()
            if row is None:
                return None
            self._db.execute("UPDATE jobs SET epoch = epoch + 1 WHERE id = ?", (row["id"],))
            self._move(row["id"], JobState.running)
        return self.job(row["id"])

    def move(
        self,
        job_id: str,
        state: JobState,
        *,
        take: Take | None = None,
        problem: Problem | None = None,
    ) -> Job:
        """Stores the new state and its event. A move that no job may make changes nothing."""
        with self._transaction():
            if JobState(self._row(job_id)["state"]) in REACHED_FROM[state]:
                self._db.execute(
                    "UPDATE jobs SET take = ?, problem = ? WHERE id = ?",
                    (
                        take_to_wire(take).SerializeToString() if take else None,
                        problem_to_wire(problem).SerializeToString() if problem else None,
                        job_id,
                    ),
                )
                self._move(job_id, state)
        return self.job(job_id)

    def cancel(self, job_id: str) -> Job:
        """A waiting job is cancelled, a running one cancelling, an ended one stays."""
        with self._transaction():
            state = JobState(self._row(job_id)["state"])
            if state == JobState.queued:
                self._move(job_id, JobState.cancelled)
            elif state in REACHED_FROM[JobState.cancelling]:
                self._move(job_id, JobState.cancelling)
        return self.job(job_id)

    def warn(self, job_id: str, text: str) -> None:
        with self._transaction():
            self._event(job_id, warning=text)

    def finish_window(self, job_id: str, epoch: int, number: int, map_file: Path) -> None:
        """Of a claim that is no longer the newest, nothing is stored."""
        with self._transaction():
            if self._row(job_id)["epoch"] == epoch:
                self._db.execute(
                    "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, 'done', ?)",
                    (job_id, number, epoch, str(map_file)),
                )

    def recover(self) -> list[Job]:
        """After a stop: what was being worked on waits again, what was being cancelled is
        cancelled. Returns those jobs, whose temporary files may still lie about."""
        working = (JobState.running, JobState.publishing, JobState.cancelling)
        rows = self._db.execute(
            f"SELECT * FROM jobs WHERE state IN ({_marks(working)}) ORDER BY number", working
        ).fetchall()
        for row in rows:
            is_cancelling = row["state"] == JobState.cancelling
            self.move(row["id"], JobState.cancelled if is_cancelling else JobState.queued)
        return [_job(row) for row in rows]

    # --- inside

    def _transaction(self) -> _Transaction:
        return _Transaction(self._db)

    def _row(self, job_id: str) -> sqlite3.Row:
        row = self._db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
        if row is None:
            raise LavError(
                f"There is no job {job_id!r}.", "`lav jobs list` shows them.", Code.job_unknown
            )
        return row

    def _move(self, job_id: str, state: JobState) -> None:
        self._db.execute("UPDATE jobs SET state = ? WHERE id = ?", (state, job_id))
        self._event(job_id, state=state)

    def _event(self, job_id: str, state: JobState | None = None, warning: str = "") -> None:
        now = time.time()
        self._db.execute("UPDATE jobs SET seq = seq + 1, updated = ? WHERE id = ?", (now, job_id))
        self._db.execute(
            "INSERT INTO events SELECT id, seq, ?, ?, ? FROM jobs WHERE id = ?",
            (state, warning, now, job_id),
        )

    def _check_output(self, output: str) -> None:
        row = self._db.execute(
            f"SELECT id FROM jobs WHERE output = ? AND state IN ({_marks(OPEN)})", (output, *OPEN)
        ).fetchone()
        if row is not None:
            raise LavError(
                f"Job {row['id']} is already going to write {output}.",
                "Choose another name or cancel that job.",
                Code.output_exists,
            )


class _Transaction:
    """BEGIN IMMEDIATE ... COMMIT, or ROLLBACK where anything is raised."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _job(row: sqlite3.Row) -> Job:
    take, problem = row["take"], row["problem"]
    return Job(
        id=row["id"],
        state=JobState(row["state"]),
        request=request_from_wire(pb.RelightRequest.FromString(row["request"])),
        seq=row["seq"],
        epoch=row["epoch"],
        created=row["created"],
        updated=row["updated"],
        parent=row["parent"],
        take=take_from_wire(pb.Take.FromString(take)) if take else None,
        problem=problem_from_wire(pb.Problem.FromString(problem)) if problem else None,
    )
