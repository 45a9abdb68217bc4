"""Logs: one line of JSON per record, rotated, without home paths and tokens in them."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from lav_server.redaction import Redaction

LARGEST = 10 * 2**20  # bytes, then a log becomes NAME.1 and a new one starts
KEPT = 5  # older ones beside it
JOB = re.compile(r"\b[Jj]ob ([0-9a-f]{12})\b")


def start(folder: Path, is_verbose: bool = False) -> None:
    """The server's own log, `folder`/server.log; verbose: with more in it, and on the terminal."""
    handlers: list[logging.Handler] = [
        RotatingFileHandler(
            folder / "server.log", maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8"
        )
    ]
    if is_verbose:
        handlers.append(logging.StreamHandler())
    _configure(handlers, logging.DEBUG if is_verbose else logging.INFO)


def start_child() -> Lines:
    """A child's log: its stderr, which the daemon has pointed at a file. Its lines name a job
    where they are told which one is being worked on."""
    return _configure([logging.StreamHandler()], logging.INFO)


def _configure(handlers: Iterable[logging.Handler], level: int) -> Lines:
    root, lines = logging.getLogger(), Lines()
    for handler in handlers:
        handler.setFormatter(lines)
        root.addHandler(handler)
    root.setLevel(level)
    return lines


class Lines(logging.Formatter):
    """at, level, from, job, text, error: a traceback is one string in its record's line.

    The job is the one the text names ("Job 0123456789ab ..."), else the one in `job`.
    """

    def __init__(self, home: Path | None = None) -> None:
        super().__init__()
        self._redaction = Redaction(home or Path.home())
        self.job: str | None = None  # what this process is working on

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
        }
        if job := _named_job(text) or self.job:
            line["job"] = job
        line["text"] = self._redaction.text(text)
        if record.exc_info:
            line["error"] = self._redaction.text(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _named_job(text: str) -> str | None:
    found = JOB.search(text)
    return found[1] if found else None


def rotate(log: Path) -> None:
    """Makes room for a log that other processes append to: the full one becomes NAME.1.

    A process that still has it open goes on writing to what is now NAME.1.
    """
    if not _is_full(log):
        return
    _shift(log)
    log.replace(_older(log, 1))


def cut(log: Path) -> None:
    """The same under a process that keeps it open for appending, while that has nothing to say."""
    if not _is_full(log):
        return
    _shift(log)
    shutil.copyfile(log, _older(log, 1))
    with log.open("r+b") as file:
        file.truncate(0)


def _is_full(log: Path) -> bool:
    return log.exists() and log.stat().st_size > LARGEST


def _shift(log: Path) -> None:
    """NAME.1 becomes NAME.2 and so on; the oldest goes."""
    for number in range(KEPT - 1, 0, -1):
        if _older(log, number).exists():
            _older(log, number).replace(_older(log, number + 1))


def _older(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
