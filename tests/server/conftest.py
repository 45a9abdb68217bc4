"""The service without its client."""

from __future__ import annotations

import grpc
import pytest

from lav_proto.v1 import relight_pb2_grpc
from lav_server import discovery


@pytest.fixture
def stub(server):
    """The bare service, without a token."""
    found = discovery.read(server.home)
    with grpc.insecure_channel(found.address) as channel:
        yield relight_pb2_grpc.RelightStub(channel)
