"""Rows of the job database as jobs, and the states they are looked up by."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from google.protobuf.message import DecodeError

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server.jobs import ENDED, Job, JobState
from lav_server.wire import request_from_wire
from lav_server.wire_results import problem_from_wire, take_from_wire

OPEN = tuple(state for state in JobState if state not in ENDED)
WORKING = (JobState.running, JobState.publishing, JobState.cancelling)


def row_of(db: sqlite3.Connection, job_id: str) -> sqlite3.Row:
    """Raises LavError(JOB_UNKNOWN)."""
    row = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise LavError(
            f"There is no job {job_id!r}.", "`lav jobs list` shows them.", Code.job_unknown
        )
    return row


def state_of(db: sqlite3.Connection, job_id: str) -> JobState:
    """Raises LavError(JOB_UNKNOWN)."""
    return JobState(row_of(db, job_id)["state"])


def job_from(row: sqlite3.Row, order: Sequence[str] = ()) -> Job:
    """`order` are the waiting jobs' ids. Raises LavError where the row holds nonsense."""
    try:
        return _job_from(row, order)
    except (DecodeError, ValueError) as error:
        raise LavError(
            f"What the job database has of job {row['id']} is damaged and cannot be read.",
            "Stop the server and move jobs.sqlite in its home away; the next start makes a new "
            "one. Takes and the light that is kept stay; the list of jobs is lost.",
            Code.internal,
        ) from error


def _job_from(row: sqlite3.Row, order: Sequence[str]) -> Job:
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


def marks(values: Sequence[object]) -> str:
    """As many as there are values, for IN (...)."""
    return ", ".join("?" * len(values))
