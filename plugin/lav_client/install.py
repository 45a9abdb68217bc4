"""`lav install`, `lav uninstall`: our side of an editor, and the note by which it finds us."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from lav_client import addon, blender_addon, blenders, report
from lav_client.blender_addon import Outcome, State
from lav_client.blenders import Blender
from lav_client.options import AsJson
from lav_engine.errors import Code, LavError
from lav_plugin import record
from lav_server.config import home_folder

app = typer.Typer(no_args_is_help=True)
removal = typer.Typer(no_args_is_help=True)

NOWHERE = "Give its program: --blender /path/to/blender."
OPEN = (
    "Blender is open: close it and start it again. If Light-A-Video is not ticked then under "
    "Edit > Preferences > Add-ons, tick it."
)
NEXT = "In Blender: Video Sequencer, press N, choose the tab Light-A-Video."

Programs = Annotated[
    list[Path] | None,
    typer.Option(
        "--blender",
        metavar="PROGRAM",
        help="Only this one; repeatable. Default: every Blender that is found.",
        show_default=False,
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", metavar="", help="Say what would be done, change nothing.")
]


@app.callback()
def into() -> None:
    """Put the add-on into your editor, or bring it up to date."""


@removal.callback()
def out_of() -> None:
    """Take the add-on out of your editor."""


@app.command("blender")
def install_blender(
    ctx: typer.Context, programs: Programs = None, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Install the add-on into Blender 3.4 and newer, or bring it up to date.

    Options before `install`, such as --server, are what the add-on will use too.
    """
    found = _found(programs)
    command = bridge_command(ctx)
    if dry_run:
        return _plan(found, f"would get Light-A-Video {addon.version()}", as_json)
    outcomes = [blender_addon.install(blender) for blender in found]
    if any(outcome.state != State.failed for outcome in outcomes):
        _remember(command)
        if not as_json:
            report.say(OPEN if blenders.is_running() else NEXT)
    _tell(outcomes, as_json)


@removal.command("blender")
def uninstall_blender(
    programs: Programs = None, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Remove the add-on. Takes, jobs and what strips remember of them stay."""
    found = _found(programs)
    if dry_run:
        has = [blender for blender in found if blender.installed()]
        return _plan(has, "would lose Light-A-Video", as_json)
    outcomes = [blender_addon.uninstall(blender) for blender in found]
    if not any(blender.installed() for blender in blenders.found(os.environ)):
        record.path().unlink(missing_ok=True)
    _tell(outcomes, as_json)


def bridge_command(ctx: typer.Context) -> list[str]:
    """What an editor starts: this Python, with full paths, and the options that came before."""
    given = ctx.find_root().params
    home = home_folder(given["home"].expanduser() if given["home"] else None, os.environ)
    options = ["--home", str(home)] if home != home_folder(None, {}) else []
    if given["server"]:
        options += ["--server", given["server"]]
        for name, path in (("--token-file", given["token_file"]), ("--ca", given["ca"])):
            options += [name, str(path.expanduser().absolute())] if path else []
        for pair in given["maps"] or ():
            options += ["--map", pair]
    return [sys.executable, "-P", "-m", "lav_client.entry", *options, "bridge"]


def _found(programs: Sequence[Path] | None) -> list[Blender]:
    named = [program.expanduser().absolute() for program in programs or ()]
    found = blenders.found(os.environ, named)
    if not found:
        oldest = "{}.{}".format(*blenders.OLDEST)
        raise LavError(
            f"No Blender {oldest} or newer was found on this computer.", NOWHERE, Code.unsupported
        )
    return found


def _remember(command: list[str]) -> None:
    path = record.path()
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    said = {"bridge": command, "version": version("lav-bridge")}
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise LavError(
            f"{path} cannot be written ({error.strerror}), so the add-on will not find LAV Bridge.",
            "Make that folder yours to write, or name the `lav` program in the add-on's "
            "preferences.",
            Code.output_unwritable,
        ) from None


def _plan(found: Sequence[Blender], would: str, as_json: bool) -> None:
    if as_json:
        return report.data({"blenders": [_facts(blender) for blender in found]})
    for blender in found:
        report.say(f"{blender.name} {would}: {blender.place}")
    if not found:
        report.say("There is nothing to do.")


def _tell(outcomes: Sequence[Outcome], as_json: bool) -> None:
    """Exit code 1 where one of them failed."""
    if as_json:
        rows = [{**_facts(o.blender), "state": o.state.value, "said": o.said} for o in outcomes]
        report.data({"record": str(record.path()), "blenders": rows})
    else:
        for outcome in outcomes:
            report.say(f"{outcome.blender.name}: {outcome.said}")
    if any(outcome.state == State.failed for outcome in outcomes):
        raise typer.Exit(1)


def _facts(blender: Blender) -> dict[str, Any]:
    return {
        "version": "{}.{}".format(*blender.version),
        "program": str(blender.program) if blender.program else None,
        "place": str(blender.place),
        "installed": blender.installed() or None,
    }
