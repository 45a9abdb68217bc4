"""When waiting jobs will have ended: by what was planned, and by what such jobs really took."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from functools import cache
from statistics import median

from lav_engine import catalog
from lav_engine.errors import LavError
from lav_engine.spec import Lane
from lav_server import room, waiting

LATELY = 5  # jobs of an engine that tell how long its next ones take


def of_queue(
    db: sqlite3.Connection, running: str | None
) -> tuple[float | None, dict[str, float | None]]:
    """Seconds that the running job and each waiting one, in their order, take from start to end.

    None where that is not known. A paused queue has no waiting ones: nobody knows how long.
    """
    if waiting.is_paused(db):
        return None, {}
    left = _expected(db, [running])[running] if running else 0.0
    return left, _expected(db, waiting.waiting(db))


def etas(left: float | None, queue: Mapping[str, float | None]) -> dict[str, float]:
    """Seconds until each waiting job has ended, as far down the queue as that can be told.

    `left` is what the running job still takes, 0 without one; `queue` are in their order.
    """
    told: dict[str, float] = {}
    for job_id, seconds in queue.items():
        if left is None or seconds is None:
            break
        left += seconds
        told[job_id] = left
    return told


def _expected(db: sqlite3.Connection, job_ids: Iterable[str]) -> dict[str, float | None]:
    """Seconds each job would take from its start, None where nothing can be told."""
    seconds: dict[str, float | None] = {}
    paces: dict[str, float | None] = {}
    for job_id in job_ids:
        row = db.execute("SELECT engine, needs FROM jobs WHERE id = ?", (job_id,)).fetchone()
        engine, planned = row["engine"], room.from_text(row["needs"]).seconds
        if engine not in paces:
            paces[engine] = _pace(db, engine)
        pace = paces[engine]
        seconds[job_id] = planned * pace if planned > 0 and pace is not None else None
    return seconds


def _pace(db: sqlite3.Connection, engine: str) -> float | None:
    """How much longer than planned the engine's last jobs took.

    Of a device nothing is known before it has done one: cards differ a hundredfold.
    """
    rows = db.execute(
        "SELECT spent, needs FROM jobs WHERE engine = ? AND spent > 0 ORDER BY number DESC",
        (engine,),
    ).fetchmany(LATELY)
    planned = [(row["spent"], room.from_text(row["needs"]).seconds) for row in rows]
    ratios = [spent / seconds for spent, seconds in planned if seconds > 0]
    if ratios:
        return median(ratios)
    return None if _runs_on_device(engine) else 1.0


@cache
def _runs_on_device(engine: str) -> bool:
    try:
        return catalog.engine(engine).limits.lane == Lane.device
    except LavError:  # an engine that was uninstalled while its job waited
        return True
