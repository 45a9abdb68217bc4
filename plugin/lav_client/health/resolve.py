"""Whether Resolve's menu has Light-A-Video, of this version, and finds this installation."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

import psutil

from lav_client import resolve_entries, resolve_install, resolve_places
from lav_client.health.check import Check, State
from lav_client.resolve_entries import TITLE

NAME = "Resolve's menu"
AGAIN = "Run `lav install resolve`."
RESOLVE = ("resolve", "resolve.exe")
SCRIPTS = ("fuscript", "fuscript.exe")  # the process in which Resolve runs a script
BRIDGE = re.compile(r"^(?:local )?BRIDGE = [{\[](.*)[}\]]$", re.MULTILINE)


def checks(environment: Mapping[str, str]) -> Iterator[Check]:
    """Only files and names of processes are looked at. Check Setup does the rest, inside."""
    if not resolve_places.is_here(environment):
        return
    found = list(resolve_install.installed())
    if not found:
        yield Check(NAME, State.ok, "without Light-A-Video; `lav install resolve` puts it there")
        return
    mains = [path for path in found if path.stem == TITLE]
    yield from map(_entry, mains)
    if len(mains) != 1:
        yield _several(mains)
    if not any(path.suffix == ".lua" for path in mains):
        text = "It is a Python script, which the free Resolve 21.1 and newer does not list."
        yield Check(NAME, State.warn, text, AGAIN)
    if resolve_places.from_the_store():
        yield Check(NAME, State.warn, "Resolve is from Apple's App Store.", resolve_install.STORE)
    yield from _left_over()


def _entry(path: Path) -> Check:
    theirs, ours = resolve_entries.version_of(path), version("lav-bridge")
    if theirs != ours:
        text = f"{path} is of {theirs or 'no version'}, and this is {ours}."
        return Check(NAME, State.warn, text, AGAIN)
    program = _program(path)
    if not program.exists():
        text = f"{path} would start a Python that is no longer there ({program})."
        return Check(NAME, State.warn, text, AGAIN)
    if program.parent != Path(sys.executable).parent:
        return Check(NAME, State.warn, f"{path} starts another LAV Bridge, of {program}.", AGAIN)
    return Check(NAME, State.ok, f"{path} finds this LAV Bridge")


def _several(mains: list[Path]) -> Check:
    if not mains:
        return Check(NAME, State.warn, f"It has Check Setup, but not {TITLE}.", AGAIN)
    listed = ", ".join(map(str, mains))
    return Check(NAME, State.warn, f"It lists Light-A-Video more than once: {listed}.", AGAIN)


def _program(path: Path) -> Path:
    """What the entry starts. Both languages write it as text in quotes, with escapes of their own:
    Lua's are bytes in decimal."""
    match = BRIDGE.search(path.read_text(encoding="utf-8", errors="replace"))
    inside = match[1] if match else ""
    if path.suffix == ".py":
        return Path(ast.literal_eval(f"[{inside}]")[0]) if inside else Path()
    first = re.match(r'"((?:[^"\\]|\\\d\d\d)*)"', inside)
    text = first[1] if first else ""
    data = re.sub(rb"\\(\d\d\d)", lambda found: bytes([int(found[1])]), text.encode())
    return Path(data.decode("utf-8", "surrogateescape"))


def _left_over() -> Iterator[Check]:
    """A script's process that outlives its Resolve keeps later ones from connecting."""
    names: dict[str, list[int]] = {}
    for process in psutil.process_iter(["name"]):
        names.setdefault((process.info["name"] or "").lower(), []).append(process.pid)
    if any(name in names for name in RESOLVE):
        return
    left = [number for name in SCRIPTS for number in names.get(name, ())]
    if left:
        numbers = ", ".join(map(str, left))
        text = f"A script of a Resolve that is closed still runs (process {numbers})."
        yield Check(NAME, State.warn, text, "End it, or start the computer anew.")
