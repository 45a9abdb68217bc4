"""The job database's file: opened when it is whole, and a sentence when it is not."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from lav_engine.errors import Code, LavError
from lav_server.problem import from_surprise
from lav_server.schema import migrate

CHECK = 3.0  # seconds that are spent at most on looking whether it is whole
STEPS = 10_000  # of SQLite's, between two looks at the clock
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
NO_TEXT = "Could not decode to UTF-8"  # has no code of its own
MOVE_IT = (
    "Move it away and start the server again, which makes a new one. Takes and the light that is "
    "kept stay; the list of jobs is lost."
)


def opened(path: Path) -> sqlite3.Connection:
    """Of the newest version, for any thread. Raises LavError."""
    if path.is_dir():
        raise LavError(
            f"{path} is a folder, and the job database has to be there.",
            "Move it away, then start the server again.",
            Code.internal,
        )
    db: sqlite3.Connection | None = None
    if not path.exists():
        path.touch(0o600)  # SQLite's other files take the mode of this one
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA foreign_keys = ON")
        _check_whole(db)
        migrate(db)
    except (sqlite3.Error, LavError) as error:
        if db is not None:
            db.close()
        raise refusal(path, error) from None
    return db


def refusal(path: Path, error: sqlite3.Error | LavError) -> LavError:
    """What became of the database, as a sentence."""
    if isinstance(error, LavError):
        return error
    if is_damaged(error):
        said = f"The job database {path} is damaged ({error}), so it cannot be used."
        return LavError(said, MOVE_IT, Code.internal)
    return from_surprise(error, f"opening {path}").error()


def is_damaged(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without what is special about it
    return code in DAMAGED or str(error).startswith(NO_TEXT)


def _check_whole(db: sqlite3.Connection) -> None:
    """Raises sqlite3.DatabaseError. One too large to be looked through in time counts as whole."""
    deadline = time.monotonic() + CHECK
    db.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    try:
        (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return
    finally:
        db.set_progress_handler(None, 0)
    if found != "ok":
        damage = sqlite3.DatabaseError(" ".join(found.split()))
        damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise damage
