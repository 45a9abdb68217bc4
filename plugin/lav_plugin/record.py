"""Where an editor finds LAV Bridge: what `lav install` left behind. Standard library only.

`install.json` lies in the user's own data folder, whatever LAV_HOME says: an editor that is started
from a desktop knows nothing of a shell's variables.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NAME = "install.json"


@dataclass(frozen=True)
class Record:
    bridge: tuple[str, ...]  # the command, with full paths
    version: str  # of what was installed


def bridge_command(preference: str = "") -> list[str] | None:
    """`preference`, else LAV_BRIDGE, else what was installed; None where there is nothing.

    The first two are the path of the `lav` program, or a command as a JSON list.
    """
    said = preference.strip() or os.environ.get("LAV_BRIDGE", "").strip()
    if said:
        return _command(said)
    found = read(path())
    return list(found.bridge) if found else None


def path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where platformdirs puts a user's data of lav-bridge."""
    home = Path.home()
    if sys.platform == "win32":
        folder = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(environment.get("XDG_DATA_HOME", "").strip() or home / ".local" / "share")
    return folder / "lav-bridge" / NAME


def read(path: Path) -> Record | None:
    """None where there is none, or none that can be understood."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        command = _words(said["bridge"])
        version = said.get("version", "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return Record(tuple(command), str(version)) if command else None


def _command(said: str) -> list[str]:
    try:
        if said.startswith("[") and (words := _words(json.loads(said))):
            return words
    except ValueError:  # a path that begins with a bracket
        pass
    return [os.path.expanduser(said.strip('"')), "bridge"]


def _words(said: object) -> list[str]:
    if not isinstance(said, list) or not all(isinstance(word, str) for word in said):
        raise ValueError("a command is a list of words")
    return said
