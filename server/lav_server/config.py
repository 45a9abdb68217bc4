"""What a server is told at its start: its home folder, where it listens, what it may touch."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from lav_engine.errors import LavError

HOST = "127.0.0.1"  # all that is listened on without TLS
TLS_PORT = 7443
LAST_PORT = 65535
HELD = 4  # the exit code of a server whose home already has one


@dataclass(frozen=True, slots=True)
class Config:
    home: Path  # database, light maps, logs and the discovery file
    roots: tuple[Path, ...] = ()  # folders allowed beside the user's own and mounted volumes
    port: int = 0  # 0: any free one
    host: str = HOST
    tls: Path | None = None  # a folder of `lav server tls-init`; None: this computer only
    is_verbose: bool = False
    idle_unload: float = 15 * 60.0  # seconds after which an idle child gives its memory back
    patience: float = 60.0  # seconds without a sign of life after which a worker is ended
    cache_bytes: int = 20 * 10**9  # most that the window store holds

    @property
    def database(self) -> Path:
        return self.home / "jobs.sqlite"

    @property
    def maps(self) -> Path:
        return self.home / "cache" / "maps"

    @property
    def page(self) -> Path:
        """Where the local page was, and who knows it."""
        return self.home / "page.json"

    @property
    def takes(self) -> Path:
        """Names and notes that takes were given on the page."""
        return self.home / "takes.json"

    @property
    def uploads(self) -> Path:
        """Clips that were dropped onto the page."""
        return self.home / "uploads"

    @property
    def videos(self) -> Path:
        """Small copies of takes, for watching on the page."""
        return self.home / "cache" / "videos"

    @property
    def jobs(self) -> Path:
        return self.home / "jobs"

    @property
    def logs(self) -> Path:
        return self.home / "logs"


def home_folder(given: Path | None, environment: Mapping[str, str]) -> Path:
    """`given`, else LAV_HOME, else the user's data folder for lav-bridge; absolute."""
    if given is not None:
        return given.absolute()
    if environment.get("LAV_HOME"):
        return Path(environment["LAV_HOME"]).absolute()
    return Path(platformdirs.user_data_dir("lav-bridge", appauthor=False))


def from_arguments(arguments: Sequence[str], environment: Mapping[str, str]) -> Config:
    parser = argparse.ArgumentParser("lav-server", description="Relights clips for editors.")
    parser.add_argument("--home", type=Path, help="folder for jobs, light maps and logs")
    parser.add_argument(
        "--host", default=HOST, help=f"address to listen on; anything but {HOST} needs --tls"
    )
    parser.add_argument(
        "--port",
        type=_port,
        help=f"0: any free one; default: {TLS_PORT} with --tls, else any free one",
    )
    parser.add_argument(
        "--tls",
        metavar="DIR",
        type=Path,
        help="certificate and token for other machines, from `lav server tls-init`",
    )
    parser.add_argument(
        "--root",
        type=Path,
        action="append",
        default=[],
        help="a further folder that clips may be read from and takes written to",
    )
    parser.add_argument(
        "--idle-unload",
        type=_positive,
        default=15.0,
        metavar="MINUTES",
        help="after which idle models leave the memory, the graphics card's too; default: 15",
    )
    parser.add_argument(
        "--cache-size",
        type=_positive,
        default=20.0,
        metavar="GB",
        help="disk space for light that is kept, so that nothing is lit twice; default: 20",
    )
    parser.add_argument(
        "--patience",
        type=_positive,
        default=60.0,
        metavar="SECONDS",
        help="without a sign of life after which a worker is ended; default: 60",
    )
    parser.add_argument("--verbose", action="store_true", help="log more, and to the terminal")
    given = parser.parse_args(arguments)
    _check_host(given.host, given.tls)
    usual_port = TLS_PORT if given.tls else 0
    return Config(
        home=home_folder(given.home, environment),
        roots=tuple(root.absolute() for root in given.root),
        port=usual_port if given.port is None else given.port,
        host=given.host,
        tls=given.tls.absolute() if given.tls else None,
        is_verbose=given.verbose,
        idle_unload=given.idle_unload * 60,
        patience=given.patience,
        cache_bytes=round(given.cache_size * 10**9),
    )


def _check_host(host: str, tls: Path | None) -> None:
    if tls is None and host not in (HOST, "localhost"):
        raise LavError(
            f"The server does not listen on {host} without TLS: anybody could read along.",
            "Make a certificate and a token with `lav server tls-init DIR`, then give --tls DIR.",
        )


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) <= LAST_PORT):
        raise argparse.ArgumentTypeError(f"{text!r} is no port. Give one of 0 to {LAST_PORT}.")
    return int(text)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0.")
    return value
