"""The RPC boundary: no call without a token, no exception but as a status with a Problem.

A stranger's request is not even read, so nobody without a token can fill the server's memory or
hold its calls. What goes to another machine names no home.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from enum import Enum
from hmac import compare_digest
from typing import Any, NoReturn

import grpc
import grpc.aio
from google.protobuf import any_pb2
from google.protobuf.message import DecodeError
from google.rpc import status_pb2
from grpc_status import rpc_status

from lav_engine.errors import Code, LavError
from lav_server.problem import Problem, from_error, from_surprise
from lav_server.redaction import Redaction
from lav_server.wire_results import problem_to_wire

log = logging.getLogger(__name__)

OPEN_TO_ALL = "/grpc.health.v1.Health/Check"  # its Watch would hold a call without end
LONGEST = 1600  # bytes of a sentence on the wire
CUT = " … "
Context = grpc.aio.ServicerContext
Stream = Callable[..., AsyncGenerator[Any, None]]
Read = Callable[[bytes], Any]
Handler = Any  # grpc.RpcMethodHandler, whose attributes grpc's own types leave out

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
    Code.vram_short: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Code.model_missing: grpc.StatusCode.NOT_FOUND,
    Code.model_unusable: grpc.StatusCode.FAILED_PRECONDITION,
    Code.queue_full: grpc.StatusCode.RESOURCE_EXHAUSTED,
    Code.worker_lost: grpc.StatusCode.ABORTED,
    Code.job_unknown: grpc.StatusCode.NOT_FOUND,
    Code.superseded: grpc.StatusCode.CANCELLED,
    Code.server_down: grpc.StatusCode.UNAVAILABLE,
    Code.unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    Code.version_skew: grpc.StatusCode.FAILED_PRECONDITION,
    Code.internal: grpc.StatusCode.INTERNAL,
}


class Caller(Enum):
    stranger = "stranger"
    local = "local"  # knows the token in the discovery file
    remote = "remote"  # knows the token of `lav server tls-init`


@dataclass(frozen=True, slots=True)
class Tokens:
    local: str
    remote: str | None = None  # None: other machines are not served

    def caller(self, metadata: Any) -> Caller:
        """Compares with both, so that the time it takes tells nothing."""
        given = dict(metadata or ()).get("authorization", "")
        given = given if isinstance(given, bytes) else given.encode()
        is_remote = self.remote is not None and _is_same(given, self.remote)
        if _is_same(given, self.local):
            return Caller.local
        return Caller.remote if is_remote else Caller.stranger


class Boundary(grpc.aio.ServerInterceptor):
    """Wraps every handler but that of a health check."""

    def __init__(self, tokens: Tokens, redaction: Redaction) -> None:
        self._tokens = tokens
        self._redaction = redaction

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler]],
        handler_call_details: Any,
    ) -> Handler:
        handler = await continuation(handler_call_details)
        if handler is None or handler_call_details.method == OPEN_TO_ALL:
            return handler
        name = handler_call_details.method.rpartition("/")[2]
        caller = self._tokens.caller(handler_call_details.invocation_metadata)
        if caller is Caller.stranger:
            return grpc.stream_unary_rpc_method_handler(_turned_away)
        redaction = self._redaction if caller is Caller.remote else Redaction()
        return _in_shape(handler, name, redaction)


def _is_same(given: bytes, token: str) -> bool:
    return compare_digest(given, f"Bearer {token}".encode())


def _in_shape(handler: Handler, name: str, redaction: Redaction) -> Handler:
    """The handler, guarded, as one of the same shape."""
    shape = "_".join(
        "stream" if many else "unary"
        for many in (handler.request_streaming, handler.response_streaming)
    )
    guard = _guarded_stream if handler.response_streaming else _guarded
    call, read = getattr(handler, shape), handler.request_deserializer
    make = getattr(grpc, f"{shape}_rpc_method_handler")
    return make(guard(name, call, read, redaction), None, handler.response_serializer)


def _guarded(name: str, call: Any, read: Read, redaction: Redaction) -> Any:
    async def guarded(request: Any, context: Context) -> Any:
        try:
            return redaction.answer(await call(_parsed(request, read), context))
        except LavError as error:
            problem = from_error(error)
        except Exception as error:
            log.exception("%s failed", name)
            problem = from_surprise(error, "answering a request")
        await _refuse(context, redaction.problem(problem))

    return guarded


def _guarded_stream(name: str, call: Stream, read: Read, redaction: Redaction) -> Any:
    async def guarded(request: Any, context: Context) -> AsyncIterator[Any]:
        try:
            async with aclosing(call(_parsed(request, read), context)) as answers:
                async for answer in answers:
                    yield redaction.answer(answer)
            return
        except LavError as error:
            problem = from_error(error)
        except Exception as error:
            log.exception("%s failed", name)
            problem = from_surprise(error, "watching a job")
        await _refuse(context, redaction.problem(problem))

    return guarded


async def _turned_away(requests: object, context: Context) -> NoReturn:
    """For a call of any shape: it ends before a message of it is waited for."""
    unknown = LavError(
        "The call carries no valid token for this server.",
        "Read it again: server.json in the server's home has one, new on every start; for other "
        "machines it is in the folder that `lav server tls-init` made.",
        Code.unauthenticated,
    )
    await _refuse(context, from_error(unknown))


def _parsed(request: Any, read: Read) -> Any:
    """A message, or a stream of them that is read as it is used."""
    if not isinstance(request, bytes):
        return (_message(one, read) async for one in request)
    return _message(request, read)


def _message(data: bytes, read: Read) -> Any:
    try:
        return read(data)
    except DecodeError:
        raise LavError(
            "The request cannot be read as what this call takes.",
            "Update the client.",
            Code.bad_value,
        ) from None


async def _refuse(context: Context, problem: Problem) -> NoReturn:
    """Ends the call with a google.rpc.Status that carries the problem.

    Both travel as HTTP/2 trailers, which clients drop whole beyond 8 kB; a name can be that long.
    """
    message, hint = shortened(problem.message, LONGEST), shortened(problem.hint, LONGEST)
    detail = any_pb2.Any()
    detail.Pack(problem_to_wire(replace(problem, message=message, hint=hint)))
    code = STATUS[problem.code]
    status = rpc_status.to_status(
        status_pb2.Status(
            code=code.value[0], message=shortened(message, LONGEST // 4), details=[detail]
        )
    )
    await context.abort(code, status.details, status.trailing_metadata)


def shortened(text: str, limit: int) -> str:
    """At most `limit` bytes as UTF-8: what is too long loses its middle."""
    data = text.encode(errors="replace")
    if len(data) <= limit:
        return text
    half = (limit - len(CUT.encode())) // 2
    return data[:half].decode(errors="ignore") + CUT + data[-half:].decode(errors="ignore")
