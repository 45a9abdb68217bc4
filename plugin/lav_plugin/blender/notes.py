"""What we keep with a strip or a scene in the .blend file: JSON in a property named `lav`."""

from __future__ import annotations

import json
from typing import Any

from ..model import Refusal

KEY = "lav"
VERSION = 1


def read(owner: Any) -> dict[str, Any]:
    """Empty where there is nothing of ours."""
    said = owner.get(KEY)
    try:
        record = json.loads(said) if isinstance(said, str) else {}
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def write(owner: Any, record: dict[str, Any]) -> None:
    """Raises Refusal where a newer version wrote it."""
    check_version(owner)
    owner[KEY] = json.dumps({**record, "version": VERSION})


def check_version(owner: Any) -> None:
    if read(owner).get("version", 0) > VERSION:
        raise Refusal(
            f"The takes of {owner.name} were saved by a newer LAV Bridge, so they are left alone.",
            "Install that version here too.",
            "TAKES_NEWER",
        )


def note(owner: Any, name: str, value: Any) -> None:
    """One more fact about it, as JSON's own types."""
    write(owner, {**read(owner), name: value})


def noted(owner: Any, name: str) -> Any:
    """None where nothing was."""
    return read(owner).get(name)
