"""What went wrong, as everybody sees it: a code, a sentence, a hint; and the gRPC status for it."""

from __future__ import annotations

import errno
import logging
import sqlite3
from dataclasses import dataclass

import grpc
from google.protobuf import any_pb2
from google.rpc import status_pb2
from grpc_status import rpc_status

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb

log = logging.getLogger(__name__)

RETRYABLE = frozenset(
    {Code.worker_lost, Code.disk_short, Code.memory_short, Code.server_down, Code.internal}
)

STATUS = {
    Code.media_missing: grpc.StatusCode.NOT_FOUND,
    Code.media_unreadable: grpc.StatusCode.INVALID_ARGUMENT,
    Code.media_unsupported: grpc.StatusCode.INVALID_ARGUMENT,
    Code.range_outside: grpc.StatusCode.OUT_OF_RANGE,
    Code.bad_value: grpc.StatusCode.INVALID_ARGUMENT,
    Code.unknown_engine: grpc.StatusCode.NOT_FOUND,
    Code.unknown_preset: grpc.StatusCode.NOT_FOUND,
    Code.unknown_codec: grpc.StatusCode.INVALID_ARGUMENT,
    Code.unsupported: grpc.StatusCode.UNIMPLEMENTED,
    Code.mask_unusable: grpc.StatusCode.INVALID_ARGUMENT,
    Code.output_exists: grpc.StatusCode.ALREADY_EXISTS,
    Code.output_unwritable: grpc.StatusCode.PERMISSION_DENIED,
    Code.outside_roots: grpc.StatusCode.PERMISSION_DENIED,
    Code.disk_short: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Code.memory_short: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Code.worker_lost: grpc.StatusCode.ABORTED,
    Code.job_unknown: grpc.StatusCode.NOT_FOUND,
    Code.server_down: grpc.StatusCode.UNAVAILABLE,
    Code.unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    Code.version_skew: grpc.StatusCode.FAILED_PRECONDITION,
    Code.internal: grpc.StatusCode.INTERNAL,
}


@dataclass(frozen=True, slots=True)
class Problem:
    code: Code
    message: str  # what happened and what it means for the clip
    hint: str = ""  # what to do
    retryable: bool = False  # the same request may succeed later

    def error(self) -> LavError:
        return LavError(self.message, self.hint, self.code)


def from_exception(error: BaseException, doing: str) -> Problem:
    """Any exception as one sentence; what was not foreseen leaves its traceback in the log."""
    if isinstance(error, LavError):
        return Problem(error.code, error.message, error.hint, error.code in RETRYABLE)
    log.error("Failed %s", doing, exc_info=error)
    if isinstance(error, MemoryError):
        return Problem(
            Code.memory_short,
            f"The computer ran out of memory while {doing}.",
            "Close other programs or render a shorter range.",
            retryable=True,
        )
    if _is_full_disk(error):
        return Problem(
            Code.disk_short,
            f"The disk is full, so {doing} was stopped.",
            "Free some space and try again.",
            retryable=True,
        )
    return Problem(
        Code.internal,
        f"Something unexpected went wrong while {doing}.",
        "The details are in the server's log; please report them.",
        retryable=True,
    )


def status(problem: Problem) -> rpc_status._Status:
    """A gRPC status whose details carry the problem as a lav.v1.Problem."""
    detail = any_pb2.Any()
    detail.Pack(
        pb.Problem(
            code=problem.code,
            message=problem.message,
            hint=problem.hint,
            retryable=problem.retryable,
        )
    )
    return rpc_status.to_status(
        status_pb2.Status(
            code=STATUS[problem.code].value[0], message=problem.message, details=[detail]
        )
    )


def _is_full_disk(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return isinstance(error, sqlite3.OperationalError) and "full" in str(error)
