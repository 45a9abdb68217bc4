"""The job database's tables, and how each version becomes the next."""

from __future__ import annotations

import sqlite3

from lav_engine.errors import Code, LavError

# Each entry brings a database from the version before it to its own; entries are only ever added.
MIGRATIONS = (
    """
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL UNIQUE,          -- idempotency key
        parent TEXT NOT NULL,
        state TEXT NOT NULL,
        epoch INTEGER NOT NULL DEFAULT 0,  -- grows with every claim
        seq INTEGER NOT NULL DEFAULT 0,    -- of the newest event
        output TEXT NOT NULL,
        request BLOB NOT NULL,             -- lav.v1.RelightRequest, range and rate filled in
        take BLOB,                         -- lav.v1.Take
        problem BLOB,                      -- lav.v1.Problem
        created REAL NOT NULL,             -- seconds since 1970
        updated REAL NOT NULL
    );
    CREATE INDEX jobs_by_state ON jobs (state, number);
    CREATE TABLE events (
        job TEXT NOT NULL REFERENCES jobs (id),
        seq INTEGER NOT NULL,
        state TEXT,
        warning TEXT NOT NULL DEFAULT '',
        created REAL NOT NULL,
        PRIMARY KEY (job, seq)
    ) WITHOUT ROWID;
    CREATE TABLE windows (
        job TEXT NOT NULL REFERENCES jobs (id),
        number INTEGER NOT NULL,
        epoch INTEGER NOT NULL,            -- the claim that made it
        state TEXT NOT NULL,
        map_file TEXT NOT NULL,
        PRIMARY KEY (job, number)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN place INTEGER NOT NULL DEFAULT 0;    -- among equal priorities
    ALTER TABLE jobs ADD COLUMN is_paused INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN failures INTEGER NOT NULL DEFAULT 0; -- of workers, since a window
    ALTER TABLE jobs ADD COLUMN fingerprint TEXT NOT NULL DEFAULT '';  -- of request and sources
    ALTER TABLE jobs ADD COLUMN files TEXT NOT NULL DEFAULT '';  -- the take's, as they were made
    ALTER TABLE jobs ADD COLUMN needs TEXT NOT NULL DEFAULT '';  -- disk and memory, as planned
    UPDATE jobs SET place = number;
    CREATE INDEX jobs_by_fingerprint ON jobs (fingerprint, state);
    DROP TABLE windows;
    CREATE TABLE windows (
        job TEXT NOT NULL REFERENCES jobs (id),
        number INTEGER NOT NULL,
        epoch INTEGER NOT NULL,            -- the claim that lit it, or found it lit
        key TEXT NOT NULL,                 -- in the store of windows
        PRIMARY KEY (job, number)
    ) WITHOUT ROWID;
    CREATE INDEX windows_by_key ON windows (key);
    CREATE TABLE settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE jobs ADD COLUMN engine TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN spent REAL NOT NULL DEFAULT 0;  -- seconds; 0: not all was lit anew
    CREATE INDEX jobs_by_engine ON jobs (engine, number) WHERE spent > 0;
    """,
    """
    ALTER TABLE jobs ADD COLUMN sources TEXT NOT NULL DEFAULT '';  -- as they were rendered
    ALTER TABLE jobs ADD COLUMN mount TEXT NOT NULL DEFAULT '';    -- of the take's disk
    """,
)


def migrate(db: sqlite3.Connection) -> None:
    """Brings the database to the newest version. Raises LavError for one that is newer still."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise LavError(
            f"The job database was written by a newer version ({version}).",
            "Update LAV Bridge, or start the server with another --home.",
            Code.version_skew,
        )
    for number, script in enumerate(MIGRATIONS[version:], version + 1):
        db.executescript(f"BEGIN;{script};PRAGMA user_version = {number};COMMIT;")
