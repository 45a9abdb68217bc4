"""`lav doctor`: whether this computer can relight a clip, and what to do about what it cannot."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, entry_points, requires, version
from pathlib import Path

import psutil
import typer

from lav_client import report
from lav_client.client import connect
from lav_client.options import AsJson
from lav_engine.catalog import ENGINE_GROUP
from lav_engine.errors import LavError
from lav_engine.spec import EngineSpec
from lav_server import discovery

PYTHONS = ((3, 11), (3, 14))  # first that works, first that does not
GB = 1e9
DISK_LOW, DISK_SHORT, MEMORY_LOW = 20 * GB, 2 * GB, 4 * GB
REINSTALL = "Install again: pip install --force-reinstall lav-bridge."
# The client itself never loads these; a child tries, because a broken library shows only then.
PROBE = """
import json, av, cv2, numba, numpy
wanted = {"H.264": "libx264", "ProRes": "prores_ks", "FFV1": "ffv1"}
print(json.dumps([name for name, codec in wanted.items() if codec not in av.codecs_available]))
"""


class State(StrEnum):
    ok = "ok"
    warn = "warn"
    fail = "fail"  # relighting will not work


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    state: State
    text: str
    fix: str = ""


def doctor(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Check Python, packages, codecs, disk, server, GPU. Exit code 1 if something blocks work."""
    found = list(checks(ctx.obj))
    if as_json:
        report.data([asdict(check) for check in found])
    else:
        report.table((c.state.value, c.name, f"{c.text} {c.fix}".strip()) for c in found)
    if any(check.state == State.fail for check in found):
        raise typer.Exit(1)


def checks(home: Path) -> Iterator[Check]:
    yield _python()
    yield _packages()
    yield _media()
    yield from _engines()
    yield _home(home)
    yield _disk(home)
    yield _memory()
    yield _server(home)
    yield _gpu()


def _python() -> Check:
    text = f"Python {sys.version.split()[0]}"
    if PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]:
        return Check("Python", State.ok, text)
    return Check("Python", State.fail, text, "Use Python 3.11, 3.12 or 3.13.")


def _packages() -> Check:
    needed = [line for line in requires("lav-bridge") or () if "extra ==" not in line]
    missing = [name for name in map(_distribution, needed) if not _is_installed(name)]
    if missing:
        return Check("Packages", State.fail, f"Missing: {', '.join(missing)}.", REINSTALL)
    text = f"lav-bridge {version('lav-bridge')} and the {len(needed)} packages it needs"
    return Check("Packages", State.ok, text)


def _distribution(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]


def _is_installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _media() -> Check:
    child = subprocess.run(
        [sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=120, check=False
    )
    if child.returncode:
        lines = child.stderr.strip().splitlines() or ["no message"]
        return Check("Codecs", State.fail, f"A media library does not load: {lines[-1]}", REINSTALL)
    missing = json.loads(child.stdout)
    if missing:
        text = f"PyAV cannot write {', '.join(missing)}."
        return Check("Codecs", State.warn, text, "Install PyAV from its own wheels.")
    return Check("Codecs", State.ok, "H.264, ProRes and FFV1 can be written")


def _engines() -> Iterator[Check]:
    for point in entry_points(group=ENGINE_GROUP):
        try:
            spec: EngineSpec = point.load()
        except (ImportError, AttributeError) as error:
            fix = "Install the package that brings it again, or remove it."
            yield Check("Engine", State.warn, f"{point.name} does not load: {error}.", fix)
        else:
            yield Check("Engine", State.ok, f"{spec.title} ({spec.name}): {spec.summary}")


def _home(home: Path) -> Check:
    folder = _existing(home)
    if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
        return Check("Home", State.ok, str(home))
    fix = "Choose another with --home or LAV_HOME."
    return Check("Home", State.fail, f"{home} cannot be written.", fix)


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(_existing(home)).free
    text = f"{free / GB:.1f} GB free where the light maps go"
    if free < DISK_SHORT:
        return Check("Disk", State.fail, f"{text}.", "Make room, or choose another --home.")
    if free < DISK_LOW:
        return Check("Disk", State.warn, f"{text}.", "Long clips need more.")
    return Check("Disk", State.ok, text)


def _memory() -> Check:
    free = psutil.virtual_memory().available
    text = f"{free / GB:.1f} GB free"
    if free < MEMORY_LOW:
        return Check("Memory", State.warn, f"{text}.", "Close other programs before a 4K render.")
    return Check("Memory", State.ok, text)


def _server(home: Path) -> Check:
    try:
        found = discovery.read(home)
    except OSError as error:
        fix = "Choose another with --home or LAV_HOME."
        return Check("Server", State.fail, f"{home} cannot be read: {error.strerror}.", fix)
    if found is None:
        return Check("Server", State.ok, "not running; it starts when it is needed")
    if not discovery.is_alive(found):
        text = f"The server (process {found.pid}) ended without a word."
        return Check("Server", State.warn, text, "Nothing to do: the next command starts it again.")
    try:
        with connect(home, start=False) as client:
            info = client.server_info()
    except LavError as error:
        return Check("Server", State.fail, error.message, error.hint)
    if info.version != version("lav-bridge"):
        text = f"It is version {info.version}, this command {version('lav-bridge')}."
        return Check("Server", State.warn, text, "Run `lav server stop`; the next start is new.")
    return Check("Server", State.ok, f"running, process {found.pid}, on {info.device}")


def _gpu() -> Check:
    """For information: Draft needs none."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return Check("GPU", State.ok, "no NVIDIA GPU found; Draft does not need one")
    query = ["--query-gpu=name,memory.total", "--format=csv,noheader"]
    child = subprocess.run([program, *query], capture_output=True, text=True, check=False)
    names = "; ".join(child.stdout.strip().splitlines())
    return Check("GPU", State.ok, names or "nvidia-smi is here but sees no GPU")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
