"""Every shape of call is guarded, and what cannot be read is refused in a sentence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import grpc.aio
import pytest

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server.boundary import Boundary, Tokens, shortened
from lav_server.redaction import Redaction

SHAPES = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")
TOKENS = Tokens("local-token", "remote-token")
HOME = "/home/someone"
MOST = 8  # calls at once


def read(data: bytes) -> pb.GetJobRequest:
    read_requests.append(data)
    return pb.GetJobRequest.FromString(data)


read_requests: list[bytes] = []


async def one(request: pb.GetJobRequest, context: object) -> pb.Job:
    if request.id.startswith("long"):
        raise LavError(f"{request.id} is odd.", request.id, Code.media_missing)
    if request.id == "error":
        raise LavError(f"{HOME}/clip.mov is odd.", f"Look into {HOME}.", Code.media_unreadable)
    return pb.Job(id=request.id, problem=pb.Problem(message=f"{HOME}/a"))


async def many(request: pb.GetJobRequest, context: object) -> AsyncIterator[pb.Job]:
    yield await one(request, context)


async def last(requests: AsyncIterator[pb.GetJobRequest], context: object) -> pb.Job:
    return [await one(request, context) async for request in requests][-1]


async def each(requests: AsyncIterator[pb.GetJobRequest], context: object) -> AsyncIterator[pb.Job]:
    async for request in requests:
        yield await one(request, context)


CALLS = dict(zip(SHAPES, (one, many, last, each), strict=True))


class Served:
    """A server with one call of each shape behind the boundary."""

    async def __aenter__(self) -> grpc.aio.Channel:
        read_requests.clear()
        boundary = Boundary(TOKENS, Redaction(Path(HOME), None))
        self.server = grpc.aio.server(interceptors=[boundary], maximum_concurrent_rpcs=MOST)
        handlers = {
            shape: getattr(grpc, f"{shape}_rpc_method_handler")(
                call, read, pb.Job.SerializeToString
            )
            for shape, call in CALLS.items()
        }
        self.server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("test.Shapes", handlers),)
        )
        port = self.server.add_insecure_port("127.0.0.1:0")
        await self.server.start()
        self.channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
        return self.channel

    async def __aexit__(self, *_: object) -> None:
        await self.channel.close()
        await self.server.stop(0)


async def asked(shape: str, data: bytes, token: str | None) -> pb.Job:
    metadata = (("authorization", f"Bearer {token}"),) if token is not None else ()
    async with Served() as channel:
        call = getattr(channel, shape)(f"/test.Shapes/{shape}")
        request = iter([data]) if shape.startswith("stream") else data
        answer = call(request, metadata=metadata, timeout=10)
        if shape.endswith("stream"):
            answers = [one async for one in answer]
            return pb.Job.FromString(answers[0])
        return pb.Job.FromString(await answer)


def refused(shape: str, data: bytes, token: str | None) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        asyncio.run(asked(shape, data, token))
    return refused.value


JOB = pb.GetJobRequest(id="j").SerializeToString()
ERROR = pb.GetJobRequest(id="error").SerializeToString()


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_answered_with_a_token(shape: str) -> None:
    for token in (TOKENS.local, TOKENS.remote):
        assert asyncio.run(asked(shape, JOB, token)).id == "j"


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("token", [None, "", "local-toke", "LOCAL-TOKEN", "local-token ", "ü"])
def test_without_one_nothing_is_even_parsed(shape: str, token: str | None) -> None:
    if token == "ü":
        token = "%C3%BC"
    assert refused(shape, JOB, token).code() == grpc.StatusCode.UNAUTHENTICATED
    assert read_requests == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("data", [b"\xff", b"\x0a\x05ab", b"\x0a\x02\xff\xfe"])
def test_bytes_that_are_no_message_are_a_sentence(shape: str, data: bytes) -> None:
    error = refused(shape, data, TOKENS.local)
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT
    assert "cannot be read" in (error.details() or "")


@pytest.mark.parametrize("shape", SHAPES)
def test_others_hear_of_no_home(shape: str) -> None:
    error = refused(shape, ERROR, TOKENS.remote)
    assert error.details() == "~/clip.mov is odd."
    assert HOME.encode() not in str(error.trailing_metadata()).encode()
    assert refused(shape, ERROR, TOKENS.local).details() == f"{HOME}/clip.mov is odd."
    assert asyncio.run(asked(shape, JOB, TOKENS.remote)).problem.message == "~/a"
    assert asyncio.run(asked(shape, JOB, TOKENS.local)).problem.message == f"{HOME}/a"


def test_no_remote_token_lets_nobody_in() -> None:
    tokens = Tokens("local-token")
    for given in ("Bearer None", "Bearer ", "", "None"):
        assert tokens.caller((("authorization", given),)).value == "stranger"
    assert tokens.caller(None).value == "stranger"


def test_a_request_that_never_comes_holds_no_call() -> None:
    """As many at once as the server answers, and one more, without a token or a message."""

    async def hold() -> None:
        async with Served() as channel:
            calls = [channel.stream_unary("/test.Shapes/unary_unary")() for _ in range(MOST + 1)]
            for call in calls:
                with pytest.raises(grpc.aio.AioRpcError) as turned_away:
                    await asyncio.wait_for(call, 10)
                assert turned_away.value.code() == grpc.StatusCode.UNAUTHENTICATED

    asyncio.run(hold())


@pytest.mark.parametrize("letter", ["a", "\u00e9", "\u4e2d", "\U0001f3ac"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_name_as_long_as_can_be_still_arrives_as_a_sentence(shape: str, letter: str) -> None:
    request = pb.GetJobRequest(id="long" + letter * 4000).SerializeToString()
    error = refused(shape, request, TOKENS.local)
    assert error.code() == grpc.StatusCode.NOT_FOUND
    assert (error.details() or "").startswith("long" + letter * 9)
    assert (error.details() or "").endswith(letter + " is odd.")


def test_short_sentences_stay_as_they_are() -> None:
    assert shortened("clip.mov is odd.", 1600) == "clip.mov is odd."
    assert len(shortened("\u4e2d" * 1000, 100).encode()) <= 100
