"""`lav diagnose`: one zip to send to whoever helps, without names, tokens or home folders."""

from __future__ import annotations

import json
import os
import platform
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Annotated, Any

import typer

from lav_client import doctor, report, service
from lav_client.names import Names
from lav_client.options import AsJson
from lav_client.records import jobs_of
from lav_engine.errors import Code, LavError
from lav_server import discovery, hold
from lav_server.config import Config

NEWEST = 2 * 2**20  # bytes of each log
SETTINGS = ("LAV_", "HF_", "CUDA_", "XDG_", "PATH", "PYTHON")  # beginnings of variables' names

Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help="Default: lav-report-DATE.zip, here.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Part:
    name: str  # in the zip
    what: str  # for people
    data: bytes


def diagnose(ctx: typer.Context, output: Output = None, as_json: AsJson = False) -> None:
    """Gather logs, checks and versions into a zip, to send with a question.

    Says first what goes in. Home folders, tokens and the names of media are left out.
    """
    path = (output or Path(time.strftime("lav-report-%Y%m%d-%H%M%S.zip"))).expanduser().absolute()
    if path.exists():
        raise _taken(path)
    parts = list(contents(ctx.obj))
    report.say(f"{path.name} will hold, without home folders, tokens and names of media:")
    report.table(((p.name, _size(len(p.data)), p.what) for p in parts), to_stderr=True)
    _write(path, parts)
    if as_json:
        report.data({"path": str(path), "contents": [part.name for part in parts]})
    else:
        typer.echo(path)


def contents(home: Path) -> Iterator[Part]:
    """What goes in, already without what is private."""
    names = Names()
    jobs = jobs_of(Config(home).database, names)  # first: names in logs are known from them
    checks = [asdict(check) for check in doctor.checks(home)]
    yield _json("doctor.json", "what `lav doctor` says", checks, names)
    yield _json("versions.json", "this system and its Python packages", _versions(), names)
    yield _json("config.json", "settings, the running server, the service", _config(home), names)
    yield _json("jobs.json", "renders: states, numbers, errors; no prompts", jobs, names)
    for log in sorted((*Config(home).logs.glob("*.log*"), *home.glob("*.log"))):
        yield Part(f"logs/{log.name}", "log", names.hidden(_tail(log)).encode())


def _json(name: str, what: str, record: Any, names: Names) -> Part:
    text = json.dumps(record, indent=1, ensure_ascii=False, default=str)
    return Part(name, what, names.hidden(text).encode())


def _versions() -> dict[str, Any]:
    packages = {found.name: found.version for found in distributions()}
    return {
        "system": platform.platform(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "packages": dict(sorted(packages.items(), key=lambda item: item[0].lower())),
    }


def _config(home: Path) -> dict[str, Any]:
    found = discovery.read(home)
    unit = service.unit_path(os.environ)
    return {
        "home": str(home),
        "environment": {k: v for k, v in sorted(os.environ.items()) if _is_setting(k)},
        "server": {**asdict(found), "token": "[token]"} if found else None,
        "is_alive": hold.holder(home) is not None,
        "service": unit.read_text() if unit.exists() else None,
    }


def _is_setting(name: str) -> bool:
    return name.startswith(SETTINGS) and not any(word in name for word in ("TOKEN", "KEY"))


def _tail(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(log.stat().st_size - NEWEST, 0))
            return file.read().decode(errors="replace")
    except OSError as error:
        return f"could not be read: {error.strerror}"


def _write(path: Path, parts: list[Part]) -> None:
    """Nothing is replaced, and nothing half written stays."""
    try:
        with path.open("xb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in parts:
                archive.writestr(part.name, part.data)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        path.unlink(missing_ok=True)
        raise LavError(
            f"{path} could not be written: {error.strerror}.",
            "Choose another folder with -o.",
            Code.output_unwritable,
        ) from None


def _taken(path: Path) -> LavError:
    return LavError(f"{path} exists already.", "Choose another name with -o.", Code.output_exists)


def _size(count: int) -> str:
    return f"{count / 1000:.1f} kB"
