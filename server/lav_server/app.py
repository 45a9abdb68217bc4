"""The daemon: puts the parts together, serves until it is told to stop, and tidies up."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grpc.aio
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from lav_engine import catalog
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_proto.v1 import relight_pb2_grpc
from lav_server import discovery, logs, tls, watching
from lav_server.boundary import Boundary, Tokens
from lav_server.config import HOST, Config
from lav_server.desk_link import Desk
from lav_server.discovery import Discovery
from lav_server.executor import ChildExecutor
from lav_server.hold import Hold
from lav_server.host_sessions import HostSessions
from lav_server.jobs import Folders
from lav_server.queue import Queue
from lav_server.redaction import Redaction
from lav_server.security import Roots
from lav_server.service import Relight
from lav_server.store import Store
from lav_server.web.serving import PageServer
from lav_server.web.sessions import Sessions
from lav_server.wire import PROTOCOL, light_to_wire
from lav_server.wire_results import codec_info_to_wire, engine_to_wire

log = logging.getLogger(__name__)

MOST_ASKING = 256  # calls at once that ask one thing; those that watch leave room for them
MOST_CALLS = watching.MOST + MOST_ASKING  # the next one is told to come back
LARGEST_REQUEST, LARGEST_ANSWER = 2**20, 16 * 2**20  # bytes; requests wait in memory unchecked
GRACE = 1.0  # seconds for calls to end
PLANNER_IDLE = 60.0  # seconds
SERVICE = pb.DESCRIPTOR.services_by_name["Relight"].full_name
OPTIONS = (
    ("grpc.so_reuseport", 0),  # else a second server binds the same port unnoticed
    ("grpc.max_receive_message_length", LARGEST_REQUEST),
    ("grpc.max_send_message_length", LARGEST_ANSWER),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),  # without it keepalive notices nothing for a minute
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
)


def run(config: Config) -> None:
    """Serves until SIGTERM or SIGINT. Raises LavError where the home already has a server."""
    _make_home(config)
    with Hold(config.home) as hold:
        logs.start(config.logs, config.is_verbose)
        asyncio.run(serve(config, hold))


async def serve(config: Config, hold: Hold) -> None:
    stop = _stop_signal()
    # A share that hangs holds a thread for each file looked at; the others go on.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(MOST_ASKING, "files"))
    server_id = secrets.token_hex(8)
    identity = tls.read(config.tls) if config.tls else None
    tokens = Tokens(secrets.token_urlsafe(32), identity.token if identity else None)
    desk = Desk(config.logs / "desk.log", idle=config.idle_unload)
    planner = Desk(config.logs / "planner.log", idle=PLANNER_IDLE)
    viewer = Desk(config.logs / "viewer.log", idle=PLANNER_IDLE)
    queue = Queue(
        Store(config.database),
        ChildExecutor(
            config.logs / "worker.log", patience=config.patience, idle=config.idle_unload
        ),
        Folders(config.jobs, config.maps),
        config.cache_bytes,
    )
    sessions = Sessions(config.page)
    roots = Roots(config.roots, own=(config.uploads,))
    service = Relight(
        server_info(server_id), roots, desk, planner, queue, sessions, HostSessions(), viewer
    )
    page = PageServer(service, sessions, config)
    server = grpc.aio.server(
        interceptors=[Boundary(tokens, Redaction(Path.home(), config.home))],
        options=OPTIONS,
        maximum_concurrent_rpcs=MOST_CALLS,
    )
    relight_pb2_grpc.add_RelightServicer_to_server(service, server)
    health_pb2_grpc.add_HealthServicer_to_server(await _healthy(), server)
    port = _bound(server, HOST, 0 if identity else config.port)
    tls_port = _bound(server, config.host, config.port, identity) if identity else 0
    await server.start()
    working = asyncio.create_task(queue.run())
    browsing = asyncio.create_task(page.run())
    found = Discovery(
        port,
        tokens.local,
        os.getpid(),
        server_id,
        service.info.version,
        PROTOCOL,
        tls_port,
        tuple(map(str, config.roots)),
    )
    discovery.write(config.home, found)
    keeping = asyncio.create_task(discovery.keep(hold, found))
    log.info("Listening on port %d", port)
    if tls_port:
        log.info("Listening on %s, port %d, with TLS", config.host, tls_port)
    warming = asyncio.create_task(desk.start())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping, keeping}, return_when=asyncio.FIRST_COMPLETED)
    log.info("Stopping")
    if working.done():
        log.error("The queue failed", exc_info=working.exception())
    if keeping.done():
        log.error("The home has been lost", exc_info=keeping.exception())
    keeping.cancel()
    discovery.remove(config.home, found)
    await queue.stop()
    page.stop()
    await asyncio.gather(server.stop(GRACE), warming, browsing)
    await asyncio.gather(desk.close(), planner.close(), viewer.close())
    stopping.cancel()
    await asyncio.wait({working})
    await queue.close()
    failure = working.exception()
    if isinstance(failure, LavError):
        raise failure
    if failure is not None:
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
        for folder in (config.logs, config.jobs, config.maps):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise LavError(
            f"The server's folder {config.home} cannot be used: {error.strerror}.",
            "Give another one with --home.",
            Code.output_unwritable,
        ) from None


def _bound(
    server: grpc.aio.Server, host: str, port: int, identity: tls.Identity | None = None
) -> int:
    """The port listened on: with an identity through TLS, without for this computer only."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        if identity is None:
            return server.add_insecure_port(address)
        pair = (identity.key, identity.certificate)
        return server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
    except RuntimeError:
        hint = "Give another --port, or leave it out."
        if identity is not None:
            hint = "Is it this computer's address, the port free, and the certificate whole?"
        raise LavError(f"Port {port} of {host} cannot be used.", hint, Code.bad_value) from None
