"""The job store: SQLite, so that a job outlives any process. Methods block for a disk write."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lav_engine.errors import Code, LavError
from lav_engine.spec import RelightRequest, Take
from lav_proto.v1 import relight_pb2 as pb
from lav_server import forecast, room, waiting
from lav_server.jobs import ENDED, REACHED_FROM, Event, Job, JobState, Window
from lav_server.problem import Problem
from lav_server.room import Needs
from lav_server.schema import migrate
from lav_server.wire import request_from_wire, request_to_wire
from lav_server.wire_results import (
    problem_from_wire,
    problem_to_wire,
    take_from_wire,
    take_to_wire,
)

OPEN = tuple(state for state in JobState if state not in ENDED)
WORKING = (JobState.running, JobState.publishing, JobState.cancelling)
MOST_OPEN = 100  # jobs
MOST_FAILURES = 3  # of workers, one after the other, without a newly lit window


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
        return _job(self._row(job_id), waiting.waiting(self._db))

    def by_key(self, key: str) -> Job | None:
        row = self._db.execute("SELECT id FROM jobs WHERE key = ?", (key,)).fetchone()
        return self.job(row["id"]) if row else None

    def jobs(self, limit: int, only_open: bool = False) -> list[Job]:
        """Newest first."""
        states = OPEN if only_open else tuple(JobState)
        rows = self._db.execute(
            f"SELECT * FROM jobs WHERE state IN ({_marks(states)}) ORDER BY number DESC LIMIT ?",
            (*states, limit),
        ).fetchall()
        order = waiting.waiting(self._db)
        return [_job(row, order) for row in rows]

    def state(self, job_id: str) -> JobState:
        return JobState(self._row(job_id)["state"])

    def is_paused(self) -> bool:
        """Whether the queue as a whole starts nothing."""
        return waiting.is_paused(self._db)

    def waiting(self) -> list[str]:
        """Ids in the order in which they will run."""
        return waiting.waiting(self._db)

    def forecast(self, running: str | None) -> tuple[float | None, dict[str, float | None]]:
        """Seconds that the running job and each waiting one take from start to end, in their order;
        None where that is not known. None are waiting for anything while the queue is paused."""
        if waiting.is_paused(self._db):
            return None, {}
        left = forecast.expected(self._db, [running])[running] if running else 0.0
        return left, forecast.expected(self._db, waiting.waiting(self._db))

    def open_keys(self) -> set[str]:
        """Of the windows that open jobs have in the store."""
        rows = self._db.execute(
            "SELECT DISTINCT windows.key FROM windows JOIN jobs ON jobs.id = windows.job"
            f" WHERE jobs.state IN ({_marks(OPEN)})",
            OPEN,
        )
        return {row["key"] for row in rows}

    def clips_of_keys(self) -> dict[str, tuple[str, str]]:
        """The clip and the engine that each window's newest job named."""
        rows = self._db.execute(
            "SELECT windows.key, jobs.request FROM windows JOIN jobs ON jobs.id = windows.job"
            " ORDER BY jobs.number"
        )
        found = {}
        for row in rows:
            request = pb.RelightRequest.FromString(row["request"])
            found[row["key"]] = request.clip.path, request.engine
        return found

    def made_before(self, fingerprint: str) -> list[tuple[Take, str]]:
        """Takes of the same fingerprint and how their files were made, the newest first."""
        rows = self._db.execute(
            "SELECT take, files FROM jobs WHERE fingerprint = ? AND fingerprint != ''"
            " AND state = ? ORDER BY number DESC LIMIT 5",
            (fingerprint, JobState.done),
        )
        return [(take_from_wire(pb.Take.FromString(row["take"])), row["files"]) for row in rows]

    def needs(self, job_id: str) -> Needs:
        return room.from_text(self._row(job_id)["needs"])

    def working(self) -> list[Job]:
        """What was being worked on: after a stop nobody is at it any more. The oldest first."""
        rows = self._db.execute(
            f"SELECT * FROM jobs WHERE state IN ({_marks(WORKING)}) ORDER BY number", WORKING
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

    def add(
        self,
        request: RelightRequest,
        key: str,
        parent: str = "",
        fingerprint: str = "",
        needs: Needs = Needs(),
    ) -> tuple[Job, bool]:
        """A queued job, and whether it is new: a key that is known gives its job again.

        Raises LavError: QUEUE_FULL, OUTPUT_EXISTS where an open job is going to write that file.
        """
        with self._transaction():
            if known := self.by_key(key):
                return known, False
            self._check_output(str(request.output.path))
            self._check_room()
            job_id, now = secrets.token_hex(6), time.time()
            self._db.execute(
                "INSERT INTO jobs (id, key, parent, state, output, request, created, updated,"
                " fingerprint, needs, place, engine) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job_id,
                    key,
                    parent,
                    JobState.queued,
                    str(request.output.path),
                    request_to_wire(request).SerializeToString(),
                    now,
                    now,
                    fingerprint,
                    room.to_text(needs),
                    waiting.next_place(self._db),
                    request.engine,
                ),
            )
            self._event(job_id, state=JobState.queued)
        return self.job(job_id), True

    def claim(self, job_id: str = "") -> Job | None:
        """The job whose turn it is, or this one if it waits; now running under a new epoch."""
        with self._transaction():
            if job_id:
                chosen = job_id if self.state(job_id) == JobState.queued else None
            else:
                order = [] if waiting.is_paused(self._db) else waiting.waiting(self._db)
                chosen = order[0] if order else None
            if chosen is None:
                return None
            self._db.execute("UPDATE jobs SET epoch = epoch + 1 WHERE id = ?", (chosen,))
            self._move(chosen, JobState.running)
        return self.job(chosen)

    def move(
        self,
        job_id: str,
        state: JobState,
        *,
        take: Take | None = None,
        files: str = "",
        spent: float = 0.0,
        problem: Problem | None = None,
    ) -> Job:
        """Stores the new state and its event. A move that no job may make changes nothing.

        `files` says how the take's files were when they had just been made, `spent` the seconds
        that it took where nothing of it had been lit before.
        """
        with self._transaction():
            if JobState(self._row(job_id)["state"]) in REACHED_FROM[state]:
                self._db.execute(
                    "UPDATE jobs SET take = ?, files = ?, spent = ?, problem = ? WHERE id = ?",
                    (
                        take_to_wire(take).SerializeToString() if take else None,
                        files,
                        spent,
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
        """Once: a job that starts again finds the same things to warn of."""
        with self._transaction():
            known = self._db.execute(
                "SELECT 1 FROM events WHERE job = ? AND warning = ?", (job_id, text)
            ).fetchone()
            if known is None:
                self._event(job_id, warning=text)

    def interrupt(self, job_id: str) -> Job:
        """Nobody is at the job any more: it waits again, or is cancelled if it was to be."""
        with self._transaction():
            state = self.state(job_id)
            if state == JobState.cancelling:
                self._move(job_id, JobState.cancelled)
            elif state in REACHED_FROM[JobState.queued]:
                self._move(job_id, JobState.queued)
        return self.job(job_id)

    def lose_worker(self, job_id: str, problem: Problem) -> Job:
        """After its worker died: the job waits again, for it may go better then. One that has lost
        several in a row without lighting a new window has failed; one to be cancelled is."""
        with self._transaction():
            row = self._row(job_id)
            failures = row["failures"] + 1
            self._db.execute("UPDATE jobs SET failures = ? WHERE id = ?", (failures, job_id))
            is_hopeless = failures >= MOST_FAILURES
            if row["state"] in (JobState.running, JobState.publishing) and not is_hopeless:
                said = f"{problem.message} The render goes on from its last finished section."
                self._event(job_id, warning=said)
                self._move(job_id, JobState.queued)
            elif row["state"] == JobState.cancelling:
                self._move(job_id, JobState.cancelled)
                is_hopeless = False
        if not is_hopeless:
            return self.job(job_id)
        said = (
            f"{problem.message} That was {failures} times in a row, so the clip was not finished."
        )
        return self.move(job_id, JobState.failed, problem=replace(problem, message=said))

    def finish_window(self, job_id: str, epoch: int, window: Window) -> None:
        """Of a claim that is no longer the newest, nothing is stored."""
        with self._transaction():
            if self._row(job_id)["epoch"] != epoch:
                return
            self._db.execute(
                "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?)",
                (job_id, window.index, epoch, window.key),
            )
            if not window.is_reused:
                self._db.execute("UPDATE jobs SET failures = 0 WHERE id = ?", (job_id,))

    def pause(self, job_id: str, wanted: bool) -> Job:
        """Of an open job; an ended one stays as it is."""
        with self._transaction():
            if JobState(self._row(job_id)["state"]) in ENDED:
                return self.job(job_id)
            self._db.execute("UPDATE jobs SET is_paused = ? WHERE id = ?", (wanted, job_id))
        return self.job(job_id)

    def pause_queue(self, wanted: bool) -> None:
        with self._transaction():
            waiting.pause(self._db, wanted)

    def reorder(self, job_id: str, before: str) -> Job:
        """Puts a waiting job before another one, "" before all."""
        with self._transaction():
            waiting.move(self._db, job_id, before)
        return self.job(job_id)

    def prioritize(self, job_id: str, priority: int) -> Job:
        self._row(job_id)
        with self._transaction():
            waiting.prioritize(self._db, job_id, priority)
        return self.job(job_id)

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

    def _check_room(self) -> None:
        (count,) = self._db.execute(
            f"SELECT count(*) FROM jobs WHERE state IN ({_marks(OPEN)})", OPEN
        ).fetchone()
        if count >= MOST_OPEN:
            raise LavError(
                f"The queue is full: {count} renders are waiting or running.",
                "Wait until some are done, or cancel some.",
                Code.queue_full,
            )


class _Transaction:
    """BEGIN IMMEDIATE ... COMMIT, or ROLLBACK where anything is raised."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            self._db.execute("COMMIT" if kind is None else "ROLLBACK")
        except sqlite3.Error:
            if self._db.in_transaction:  # a commit that failed for want of space stays open
                self._db.execute("ROLLBACK")
            raise


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _job(row: sqlite3.Row, order: Sequence[str] = ()) -> Job:
    """`order` are the waiting jobs' ids."""
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
        position=order.index(row["id"]) + 1 if row["id"] in order else 0,
        priority=row["priority"],
        is_paused=bool(row["is_paused"]) and row["state"] not in ENDED,
        take=take_from_wire(pb.Take.FromString(take)) if take else None,
        problem=problem_from_wire(pb.Problem.FromString(problem)) if problem else None,
    )
