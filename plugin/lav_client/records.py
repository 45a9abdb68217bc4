"""The job database as it lies there, for reports: read-only, whatever its version or state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError, Message

from lav_client.names import Names
from lav_proto.v1 import relight_pb2 as pb

MOST = 500  # newest jobs
PRIVATE = ("key",)  # columns


def jobs_of(database: Path, names: Names) -> Any:
    """A record per job, newest first: its columns, without paths and prompts. Else a sentence."""
    if not database.exists():
        return "There is no job database."
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            rows = db.execute("SELECT * FROM jobs ORDER BY number DESC LIMIT ?", (MOST,))
            return [_record(dict(row), names) for row in rows]
    except sqlite3.Error as error:
        return f"The job database is unusable: {error}."


def _record(row: dict[str, Any], names: Names) -> dict[str, Any]:
    request, problem = pb.RelightRequest(), pb.Problem()
    try:
        request.ParseFromString(row.get("request") or b"")
        problem.ParseFromString(row.get("problem") or b"")
    except DecodeError as error:
        return {"id": row.get("id"), "error": str(error)}
    for path in _paths(request):
        names.alias(path)
    plain = {k: v for k, v in row.items() if not isinstance(v, bytes) and k not in PRIVATE}
    return {
        **plain,
        "clip": f"{request.clip.path} [{request.clip.first}, {request.clip.count}]",
        "engine": request.engine,
        "problem": {"code": problem.code, "message": problem.message} if problem.code else None,
    }


def _paths(message: Message) -> Iterator[str]:
    """Every text in it that is the path of a file."""
    for field, value in message.ListFields():
        values: Any = value if field.is_repeated else (value,)
        for one in values:
            if field.message_type is not None:
                yield from _paths(one)
            elif isinstance(one, str) and (one.startswith(("/", "\\")) or one[1:3] == ":\\"):
                yield one
