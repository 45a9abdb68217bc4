"""One check: what was looked at, how it is, and what to do about it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

GB = 1e9
PROBE_LIMIT = 120.0  # seconds for a child that loads libraries


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


class Broken(Exception):
    """A child could not load what it was to try; the text is the last thing it said."""


def tried(program: str) -> Any:
    """What a Python child printed as JSON: the client itself never loads media or models."""
    try:
        child = subprocess.run(
            [sys.executable, "-P", "-c", program],
            capture_output=True,
            text=True,
            timeout=PROBE_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Broken(f"it did not load within {PROBE_LIMIT:.0f} seconds") from None
    if child.returncode:
        raise Broken((child.stderr.strip().splitlines() or ["no message"])[-1])
    return json.loads(child.stdout.splitlines()[-1])


def existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return next(folder for folder in (path, *path.parents) if folder.exists())
