"""`lav server`: the server that the other commands start by themselves when they need it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from lav_client import client, daemon, report, service
from lav_client.options import AsJson
from lav_client.remote import Remote
from lav_engine.errors import Code, LavError
from lav_server import discovery, hold, tls

app = typer.Typer(no_args_is_help=True)
app.command("install-service")(service.install)
app.command("uninstall-service")(service.uninstall)


@app.callback()
def check_here(ctx: typer.Context) -> None:
    """Start, stop or look at the server."""
    if isinstance(ctx.obj, Remote) and ctx.invoked_subcommand != "status":
        raise LavError(
            f"`lav server {ctx.invoked_subcommand}` is for the server of this computer, not for "
            f"{ctx.obj.address}.",
            "Leave --server out, or do it on that machine.",
        )


@app.command()
def start(
    ctx: typer.Context,
    roots: service.Roots = None,
    idle_unload: service.IdleUnload = None,
    cache_size: service.CacheSize = None,
    forget: Annotated[
        bool, typer.Option("--forget", metavar="", help="Without what an earlier start was given.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Start the server, if it is not running. It stays until `lav server stop`.

    What it is given here holds for later starts too, also for those by other commands.
    """
    options = service.words(roots, idle_unload, cache_size)
    if (options or forget) and hold.holder(ctx.obj) is not None:
        raise LavError(
            "The server is already running, so options would change nothing.",
            "Run `lav server stop` first.",
        )
    if forget:
        daemon.forget(ctx.obj)
    with client.connect(ctx.obj, start=True, options=options) as connection:
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


@app.command("tls-init")
def tls_init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for them.")],
    names: Annotated[
        list[str],
        typer.Option(
            "--name", metavar="HOST", help="A name or address that clients use; repeatable."
        ),
    ],
) -> None:
    """Make a certificate and a token, so that other machines may use this one's server."""
    folder = folder.expanduser().absolute()
    end = tls.init(folder, names)
    report.say(
        f"Start the server with `lav-server --host 0.0.0.0 --tls {shlex.quote(str(folder))}`. "
        f"Copy {tls.CA} and {tls.TOKEN} to the clients, by a way that nobody else can read; "
        f"{tls.KEY} stays here. All of it ends on {end:%Y-%m-%d}."
    )
    typer.echo(folder)


def _record(where: Path | Remote, connection: client.Client) -> dict[str, Any]:
    info = connection.server_info()
    return {
        **(_elsewhere(where) if isinstance(where, Remote) else _here(where)),
        "version": info.version,
        "device": info.device,
        "engines": [engine.name for engine in info.engines],
    }


def _elsewhere(where: Remote) -> dict[str, Any]:
    return {"address": where.address}


def _here(home: Path) -> dict[str, Any]:
    found = discovery.read(home)
    if found is None:
        raise LavError("The server has just stopped.", "Try again.", Code.server_down)
    ports = {"port": found.port, "tls_port": found.tls_port or None}
    return {"home": str(home), "pid": found.pid, **ports}


def _tell(record: dict[str, Any], as_json: bool) -> None:
    if as_json:
        return report.data(record)
    where = record.get("address") or f"process {record['pid']}, port {record['port']}"
    report.table(
        [
            ("Server", f"running, {where}"),
            ("For others", f"port {record['tls_port']}" if record.get("tls_port") else ""),
            ("Version", record["version"]),
            ("Home", record.get("home", "")),
            ("Device", record["device"]),
            ("Engines", ", ".join(record["engines"])),
        ]
    )
