"""The `lav` command: what it can do, and the one place where its errors become exit codes.

0 ok, 1 failed, 2 usage, 3 not enough disk or memory, 4 server unreachable, 130 interrupted: by
Ctrl+C, SIGTERM or SIGHUP, all the same. Data goes to stdout, everything said to people to stderr;
with --json an error is an object on stdout.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.main import get_command

from lav_client import (
    cache,
    diagnose,
    doctor,
    install,
    jobs,
    media,
    models,
    page,
    report,
    resolve_install,
    server,
)
from lav_client.bridge import bridge
from lav_client.preview import preview
from lav_client.relight import relight
from lav_client.remote import NAME, remote
from lav_client.result import Stopped
from lav_engine.errors import Code, LavError
from lav_server.config import home_folder

FAILED, USAGE, SHORT, UNREACHABLE, INTERRUPTED = 1, 2, 3, 4, 130
EXITS = {
    Code.bad_value: USAGE,
    Code.unknown_engine: USAGE,
    Code.unknown_preset: USAGE,
    Code.unknown_codec: USAGE,
    Code.disk_short: SHORT,
    Code.memory_short: SHORT,
    Code.server_down: UNREACHABLE,
    Code.unauthenticated: UNREACHABLE,
    Code.version_skew: UNREACHABLE,
}

ELSEWHERE = "A server on another machine"
HERE = ("doctor", "models", "diagnose")  # commands that look at this computer

app = typer.Typer(
    name="lav",
    help="Relight video clips: same frames, same time code, full size, the original kept.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(relight)
app.command()(preview)
app.command()(page.page)
app.command()(media.probe)
app.command()(media.presets)
app.command()(doctor.doctor)
app.command()(diagnose.diagnose)
app.command()(bridge)
app.add_typer(jobs.app, name="jobs")
app.add_typer(cache.app, name="cache")
app.add_typer(models.app, name="models")
app.add_typer(server.app, name="server")
install.app.command("resolve")(resolve_install.install)
install.removal.command("resolve")(resolve_install.uninstall)
app.add_typer(install.app, name="install")
app.add_typer(install.removal, name="uninstall")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lav {version('lav-bridge')}")
        raise typer.Exit()


@app.callback()
def options(
    ctx: typer.Context,
    home: Annotated[
        Path | None,
        typer.Option(
            "--home",
            metavar="DIR",
            help="The server's own folder: jobs, light maps, log. Default: LAV_HOME, or your "
            "data folder. Another home is another server.",
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            "--server",
            metavar="HOST[:PORT]",
            help="A server on another machine that sees the same storage.",
            rich_help_panel=ELSEWHERE,
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="Its token, from `lav server tls-init`.",
            rich_help_panel=ELSEWHERE,
        ),
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(
            "--ca",
            metavar="FILE",
            help="What its certificate is checked with: ca.pem from the same folder.",
            rich_help_panel=ELSEWHERE,
        ),
    ] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="HERE=THERE",
            help=f"A folder here and its name there; repeatable. {NAME} in the folder of --home "
            "can keep all of this.",
            rich_help_panel=ELSEWHERE,
        ),
    ] = None,
    _: Annotated[
        bool,
        typer.Option(
            "--version", metavar="", callback=_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    folder = home_folder(home.expanduser() if home else None, os.environ)
    if server is None and (token_file or ca or maps):
        raise LavError("--token-file, --ca and --map say nothing without --server.", "Name it.")
    if server is not None and ctx.invoked_subcommand in HERE:
        raise LavError(
            f"`lav {ctx.invoked_subcommand}` is about this computer, not another one.",
            "Leave --server out, or run it there.",
        )
    ctx.obj = remote(folder, server, token_file, ca, maps or ()) if server else folder


def run(argv: Sequence[str]) -> int:
    """Runs one command and returns its exit code; never raises for what a user can meet."""
    as_json = "--json" in argv
    try:
        code = get_command(app).main(list(argv), prog_name="lav", standalone_mode=False) or 0
        # typer turns Ctrl+C into this code without a word
        return code if code != INTERRUPTED else _interrupted("Interrupted.", as_json)
    except typer.TyperException as error:
        if not (said := error.format_message().rstrip(".")):  # the help has been shown instead
            return error.exit_code
        message = f"{said}."
        hint = "`--help` after the command shows what it takes."
        return _fail("USAGE", message, hint, error.exit_code, as_json)
    except LavError as error:
        exit_code = EXITS.get(error.code, FAILED)
        return _fail(error.code.value, error.message, error.hint, exit_code, as_json)
    except OSError as error:
        message = f"{error.filename or 'A file'} cannot be used: {error.strerror or error}."
        return _fail(Code.internal.value, message, "", FAILED, as_json)
    except UnicodeEncodeError:
        message = "Something on the command line is not valid text."
        return _fail("USAGE", message, "Type it again.", USAGE, as_json)
    except Stopped as stop:
        return _interrupted(str(stop), as_json)


def _interrupted(message: str, as_json: bool) -> int:
    return _fail("CANCELLED", message, "", INTERRUPTED, as_json)


def _fail(code: str, message: str, hint: str, exit_code: int, as_json: bool) -> int:
    if as_json:
        error: dict[str, Any] = {"code": code, "message": message, "hint": hint}
        report.data({"error": error})
    else:
        report.say(f"{message} {hint}".strip())
    return exit_code
