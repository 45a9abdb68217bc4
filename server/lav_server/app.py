"""The daemon: puts the parts together, serves until it is told to stop, and tidies up."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import sys
from importlib.metadata import version
from typing import Any

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from lav_engine import catalog
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_proto.v1 import relight_pb2_grpc
from lav_server import discovery, logs
from lav_server.boundary import Boundary
from lav_server.config import Config
from lav_server.desk_link import Desk
from lav_server.discovery import Discovery
from lav_server.executor import ChildExecutor
from lav_server.queue import Queue
from lav_server.security import Roots
from lav_server.service import Relight
from lav_server.store import Store
from lav_server.wire import PROTOCOL, light_to_wire
from lav_server.wire_results import codec_info_to_wire, engine_to_wire

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
MOST_CALLS = 256  # at once; the next one is told to come back
LARGEST_MESSAGE = 16 * 2**20  # bytes
GRACE = 1.0  # seconds for calls to end
SERVICE = pb.DESCRIPTOR.services_by_name["Relight"].full_name
OPTIONS = (
    ("grpc.so_reuseport", 0),  # else a second server binds the same port unnoticed
    ("grpc.max_receive_message_length", LARGEST_MESSAGE),
    ("grpc.max_send_message_length", LARGEST_MESSAGE),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),  # without it keepalive notices nothing for a minute
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
)


def run(config: Config) -> None:
    """Serves until SIGTERM or SIGINT. Raises LavError where the home already has a server."""
    _make_home(config)
    with discovery.locked(config.home):
        logs.start(config.logs, config.is_verbose)
        asyncio.run(serve(config))


async def serve(config: Config) -> None:
    stop = _stop_signal()
    server_id = secrets.token_hex(8)
    token = secrets.token_urlsafe(32)
    desk = Desk(config.logs / "desk.log")
    queue = Queue(Store(config.database), ChildExecutor(config.logs / "worker.log"), config.maps)
    service = Relight(server_info(server_id), Roots(config.roots), desk, queue)
    server = grpc.aio.server(
        interceptors=[Boundary(token)],
        options=OPTIONS,
        maximum_concurrent_rpcs=MOST_CALLS,
    )
    relight_pb2_grpc.add_RelightServicer_to_server(service, server)
    health_pb2_grpc.add_HealthServicer_to_server(await _healthy(), server)
    port = _bound(server, config.port)
    await server.start()
    working = asyncio.create_task(queue.run())
    discovery.write(
        config.home,
        Discovery(port, token, os.getpid(), server_id, service.info.version, PROTOCOL),
    )
    log.info("Listening on port %d", port)
    warming = asyncio.create_task(desk.start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    log.info("Stopping")
    if working.done():
        log.error("The queue failed", exc_info=working.exception())
    discovery.remove(config.home)
    await queue.stop()
    await asyncio.gather(server.stop(GRACE), warming)
    await desk.close()
    stopping.cancel()
    await asyncio.wait({working})
    await queue.close()
    if working.exception() is not None:
        raise LavError("The job queue failed.", f"See {config.logs}.", Code.internal)


def server_info(server_id: str) -> pb.ServerInfo:
    return pb.ServerInfo(
        protocol=PROTOCOL,
        version=version("lav-bridge"),
        server_id=server_id,
        engines=[engine_to_wire(spec) for spec in catalog.engines().values()],
        presets=[_preset(look) for look in catalog.looks()],
        codecs=[codec_info_to_wire(codec) for codec in catalog.CODECS.values()],
        device=f"CPU, {os.cpu_count()} cores",
    )


def _preset(look: catalog.Look) -> pb.Preset:
    return pb.Preset(
        name=look.name,
        title=look.title,
        group=look.group,
        summary=look.summary,
        light=light_to_wire(look.light),
    )


async def _healthy() -> Any:
    servicer = health.aio.HealthServicer()  # pyright: ignore[reportAttributeAccessIssue]
    for name in ("", SERVICE):
        await servicer.set(name, health_pb2.HealthCheckResponse.SERVING)
    return servicer


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        else:
            loop.add_signal_handler(number, stop.set)
    return stop


def _make_home(config: Config) -> None:
    try:
        config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        config.logs.mkdir(exist_ok=True)
    except OSError as error:
        raise LavError(
            f"The server's folder {config.home} cannot be used: {error.strerror}.",
            "Give another one with --home.",
            Code.output_unwritable,
        ) from None


def _bound(server: grpc.aio.Server, port: int) -> int:
    try:
        return server.add_insecure_port(f"{HOST}:{port}")
    except RuntimeError:
        raise LavError(
            f"Port {port} cannot be used.", "Leave --port out to get a free one.", Code.bad_value
        ) from None
