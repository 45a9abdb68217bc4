"""The page's own port, in the daemon's loop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator

import uvicorn

from lav_server.config import HOST, Config
from lav_server.service import Relight
from lav_server.web.browsing import Browsing
from lav_server.web.device import Device
from lav_server.web.frames import Frames
from lav_server.web.hosts import Hosts
from lav_server.web.patience import PatientProtocol
from lav_server.web.sessions import Sessions
from lav_server.web.setup import Setup
from lav_server.web.site import site
from lav_server.web.takes import Takes
from lav_server.web.uploads import Uploads
from lav_server.web.videos import Copies, Videos

MOST = 500  # connections of all browsers together
LINGER = 1  # seconds for open streams to end


class _Server(uvicorn.Server):
    """One that leaves signals to the daemon."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class PageServer:
    """Listens at once, on the port it had before where that is free; `run` answers."""

    def __init__(self, service: Relight, sessions: Sessions, config: Config) -> None:
        self._socket = _listening(sessions.port)
        self.port: int = self._socket.getsockname()[1]
        sessions.settle(self.port)
        uploads = Uploads(config.uploads, service)
        self._copies = Copies(config.videos.resolve(), service.viewer)
        uploads.sweep()
        self._copies.sweep()
        hosts = f"{HOST}:{self.port}", f"localhost:{self.port}"
        videos = Videos(self._copies, service)
        takes = Takes(config.takes, service)
        self._setup = Setup(config.home)
        self._device = Device()
        files = Frames(service), Browsing(service.roots), uploads
        parts = *files, videos, takes, Hosts(service), self._setup
        self._server = _Server(
            uvicorn.Config(
                site(
                    service,
                    sessions,
                    hosts,
                    parts,
                    {"takes": takes.look, "device": self._device.look},
                ),
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                lifespan="off",
                http=PatientProtocol,
                ws="none",
                timeout_graceful_shutdown=LINGER,
                limit_concurrency=MOST,
            )
        )

    async def run(self) -> None:
        try:
            await self._server.serve([self._socket])
        finally:
            await asyncio.gather(self._copies.close(), self._setup.close(), self._device.close())

    def stop(self) -> None:
        self._server.should_exit = True


def _listening(port: int) -> socket.socket:
    for wanted in (port, 0):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # a browser's old connections must not hold the port for minutes
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, wanted))
        except OSError:
            listener.close()
            if wanted == 0:
                raise
        else:
            return listener
    raise AssertionError("unreachable")
