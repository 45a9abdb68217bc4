"""A page in a browser, or any plain HTTP client, can make the daemon do nothing."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import grpc
import pytest

from lav_proto.v1 import relight_pb2 as pb
from lav_server import discovery

SERVICE = pb.DESCRIPTOR.services_by_name["Relight"]
EVIL = "evil.example"
BODY = b"\0\0\0\0\0"  # an empty message, as gRPC frames it
GRPC_WEB = "content-type: application/grpc-web+proto\r\nx-grpc-web: 1\r\n"
GRPC_TEXT = "content-type: text/plain\r\n"  # what a page may send without asking first
UPGRADE = "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n"
SOCKET = "connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"


def http(address: str, verb: str, path: str, headers: str) -> bytes:
    """What comes back for a request as a browser on another site's page sends it."""
    host, _, port = address.partition(":")
    request = (
        f"{verb} {path} HTTP/1.1\r\nhost: {EVIL}:{port}\r\norigin: http://{EVIL}\r\n"
        f"referer: http://{EVIL}/\r\nuser-agent: Mozilla/5.0\r\n{headers}"
        f"content-length: {len(BODY)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), 5) as plain:
        plain.sendall(request.encode() + BODY)
        return b"".join(_received(plain))


def _received(plain: socket.socket) -> Iterator[bytes]:
    plain.settimeout(5)
    try:
        while data := plain.recv(65536):
            yield data
    except (TimeoutError, ConnectionResetError):
        return


@pytest.mark.parametrize("headers", ["", GRPC_WEB, GRPC_TEXT, UPGRADE, SOCKET])
@pytest.mark.parametrize("verb", ["GET", "POST", "OPTIONS"])
def test_http_is_not_spoken(server, verb: str, headers: str) -> None:
    found = discovery.read(server.home)
    answer = http(found.address, verb, f"/{SERVICE.full_name}/ListJobs", headers)
    assert not answer.startswith(b"HTTP/1.1 2")
    assert b"access-control-allow" not in answer.lower()
    assert b"grpc-status" not in answer.lower()
    assert found.server_id.encode() not in answer
    assert server.client.server_info().server_id == found.server_id


def test_a_page_that_knows_the_token_still_speaks_no_grpc(server) -> None:
    found = discovery.read(server.home)
    headers = f"authorization: Bearer {found.token}\r\n{GRPC_WEB}"
    assert found.server_id.encode() not in http(
        found.address, "POST", f"/{SERVICE.full_name}/GetServerInfo", headers
    )


@pytest.mark.parametrize("method", [method.name for method in SERVICE.methods])
def test_a_rebound_name_without_the_token_does_nothing(server, method: str) -> None:
    """HTTP/2 as gRPC speaks it, under another site's name; every call there is."""
    found = discovery.read(server.home)
    options = [("grpc.default_authority", f"{EVIL}:{found.port}")]
    with grpc.insecure_channel(found.address, options) as channel:
        is_stream = SERVICE.methods_by_name[method].server_streaming
        shape = channel.unary_stream if is_stream else channel.unary_unary
        call = shape(f"/{SERVICE.full_name}/{method}")
        metadata = (("origin", f"http://{EVIL}"), ("cookie", "token=guess"))
        with pytest.raises(grpc.RpcError) as refused:
            list(call(b"", timeout=10, metadata=metadata))
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_nobody_is_told_what_calls_there_are(server) -> None:
    """Reflection is left out: the .proto file is the documentation."""
    found = discovery.read(server.home)
    with grpc.insecure_channel(found.address) as channel:
        for version in ("v1", "v1alpha"):
            call = channel.stream_stream(
                f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo"
            )
            with pytest.raises(grpc.RpcError) as refused:
                list(call(iter([b""]), timeout=10))
            assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
