"""`lav server`: the server that the other commands start by themselves when they need it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from lav_client import client, daemon, report, service
from lav_client.options import AsJson
from lav_engine.errors import Code, LavError
from lav_server import discovery

app = typer.Typer(no_args_is_help=True, help="Start, stop or look at the server.")
app.command("install-service")(service.install)
app.command("uninstall-service")(service.uninstall)


@app.command()
def start(
    ctx: typer.Context,
    roots: Annotated[
        list[Path] | None,
        typer.Option(
            "--root",
            metavar="DIR",
            help="A folder it may also read and write, beside your home and mounted volumes.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Start the server, if it is not running. It stays until `lav server stop`."""
    if roots and is_running(ctx.obj):
        raise LavError(
            "The server is already running, so --root would change nothing.",
            "Run `lav server stop` first.",
        )
    folders = [_folder(root) for root in roots or ()]
    with client.connect(ctx.obj, start=True, roots=folders) as connection:
        _tell(_record(ctx.obj, connection), as_json)


@app.command()
def stop(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Stop the server. Renders that were running go on at its next start."""
    was_running = daemon.stop(ctx.obj)
    if as_json:
        report.data({"was_running": was_running})
    else:
        report.say("The server has stopped." if was_running else "No server was running.")


@app.command()
def status(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Say whether the server runs. Exit code 4 if it does not."""
    with client.connect(ctx.obj, start=False) as connection:
        _tell(_record(ctx.obj, connection), as_json)


def is_running(home: Path) -> bool:
    found = discovery.read(home)
    return found is not None and discovery.is_alive(found)


def _folder(path: Path) -> Path:
    folder = path.expanduser().absolute()
    if not folder.is_dir():
        raise LavError(f"{folder} is not a folder.", "Give a folder that exists to --root.")
    return folder


def _record(home: Path, connection: client.Client) -> dict[str, Any]:
    found, info = discovery.read(home), connection.server_info()
    if found is None:
        raise LavError("The server has just stopped.", "Try again.", Code.server_down)
    return {
        "home": str(home),
        "pid": found.pid,
        "port": found.port,
        "version": info.version,
        "device": info.device,
        "engines": [engine.name for engine in info.engines],
    }


def _tell(record: dict[str, Any], as_json: bool) -> None:
    if as_json:
        return report.data(record)
    report.table(
        [
            ("Server", f"running, process {record['pid']}, port {record['port']}"),
            ("Version", record["version"]),
            ("Home", record["home"]),
            ("Device", record["device"]),
            ("Engines", ", ".join(record["engines"])),
        ]
    )
