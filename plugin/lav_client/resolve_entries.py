"""The entries of Resolve's menu as files: one script for each language, with the way here in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path

from lav_client import resolve_lua
from lav_client.resolve_bridge import Task

TITLE = "Light-A-Video"
MARK = f"{TITLE} for DaVinci Resolve: makes the calls that `lav bridge` asks for"
ENTRIES = {
    TITLE: Task.relight,
    f"{TITLE} - Remove Take": Task.remove,
    f"{TITLE} - Check Setup": Task.check,
}
VERSION = re.compile(r'^(?:local )?VERSION = "(.*)"$', re.MULTILINE)


class Language(StrEnum):
    lua = "lua"  # in every edition's menu
    python = "py"  # Studio's; the free edition's up to 21.0


def entries(language: Language, command: Sequence[str], spool: Path) -> Iterator[tuple[str, str]]:
    """The names of files, and what is in them. `command` starts the bridge, `spool` is where Lua
    speaks with it."""
    for title, task in ENTRIES.items():
        words = [*command, "--host", "resolve", "--task", task.value]
        yield f"{title}.{language}", baked(source(language), language, words, spool)


def source(language: Language) -> str:
    """In a wheel, or in the repository."""
    name = f"{TITLE}.{language}"
    inside = Path(__file__).parent / "_hosts" / name
    beside = Path(__file__).parents[2] / "resolve_scripts" / name
    return (inside if inside.exists() else beside).read_text(encoding="utf-8")


def baked(text: str, language: Language, command: Sequence[str], spool: Path) -> str:
    local = "local " if language == Language.lua else ""
    is_lua = language == Language.lua
    said = {
        "BRIDGE": resolve_lua.literal(list(command)) if is_lua else ascii(list(command)),
        "SPOOL": resolve_lua.literal(str(spool)),
        "VERSION": f'"{version("lav-bridge")}"',
    }
    for name, value in said.items():
        line = f"{local}{name} = {value}"
        text = re.sub(rf"^{local}{name} = .*$", lambda _: line, text, flags=re.MULTILINE)  # noqa: B023
    return text


def is_ours(path: Path) -> bool:
    """Whether a file is such an entry, of whichever version."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return MARK in file.read(1000)
    except OSError:
        return False


def version_of(path: Path) -> str:
    found = VERSION.search(path.read_text(encoding="utf-8", errors="replace"))
    return found[1] if found else ""
