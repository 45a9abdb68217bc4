"""The Blenders on this computer: their programs, and the folders each keeps for its user."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from lav_client import addon
from lav_client.health import hosts
from lav_engine.errors import Code, LavError

OLDEST = (3, 4)
EXTENSIONS = (4, 2)  # the first with them
START_LIMIT = 120.0  # seconds; the first start of a Blender from a network drive is slow
VERSION = re.compile(r"^Blender (\d+)\.(\d+)", re.MULTILINE)
NAMES = ("blender", "blender.exe")


@dataclass(frozen=True, slots=True)
class Blender:
    version: tuple[int, int]
    program: Path | None  # None: only its folder was found
    place: Path  # where the add-on lies, or would
    folder: Path  # of the user

    @property
    def has_extensions(self) -> bool:
        return self.version >= EXTENSIONS

    @property
    def name(self) -> str:
        return "Blender {}.{}".format(*self.version)

    def installed(self) -> str:
        """The version of the add-on that lies there; "" where none of ours does."""
        try:
            text = (self.place / addon.MANIFEST).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return ""
        said = addon.manifest(text)
        return str(said.get("version", "")) if said.get("id") == addon.ID else ""


def found(environment: Mapping[str, str], named: Sequence[Path] = ()) -> list[Blender]:
    """Newest first, one for each version; only those named, where any are. Raises LavError."""
    programs = named or hosts.blenders(environment)
    by_folder: dict[Path, Blender] = {}
    for program in programs:
        version = _version(program, must=bool(named))
        if version is not None:
            one = _blender(version, program, environment)
            by_folder.setdefault(one.folder, one)
    if not named:
        for one in with_folders(environment):
            by_folder.setdefault(one.folder, one)
    usable = [one for one in by_folder.values() if one.version >= OLDEST]
    return sorted(usable, key=lambda one: one.version, reverse=True)


def with_folders(environment: Mapping[str, str]) -> Iterator[Blender]:
    """Those that were started here once, wherever their programs are."""
    if environment.get("BLENDER_USER_RESOURCES"):
        return  # one for all: only a program knows its version
    folders = _folders(environment)
    for folder in sorted(folders.glob("*.*")) if folders.is_dir() else ():
        if (match := re.fullmatch(r"(\d+)\.(\d+)", folder.name)) and folder.is_dir():
            yield _blender((int(match[1]), int(match[2])), None, environment)


def is_running() -> bool:
    """Any Blender: it writes its preferences when it is closed, over those we wrote."""
    return any(
        (process.info["name"] or "").lower() in NAMES for process in psutil.process_iter(["name"])
    )


def _blender(
    version: tuple[int, int], program: Path | None, environment: Mapping[str, str]
) -> Blender:
    given = environment.get("BLENDER_USER_RESOURCES")
    folder = Path(given) if given else _folders(environment) / "{}.{}".format(*version)
    if version >= EXTENSIONS:
        parent = Path(environment.get("BLENDER_USER_EXTENSIONS") or folder / "extensions")
        place = parent / "user_default" / addon.ID
    else:
        parent = Path(environment.get("BLENDER_USER_SCRIPTS") or folder / "scripts")
        place = parent / "addons" / addon.ID
    return Blender(version, program, place, folder)


def _folders(environment: Mapping[str, str]) -> Path:
    """Where every version keeps its own, by the system's custom."""
    home = Path.home()
    if sys.platform == "win32":
        roaming = Path(environment.get("APPDATA") or home / "AppData" / "Roaming")
        return roaming / "Blender Foundation" / "Blender"
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "Blender"
    return Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "blender"


def _version(program: Path, must: bool) -> tuple[int, int] | None:
    """What the program says it is; None, or a LavError where it `must`."""
    try:
        said = run(program, "--version").stdout
    except LavError:
        if must:
            raise
        return None
    match = VERSION.search(said)
    if match is None and must:
        raise LavError(f"{program} does not say that it is Blender.", "Give Blender's own program.")
    return (int(match[1]), int(match[2])) if match else None


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Raises LavError where it cannot be started or does not end."""
    try:
        return subprocess.run(
            [str(program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=START_LIMIT,
            check=False,
            env={name: text for name, text in os.environ.items() if name != "PYTHONHOME"},
        )
    except subprocess.TimeoutExpired:
        raise LavError(
            f"{program} did not end within {START_LIMIT:.0f} seconds.",
            "Start Blender once yourself, then try again.",
            Code.unsupported,
        ) from None
    except OSError as error:
        raise LavError(
            f"{program} cannot be started: {error.strerror}.", "Check the path.", Code.unsupported
        ) from None
