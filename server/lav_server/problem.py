"""What went wrong, as everybody sees it: a stable code, a sentence and a hint."""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass

from lav_engine.errors import Code, LavError

RETRYABLE = frozenset(
    {
        Code.worker_lost,
        Code.disk_short,
        Code.memory_short,
        Code.vram_short,
        Code.queue_full,
        Code.output_unwritable,
        Code.server_down,
        Code.internal,
    }
)

CHECK = "Check the disk that has the server's folder, then try again."


@dataclass(frozen=True, slots=True)
class Problem:
    code: Code
    message: str  # what happened and what it means for the clip
    hint: str = ""  # what to do
    retryable: bool = False  # the same request may succeed later

    def error(self) -> LavError:
        return LavError(self.message, self.hint, self.code)


def from_error(error: LavError) -> Problem:
    return Problem(error.code, error.message, error.hint, error.code in RETRYABLE)


def from_surprise(error: Exception, doing: str) -> Problem:
    """What nobody foresaw, as a sentence; whoever catches it writes the traceback to the log."""
    if isinstance(error, MemoryError):
        message = f"The computer ran out of memory while {doing}."
        return Problem(Code.memory_short, message, "Close other programs and try again.", True)
    if _is_full_disk(error):
        message = f"The disk became full while {doing}."
        return Problem(Code.disk_short, message, "Free some space and try again.", True)
    if isinstance(error, sqlite3.OperationalError):
        message = f"The server's job database failed while {doing} ({error})."
        return Problem(Code.internal, message, CHECK, True)
    if isinstance(error, OSError) and error.errno == errno.EIO:
        message = f"A disk reported an error while {doing}: {error.filename or error.strerror}."
        return Problem(Code.internal, message, CHECK, True)
    message = f"Something unexpected went wrong while {doing}."
    return Problem(Code.internal, message, "The server's log has the details.", True)


def _is_full_disk(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, sqlite3.OperationalError) and "disk is full" in str(error)
