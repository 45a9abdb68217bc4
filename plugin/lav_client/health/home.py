"""The server and its folder: room, database, the way to reach it, what it may read."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from lav_client import daemon, service
from lav_client.client import connect
from lav_client.health.check import GB, Check, State, existing
from lav_engine.errors import LavError
from lav_server import discovery, hold
from lav_server.config import Config, from_arguments
from lav_server.schema import MIGRATIONS
from lav_server.security import Roots

DISK_LOW, DISK_SHORT = 20 * GB, 2 * GB
ANOTHER = "Choose another with --home or LAV_HOME."
PRIVATE = 0o077  # rights that nobody else may have


def checks(home: Path, environment: Mapping[str, str]) -> Iterator[Check]:
    yield folder(home)
    yield disk(home)
    yield database(home)
    yield loopback()
    yield server(home)
    yield from unit(environment)
    yield roots(home)


def folder(home: Path) -> Check:
    place = existing(home)
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return Check("Home", State.ok, str(home))
    return Check("Home", State.fail, f"{home} cannot be written.", ANOTHER)


def disk(home: Path) -> Check:
    free = shutil.disk_usage(existing(home)).free
    text = f"{free / GB:.1f} GB free where the light maps go"
    if free < DISK_SHORT:
        return Check("Disk", State.fail, f"{text}.", "Make room, or choose another --home.")
    if free < DISK_LOW:
        return Check("Disk", State.warn, f"{text}.", "Long clips need more.")
    return Check("Disk", State.ok, text)


def database(home: Path) -> Check:
    """Read beside a running server, never written."""
    path = Config(home).database
    if not path.exists():
        return Check("Database", State.ok, "none yet; the server makes it")
    fix = f"Stop the server and move {path} away; the next start makes a new one."
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                return Check("Database", State.fail, f"The job database is damaged: {said}.", fix)
            (layout,) = db.execute("PRAGMA user_version").fetchone()
            if layout > len(MIGRATIONS):
                text = f"The job database was written by a newer version ({layout})."
                newer = "Update LAV Bridge, or use another --home."
                return Check("Database", State.fail, text, newer)
            (jobs,) = db.execute("SELECT count(*) FROM jobs").fetchone()
    except sqlite3.Error as error:
        return Check("Database", State.fail, f"The job database is unusable: {error}.", fix)
    return Check("Database", State.ok, f"whole, {jobs} {'job' if jobs == 1 else 'jobs'}")


def loopback() -> Check:
    """Whether a server could be reached on this computer at all."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            socket.create_connection(listening.getsockname(), timeout=2).close()
    except OSError as error:
        text = f"Programs here cannot talk to each other over 127.0.0.1: {error.strerror or error}."
        fix = "Allow local connections in the firewall or security software."
        return Check("Ports", State.fail, text, fix)
    return Check("Ports", State.ok, "local connections work; any free port is used")


def server(home: Path) -> Check:
    try:
        found, holder = discovery.read(home), hold.holder(home)
    except OSError as error:
        return Check("Server", State.fail, f"{home} cannot be read: {error.strerror}.", ANOTHER)
    if holder is None:
        return _no_server(home, found)
    if found is None or found.pid != holder.pid:
        text = f"Process {holder.pid} of {holder.host} has {home} and is not to be found there."
        fix = "It puts that right in a few seconds; if not, run `lav server stop`."
        return Check("Server", State.warn, text, fix)
    try:
        with connect(home, start=False) as client:
            info = client.server_info()
    except LavError as error:
        return Check("Server", State.fail, error.message, error.hint)
    if info.version != version("lav-bridge"):
        text = f"It is version {info.version}, this command {version('lav-bridge')}."
        return Check("Server", State.warn, text, "Run `lav server stop`; the next start is new.")
    mode = (home / discovery.NAME).stat().st_mode
    if os.name == "posix" and mode & PRIVATE:
        text = f"Others on this computer can read the token in {home / discovery.NAME}."
        return Check("Server", State.warn, text, "Run `lav server stop`; the next start hides it.")
    return Check("Server", State.ok, f"running, process {found.pid}, on {info.device}")


def _no_server(home: Path, found: discovery.Discovery | None) -> Check:
    if found is not None:
        text = f"The server (process {found.pid}) ended without a word."
        return Check("Server", State.warn, text, "Nothing to do: the next command starts it again.")
    if (home / discovery.NAME).exists():
        text = f"{home / discovery.NAME} cannot be understood."
        return Check("Server", State.warn, text, "Remove it; the next start writes a new one.")
    return Check("Server", State.ok, "not running; it starts when it is needed")


def unit(environment: Mapping[str, str]) -> Iterator[Check]:
    """Only where the service was installed."""
    path = service.unit_path(environment)
    if not path.exists():
        return
    program = service.program(path)
    if program is not None and program.exists():
        yield Check("Service", State.ok, str(path))
    else:
        text = f"{path} starts a Python that is no longer there ({program})."
        fix = "Run `lav server install-service` again, or `lav server uninstall-service`."
        yield Check("Service", State.warn, text, fix)


def roots(home: Path) -> Check:
    """Of the server that runs, else of the one that would be started."""
    found = discovery.read(home)
    try:
        given = map(Path, found.roots) if found else from_arguments(daemon.kept(home), {}).roots
    except LavError as error:
        return Check("Roots", State.fail, error.message, error.hint)
    folders = Roots(tuple(given)).folders()
    shut = [str(place) for place in folders if not os.access(place, os.R_OK | os.X_OK)]
    text = f"clips may lie in {', '.join(map(str, folders))}"
    if shut:
        fix = f"Give yourself the right to read {', '.join(shut)}."
        return Check("Roots", State.warn, f"{text}; not all of that can be read.", fix)
    return Check("Roots", State.ok, f"{text}; more with `lav server start --root DIR`")
