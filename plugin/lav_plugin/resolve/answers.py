"""What Resolve answers, as what it should be: Lua and older versions answer in other types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..model import Refusal


def each(objects: Sequence[Any], method: str, *arguments: Any) -> list[Any]:
    """The same question to many; in one journey where they live in another process."""
    if not objects:
        return []
    many = getattr(type(objects[0]), "many", None)  # of the type: Resolve's own have every name
    if many is not None:
        return many(objects[0], [(one, method, *arguments) for one in objects])
    return [getattr(one, method)(*arguments) for one in objects]


def whole(said: Any, what: str) -> int:
    """86400 for 86400.0 and "86400". Raises Refusal for what is no whole number."""
    try:
        number = float(said)
        if number == int(number):
            return int(number)
    except (TypeError, ValueError, OverflowError):
        pass
    raise Refusal(
        f"Resolve says {said!r} where {what} was asked for; nothing was changed.",
        "Close any dialog that is open in Resolve, then try again.",
        "RESOLVE_SILENT",
    )


def number(said: Any) -> float | None:
    """None for what is none."""
    try:
        return float(said)
    except (TypeError, ValueError):
        return None


def text(said: Any) -> str:
    return said if isinstance(said, str) else "" if said is None else str(said)


def mapping(said: Any) -> dict[Any, Any]:
    """Nothing where it is none: an empty one may come as an empty list, or as None."""
    return said if isinstance(said, dict) else {}


def listing(said: Any) -> list[Any]:
    """Also of a dict that counts from 1; without what is None."""
    found = list(said.values()) if isinstance(said, dict) else said
    return [one for one in found if one is not None] if isinstance(found, list | tuple) else []
