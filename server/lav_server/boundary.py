"""The RPC boundary: no call without the token, no exception but as a status with a Problem."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from hmac import compare_digest
from typing import Any, NoReturn

import grpc
import grpc.aio
from google.protobuf import any_pb2
from google.rpc import status_pb2
from grpc_status import rpc_status

from lav_engine.errors import Code, LavError
from lav_server.problem import Problem, from_error, from_surprise
from lav_server.wire_results import problem_to_wire

log = logging.getLogger(__name__)

OPEN_TO_ALL = "/grpc.health.v1.Health/"
Context = grpc.aio.ServicerContext
Stream = Callable[..., AsyncGenerator[Any, None]]
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
    Code.worker_lost: grpc.StatusCode.ABORTED,
    Code.job_unknown: grpc.StatusCode.NOT_FOUND,
    Code.superseded: grpc.StatusCode.CANCELLED,
    Code.server_down: grpc.StatusCode.UNAVAILABLE,
    Code.unauthenticated: grpc.StatusCode.UNAUTHENTICATED,
    Code.version_skew: grpc.StatusCode.FAILED_PRECONDITION,
    Code.internal: grpc.StatusCode.INTERNAL,
}


class Boundary(grpc.aio.ServerInterceptor):
    """Wraps every handler but health's."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler]],
        handler_call_details: Any,
    ) -> Handler:
        handler = await continuation(handler_call_details)
        if handler is None or handler_call_details.method.startswith(OPEN_TO_ALL):
            return handler
        name = handler_call_details.method.rpartition("/")[2]
        is_known = self._is_known(handler_call_details)
        # gRPC insists on a handler of the same shape.
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                _guarded_stream(name, handler.unary_stream, is_known),
                handler.request_deserializer,
                handler.response_serializer,
            )
        return grpc.unary_unary_rpc_method_handler(
            _guarded(name, handler.unary_unary, is_known),
            handler.request_deserializer,
            handler.response_serializer,
        )

    def _is_known(self, details: Any) -> bool:
        given = dict(details.invocation_metadata).get("authorization", "")
        given = given if isinstance(given, bytes) else given.encode()
        return compare_digest(given, self._expected)


def _guarded(name: str, call: Callable[..., Awaitable[Any]], is_known: bool) -> Any:
    async def guarded(request: Any, context: Context) -> Any:
        try:
            _check_known(is_known)
            return await call(request, context)
        except LavError as error:
            problem = from_error(error)
        except Exception as error:
            log.exception("%s failed", name)
            problem = from_surprise(error, "answering a request")
        await _refuse(context, problem)

    return guarded


def _guarded_stream(name: str, call: Stream, is_known: bool) -> Any:
    async def guarded(request: Any, context: Context) -> AsyncIterator[Any]:
        try:
            _check_known(is_known)
            async with aclosing(call(request, context)) as answers:
                async for answer in answers:
                    yield answer
            return
        except LavError as error:
            problem = from_error(error)
        except Exception as error:
            log.exception("%s failed", name)
            problem = from_surprise(error, "watching a job")
        await _refuse(context, problem)

    return guarded


def _check_known(is_known: bool) -> None:
    if not is_known:
        raise LavError(
            "The call carries no valid token for this server.",
            "Read the token from the server's discovery file; it is new on every start.",
            Code.unauthenticated,
        )


async def _refuse(context: Context, problem: Problem) -> NoReturn:
    """Ends the call with a google.rpc.Status that carries the problem."""
    detail = any_pb2.Any()
    detail.Pack(problem_to_wire(problem))
    code = STATUS[problem.code]
    status = rpc_status.to_status(
        status_pb2.Status(code=code.value[0], message=problem.message, details=[detail])
    )
    await context.abort(code, status.details, status.trailing_metadata)
