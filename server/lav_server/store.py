"""The job store: SQLite, so that a job outlives any process. Methods block for a disk write."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from lav_engine.spec import RelightRequest, Take
from lav_server import attempts, events, forecast, history, intake, room, waiting
from lav_server.database import opened
from lav_server.jobs import ENDED, REACHED_FROM, Event, Job, JobState, Window
from lav_server.problem import Problem
from lav_server.room import Needs
from lav_server.rows import OPEN, WORKING, job_from, marks, row_of, state_of
from lav_server.wire_results import problem_to_wire, take_to_wire


class Store:
    """One connection, used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Raises LavError where it is no database, or a damaged one, or of a newer version."""
        self.path = path
        self._db = opened(path)

    def close(self) -> None:
        self._db.close()

    # --- reading

    def job(self, job_id: str) -> Job:
        """Raises LavError(JOB_UNKNOWN)."""
        return job_from(row_of(self._db, job_id), waiting.waiting(self._db))

    def by_key(self, key: str) -> Job | None:
        row = self._db.execute("SELECT id FROM jobs WHERE key = ?", (key,)).fetchone()
        return self.job(row["id"]) if row else None

    def jobs(self, limit: int, only_open: bool = False) -> list[Job]:
        """Newest first."""
        states = OPEN if only_open else tuple(JobState)
        rows = self._db.execute(
            f"SELECT * FROM jobs WHERE state IN ({marks(states)}) ORDER BY number DESC LIMIT ?",
            (*states, limit),
        ).fetchall()
        order = waiting.waiting(self._db)
        return [job_from(row, order) for row in rows]

    def working(self) -> list[Job]:
        """What was being worked on: after a stop nobody is at it any more. The oldest first."""
        rows = self._db.execute(
            f"SELECT * FROM jobs WHERE state IN ({marks(WORKING)}) ORDER BY number", WORKING
        )
        return [job_from(row) for row in rows]

    def state(self, job_id: str) -> JobState:
        return state_of(self._db, job_id)

    def needs(self, job_id: str) -> Needs:
        return room.from_text(row_of(self._db, job_id)["needs"])

    def mount(self, job_id: str) -> Path | None:
        """Where the disk of its take's folder was mounted when it was asked for."""
        mount = row_of(self._db, job_id)["mount"]
        return Path(mount) if mount else None

    def events(self, job_id: str, after_seq: int) -> list[Event]:
        return events.since(self._db, job_id, after_seq)

    def is_paused(self) -> bool:
        """Whether the queue as a whole starts nothing."""
        return waiting.is_paused(self._db)

    def waiting(self) -> list[str]:
        """Ids in the order in which they will run."""
        return waiting.waiting(self._db)

    def forecast(self, running: str | None) -> tuple[float | None, dict[str, float | None]]:
        return forecast.of_queue(self._db, running)

    def open_keys(self) -> set[str]:
        return history.open_keys(self._db)

    def clips_of_keys(self) -> dict[str, tuple[str, str]]:
        return history.clips_of_keys(self._db)

    def made_before(self, fingerprint: str, sources: str) -> list[tuple[Take, str]]:
        return history.made_before(self._db, fingerprint, sources)

    def sources(self, job_id: str) -> str:
        """As `reuse.sources` gave them; "" where nothing is known of them."""
        return row_of(self._db, job_id)["sources"]

    # --- what clients ask

    def add(
        self,
        request: RelightRequest,
        key: str,
        parent: str = "",
        fingerprint: str = "",
        sources: str = "",
        mount: Path | None = None,
        needs: Needs = Needs(),
    ) -> tuple[Job, bool]:
        """A queued job, and whether it is new: a key that is known gives its job again.

        Raises LavError: QUEUE_FULL, OUTPUT_EXISTS where an open job is going to write that file.
        """
        with _Transaction(self._db):
            if known := self.by_key(key):
                return known, False
            job_id = intake.insert(
                self._db, request, key, parent, fingerprint, sources, mount, needs
            )
        return self.job(job_id), True

    def cancel(self, job_id: str) -> Job:
        """A waiting job is cancelled, a running one cancelling, an ended one stays."""
        with _Transaction(self._db):
            state = self.state(job_id)
            if state == JobState.queued:
                events.move(self._db, job_id, JobState.cancelled)
            elif state in REACHED_FROM[JobState.cancelling]:
                events.move(self._db, job_id, JobState.cancelling)
        return self.job(job_id)

    def pause(self, job_id: str, wanted: bool) -> Job:
        """Of an open job; an ended one stays as it is."""
        with _Transaction(self._db):
            if self.state(job_id) not in ENDED:
                self._db.execute("UPDATE jobs SET is_paused = ? WHERE id = ?", (wanted, job_id))
        return self.job(job_id)

    def pause_queue(self, wanted: bool) -> None:
        with _Transaction(self._db):
            waiting.pause(self._db, wanted)

    def reorder(self, job_id: str, before: str) -> Job:
        """Puts a waiting job before another one, "" before all."""
        with _Transaction(self._db):
            waiting.move(self._db, job_id, before)
        return self.job(job_id)

    def prioritize(self, job_id: str, priority: int) -> Job:
        with _Transaction(self._db):
            row_of(self._db, job_id)
            waiting.prioritize(self._db, job_id, priority)
        return self.job(job_id)

    # --- what work on them brings

    def claim(self, job_id: str = "") -> Job | None:
        """The job whose turn it is, or this one if it waits; now running under a new epoch."""
        with _Transaction(self._db):
            claimed = attempts.claim(self._db, job_id)
        return None if claimed is None else self.job(claimed)

    def note_sources(self, job_id: str, sources: str) -> None:
        """What an attempt renders from; "" where that is not known, and no copy is made of it."""
        with _Transaction(self._db):
            self._db.execute("UPDATE jobs SET sources = ? WHERE id = ?", (sources, job_id))

    def finish_window(self, job_id: str, epoch: int, window: Window) -> None:
        """Of a claim that is no longer the newest, nothing is stored."""
        with _Transaction(self._db):
            attempts.finish_window(self._db, job_id, epoch, window)

    def warn(self, job_id: str, text: str) -> None:
        with _Transaction(self._db):
            events.warn(self._db, job_id, text)

    def interrupt(self, job_id: str) -> Job:
        """Nobody is at the job any more: it waits again, or is cancelled if it was to be."""
        with _Transaction(self._db):
            attempts.interrupt(self._db, job_id)
        return self.job(job_id)

    def lose_worker(self, job_id: str, problem: Problem) -> Job:
        """Its worker died: it is tried again, until several in a row have done nothing new."""
        with _Transaction(self._db):
            failure = attempts.lose_worker(self._db, job_id, problem)
        return self.move(job_id, JobState.failed, problem=failure) if failure else self.job(job_id)

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
        told = take_to_wire(take).SerializeToString() if take else None
        wrong = problem_to_wire(problem).SerializeToString() if problem else None
        with _Transaction(self._db):
            if self.state(job_id) in REACHED_FROM[state]:
                self._db.execute(
                    "UPDATE jobs SET take = ?, files = ?, spent = ?, problem = ? WHERE id = ?",
                    (told, files, spent, wrong, job_id),
                )
                events.move(self._db, job_id, state)
        return self.job(job_id)


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
