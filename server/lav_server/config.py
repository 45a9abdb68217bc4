"""What a server is told at its start: its home folder, its port, the folders it may touch."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

HELD = 4  # the exit code of a server whose home already has one


@dataclass(frozen=True, slots=True)
class Config:
    home: Path  # database, light maps, logs and the discovery file
    roots: tuple[Path, ...] = ()  # folders allowed beside the user's own and mounted volumes
    port: int = 0  # on the loopback address; 0: any free one
    is_verbose: bool = False

    @property
    def database(self) -> Path:
        return self.home / "jobs.sqlite"

    @property
    def maps(self) -> Path:
        return self.home / "maps"

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
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0: any free one")
    parser.add_argument(
        "--root",
        type=Path,
        action="append",
        default=[],
        help="a further folder that clips may be read from and takes written to",
    )
    parser.add_argument("--verbose", action="store_true", help="log more, and to the terminal")
    given = parser.parse_args(arguments)
    return Config(
        home=home_folder(given.home, environment),
        roots=tuple(root.absolute() for root in given.root),
        port=given.port,
        is_verbose=given.verbose,
    )
