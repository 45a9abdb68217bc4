"""`lav install resolve`, `lav uninstall resolve`: the entries of Resolve's menu, and no others."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from lav_client import report, resolve_entries, resolve_places
from lav_client.install import DryRun, bridge_command
from lav_client.options import AsJson
from lav_client.resolve_entries import TITLE, Language
from lav_engine.errors import Code, LavError
from lav_server.hold import Hold

NEXT = (
    f"In Resolve: put the playhead on a clip, then Workspace > Scripts > {TITLE}. Where it is not "
    "listed, start Resolve anew."
)
PYTHON = "The free Resolve 21.1 and newer lists no Python scripts; leave out --python there."
STORE = "The Resolve of Apple's App Store starts no other programs: install the maker's own."

Scripts = Annotated[
    Path | None,
    typer.Option(
        "--scripts",
        metavar="DIR",
        help="Resolve's Fusion/Scripts folder, where it is another one.",
        show_default=False,
    ),
]


def install(
    ctx: typer.Context,
    scripts: Scripts = None,
    python: Annotated[
        bool,
        typer.Option("--python", metavar="", help="As Python scripts, which only some list."),
    ] = False,
    record: Annotated[
        bool,
        typer.Option(
            "--record", metavar="", help="Each run writes what Resolve answered, for a bug report."
        ),
    ] = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put Light-A-Video into the menu of DaVinci Resolve, or bring it up to date.

    Options before `install`, such as --server, are what it will use too.
    """
    folder = _folder(scripts)
    language = Language.python if python else Language.lua
    command = [*bridge_command(ctx), *(["--record"] if record else [])]
    if language == Language.lua:
        command = resolve_places.command_for_lua(command)
    talk = resolve_places.talk(os.environ)
    made = {
        folder / resolve_places.SUBFOLDER / name: text
        for name, text in resolve_entries.entries(language, command, talk)
    }
    stale = [path for path in installed(scripts) if path not in made]
    if dry_run:
        return _tell("would be written", list(made), "would be removed", stale, as_json)
    for path, text in made.items():
        _write(path, text)
    _make(talk)
    _remove(stale)
    _tell("is installed", list(made), "is removed", stale, as_json)
    if not as_json:
        report.say(PYTHON if python else NEXT)
        if resolve_places.from_the_store():
            report.say(STORE)


def uninstall(scripts: Scripts = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Take Light-A-Video out of Resolve's menu. Takes and jobs stay."""
    found = list(installed(scripts))
    if dry_run:
        return _tell("", [], "would be removed", found, as_json)
    _remove(found)
    talk = resolve_places.talk(os.environ)
    with suppress(LavError, OSError), Hold(talk):  # not under a script that is running
        shutil.rmtree(talk, ignore_errors=True)
    _tell("", [], "is removed", found, as_json)


def installed(scripts: Path | None = None) -> Iterator[Path]:
    """Entries of ours, of any version, wherever Resolve would list them."""
    roots = [*([scripts.expanduser().absolute()] if scripts else [])]
    roots += [root for root in resolve_places.scripts(os.environ) if root not in roots]
    for root in roots:
        for path in sorted(root.glob(f"*/{TITLE}*")):
            if path.suffix in (".lua", ".py") and resolve_entries.is_ours(path):
                yield path


def _folder(scripts: Path | None) -> Path:
    if scripts is None and not resolve_places.is_here(os.environ):
        raise LavError(
            "DaVinci Resolve was not found on this computer.",
            "Start it once, or give its folder: --scripts .../Fusion/Scripts.",
            Code.unsupported,
        )
    return scripts.expanduser().absolute() if scripts else resolve_places.scripts(os.environ)[0]


def _write(path: Path, text: str) -> None:
    """Whole, or as it was before."""
    if path.is_symlink() or (path.exists() and not resolve_entries.is_ours(path)):
        raise LavError(
            f"{path} is not of LAV Bridge, so it was left as it is.",
            "Move it away.",
            Code.output_exists,
        )
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise _refused(path, error) from None


def _make(talk: Path) -> None:
    try:
        talk.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _refused(talk, error) from None


def _remove(paths: Sequence[Path]) -> None:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _refused(path, error) from None


def _refused(path: Path, error: OSError) -> LavError:
    return LavError(
        f"{path} cannot be changed: {error.strerror or error}.",
        "Check that it is yours to write, or have an administrator remove it, and try again.",
        Code.output_unwritable,
    )


def _tell(done: str, paths: list[Path], undone: str, stale: list[Path], as_json: bool) -> None:
    if as_json:
        return report.data({"scripts": list(map(str, paths)), "removed": list(map(str, stale))})
    for path in paths:
        report.say(f"{path} {done}.")
    for path in stale:
        report.say(f"{path} {undone}.")
    if not paths and not stale:
        report.say("There is nothing to do.")
