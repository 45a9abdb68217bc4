"""How clients find the running server: a file only its user can read."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from lav_server.hold import Hold

log = logging.getLogger(__name__)

NAME = "server.json"
REPAIR = 2.0  # seconds until a file that has gone is written again


@dataclass(frozen=True, slots=True)
class Discovery:
    port: int
    token: str  # new on every start
    pid: int
    server_id: str
    version: str
    protocol: int
    tls_port: int = 0  # for other machines; 0: they are not served
    roots: tuple[str, ...] = ()  # folders it was started with

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


def write(home: Path, discovery: Discovery) -> None:
    """In one step, so that nobody reads half of it."""
    fresh = home / f".{NAME}.{discovery.pid}"
    with suppress(FileNotFoundError):
        fresh.unlink()
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(asdict(discovery), file)
    fresh.replace(home / NAME)


async def keep(hold: Hold, discovery: Discovery) -> None:
    """Writes the file, and again where it has gone or become nonsense. Ends never by itself.

    Raises LavError where the home has become another server's.
    """
    said = ""
    while True:
        try:
            hold.renew()
            if read(hold.home) is None:
                write(hold.home, discovery)
        except OSError as error:
            if str(error) != said:  # once is enough
                said = str(error)
                log.warning("The server's folder has become unusable: %s", said)
        await asyncio.sleep(REPAIR)


def read(home: Path) -> Discovery | None:
    """None where no server has left one, or none that makes sense."""
    try:
        found = json.loads((home / NAME).read_text())
        known = {field.name for field in fields(Discovery)}  # a newer server may say more
        discovery = Discovery(**{name: value for name, value in found.items() if name in known})
        return replace(discovery, roots=tuple(discovery.roots)) if _makes_sense(discovery) else None
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, AttributeError):
        return None


def _makes_sense(said: Discovery) -> bool:
    """No number and no token that what uses them would choke on."""
    numbers = (said.port, said.pid, said.protocol, said.tls_port)
    words = (said.token, said.server_id, said.version, *said.roots)
    return (
        all(type(number) is int for number in numbers)
        and all(type(word) is str for word in words)
        and 0 < said.port < 2**16
        and 0 < said.pid < 2**31
        and said.token.isascii()
        and said.token.isprintable()
    )


def remove(home: Path, discovery: Discovery) -> None:
    """Leaves another server's alone."""
    found = read(home)
    if found is None or found.server_id == discovery.server_id:
        (home / NAME).unlink(missing_ok=True)
