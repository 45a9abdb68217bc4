"""JSON objects as messages of lav.v1 or of the bridge itself, and back."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from lav_engine.errors import Code, LavError
from lav_plugin import messages
from lav_server.problem import from_error

Wire = TypeVar("Wire", bound=Message)


def to_wire(name: str, empty: Wire, message: dict[str, Any]) -> Wire:
    """Fields that this version does not know are refused: they would do nothing."""
    try:
        return json_format.ParseDict(message, empty)
    except (json_format.Error, ValueError, TypeError, RecursionError) as error:
        raise _misread(name, str(error).splitlines()[0]) from None


def from_wire(message: Message) -> dict[str, Any]:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def plain(kind: type[messages.Kind], message: dict[str, Any]) -> messages.Kind:
    """One of the bridge's own; its values are of the types that their defaults have."""
    try:
        read = messages.from_json(kind, message)
        _check(read)
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _misread(kind.__name__, str(error)) from None
    return read


def problem(error: LavError) -> dict[str, Any]:
    known = from_error(error)
    return messages.to_json(
        messages.Problem(known.code.value, known.message, known.hint, known.retryable)
    )


def _check(message: Any) -> None:
    for one in fields(message):
        value, nested = getattr(message, one.name), one.metadata.get("of")
        each = value if isinstance(one.default, tuple) else (value,)
        for item in each:
            if nested and is_dataclass(item):
                _check(item)
            elif type(item) is not type(one.default):
                raise ValueError(f"{one.name} cannot be {item!r:.60}.")


def _misread(name: str, why: str) -> LavError:
    return LavError(
        f"The bridge cannot read this {name}: {why[:300]}",
        "docs/bridge.md and relight.proto say what it may hold.",
        Code.bad_value,
    )
