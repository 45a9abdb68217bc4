"""JSON's values as Lua literals in ASCII: what a Lua without JSON reads as its own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

EXACT = 2**53  # Lua's numbers are doubles
PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b'"\\')


def request(said: dict[str, Any]) -> str:
    """A chunk that returns the request as a table; each call carries its number of arguments."""
    fields = {key: literal(value) for key, value in said.items() if key != "calls"}
    if "calls" in said:
        fields["calls"] = _braced(map(_call, said["calls"]))
    return f"return {_keyed(fields)}"


def literal(value: Any) -> str:
    """Raises ValueError for what Lua cannot hold."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) <= EXACT:
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return _braced(map(literal, value))
    if isinstance(value, dict):
        return _keyed({key: literal(one) for key, one in value.items()})
    raise ValueError(f"Lua holds no {value!r}")


def _call(call: list[Any]) -> str:
    """The number, for arguments that are nil end no list in Lua."""
    return _braced([*map(literal, call), f"n={len(call) - 2}"])


def _keyed(fields: dict[str, str]) -> str:
    return _braced(f"[{_text(key)}]={one}" for key, one in fields.items())


def _braced(items: Iterable[str]) -> str:
    return "{" + ",".join(items) + "}"


def _text(value: str) -> str:
    """What was no UTF-8 where it came from goes back as it was."""
    data = value.encode("utf-8", "surrogateescape")
    inside = "".join(chr(one) if one in PLAIN else f"\\{one:03d}" for one in data)
    return f'"{inside}"'
