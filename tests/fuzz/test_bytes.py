"""Bytes that no client of ours would send, to every call there is."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

import grpc
import psutil
import pytest
from soaking import size

from lav_proto.v1 import relight_pb2 as pb
from lav_server import discovery

SERVICE = pb.DESCRIPTOR.services_by_name["Relight"]
LIMIT = 25.0  # seconds for any answer
STATUSES = {
    grpc.StatusCode.OK,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.CANCELLED,  # a preview that a newer one overtook
}
PEAK = 1.5 * 2**30  # bytes of the daemon and its children together


def valid(tree, server) -> dict[str, bytes]:
    """A good request for every call that takes more than an id."""
    clip = tree.inside / "clip.mov"
    request = server.request(clip, "mutant.mov")
    request.light.light.lamps.add(azimuth=30.0, at=pb.Point(x=0.5, y=0.5), kelvin=3200.0)
    request.light.light.keys.add(media_frame=2).light.lamps.add(stops=1.0)
    preview = pb.PreviewRequest(path=str(clip), light=request.light, engine="fault", width=64)
    messages = {
        "Probe": pb.ProbeRequest(path=str(clip), poster_width=32),
        "Preview": preview,
        "PlanJob": pb.PlanJobRequest(request=request),
        "SubmitJob": pb.SubmitJobRequest(request=request, idempotency_key="mutant"),
        "ListJobs": pb.ListJobsRequest(limit=3),
    }
    found = {method.name: pb.GetJobRequest(id="0123456789ab") for method in SERVICE.methods}
    return {name: (messages.get(name) or found[name]).SerializeToString() for name in found}


def mutants(data: bytes, chance: random.Random) -> Iterator[bytes]:
    """Without end: bits turned, bytes cut, doubled, put in, lengths and numbers that lie."""
    huge = [b"\xff" * 9 + b"\x01", b"\x80" * 10, b"\xff\xff\xff\xff\x0f", b"\x0a" * 300, b"\0"]
    while True:
        mutant = bytearray(data)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(mutant) + 1)
            match chance.randrange(6):
                case 0 if at < len(mutant):
                    mutant[at] ^= 1 << chance.randrange(8)
                case 1:
                    del mutant[at : at + chance.randint(1, 9)]
                case 2:
                    mutant[at:at] = chance.choice(huge)
                case 3:
                    mutant[at:at] = mutant[max(0, at - chance.randint(1, 40)) : at]
                case 4:
                    mutant[at:at] = chance.randbytes(chance.randint(1, 16))
                case _:
                    mutant[at:] = mutant[at:][: chance.randint(0, 30)]
        yield bytes(mutant)


def nested(depth: int) -> bytes:
    """A light whose keys hold lights whose keys hold lights."""
    data = b""
    for _ in range(depth):
        for tag in (0x12, 0x3A):  # LightKey.light, Light.keys
            data = bytes([tag]) + _varint(len(data)) + data
    for tag in (0x1A, 0x12, 0x0A):  # LightRequest.light, RelightRequest.light, request
        data = bytes([tag]) + _varint(len(data)) + data
    return data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


@pytest.fixture(scope="module")
def send(server) -> Iterator[Callable[[str, bytes], grpc.StatusCode]]:
    found = discovery.read(server.home)
    metadata = (("authorization", f"Bearer {found.token}"),)
    with grpc.insecure_channel(found.address) as channel:

        def send(method: str, data: bytes) -> grpc.StatusCode:
            is_stream = SERVICE.methods_by_name[method].server_streaming
            shape = channel.unary_stream if is_stream else channel.unary_unary
            call = shape(f"/{SERVICE.full_name}/{method}")
            try:
                list(call(data, timeout=LIMIT, metadata=metadata))
                code, said = grpc.StatusCode.OK, ""
            except grpc.RpcError as error:
                code, said = error.code(), error.details()
            assert code in STATUSES, f"{method}({data!r}): {code} {said}"
            return code

        yield send


@pytest.mark.timeout(size(180, 0))
def test_mutated_requests_are_answered_or_refused_and_the_server_stays(
    server, tree, send: Callable[[str, bytes], grpc.StatusCode]
) -> None:
    daemon = psutil.Process(server.process.pid)
    seen: Counter[str] = Counter()
    for number, (method, data) in enumerate(valid(tree, server).items()):
        source = mutants(data, random.Random(number))
        for _ in range(size(40, 2000)):
            seen[send(method, next(source)).name] += 1
        for job in server.client.jobs(limit=1000, only_open=True):
            server.client.cancel(job.id)
    assert seen["INVALID_ARGUMENT"] > sum(seen.values()) / 10  # they were bad indeed
    family = [daemon, *daemon.children(recursive=True)]
    assert sum(process.memory_info().rss for process in family) < PEAK
    assert server.client.server_info().server_id == discovery.read(server.home).server_id
    tree.sentinel.check()


@pytest.mark.parametrize("depth", [10, 40, 90, 1000, 30_000])
def test_a_light_nested_without_end_is_refused(
    tree, send: Callable[[str, bytes], grpc.StatusCode], depth: int
) -> None:
    for method in ("PlanJob", "SubmitJob"):
        assert send(method, nested(depth)) == grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("length", [2**20 + 1, 4 * 2**20, 32 * 2**20])
def test_a_request_too_large_is_refused(
    send: Callable[[str, bytes], grpc.StatusCode], length: int
) -> None:
    assert send("Probe", b"\x0a" + _varint(length) + b"a" * length) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED
    )
