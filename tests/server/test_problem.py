"""What nobody foresaw is still a sentence that says what to look at."""

from __future__ import annotations

import errno
import sqlite3

import pytest

from lav_engine.errors import Code
from lav_server.problem import from_surprise


@pytest.mark.parametrize(
    ("error", "code", "said", "hint"),
    [
        (MemoryError(), Code.memory_short, "out of memory", "Close other programs"),
        (OSError(errno.ENOSPC, "full"), Code.disk_short, "disk became full", "Free some space"),
        (OSError(errno.EIO, "I/O", "/a/b"), Code.internal, "reported an error", "Check the disk"),
        (
            sqlite3.OperationalError("disk I/O error"),
            Code.internal,
            "job database failed while answering (disk I/O error)",
            "Check the disk",
        ),
        (
            sqlite3.OperationalError("database or disk is full"),
            Code.disk_short,
            "disk became full",
            "Free some space",
        ),
        (RuntimeError("x"), Code.internal, "unexpected", "log"),
    ],
)
def test_a_surprise_has_its_sentence(error: Exception, code: Code, said: str, hint: str) -> None:
    problem = from_surprise(error, "answering")
    assert problem.code == code
    assert said in problem.message
    assert hint in problem.hint
    assert problem.retryable
