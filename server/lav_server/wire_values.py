"""Values on the wire: enums, rates, paths, numbers, texts and colours, with their checks."""

from __future__ import annotations

import math
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message

from lav_engine.errors import Code, LavError
from lav_engine.spec import RGB
from lav_proto.v1 import relight_pb2 as pb

LONGEST_TEXT = 16_000  # characters of a prompt
LONGEST_PATH = 4096  # characters

Named = TypeVar("Named", bound=StrEnum)


def enum_from_wire(kind: type[Named], value: int, default: Named) -> Named:
    """The member a wire number stands for; 0 is the default."""
    if value == 0:
        return default
    names = getattr(pb, kind.__name__).DESCRIPTOR.values_by_number
    if value not in names:
        raise LavError(
            f"This server does not know {kind.__name__.lower()} number {value}.",
            "Update the server or choose another one.",
            Code.version_skew,
        )
    return kind(names[value].name.removeprefix(_prefix(kind)).lower())


def enum_to_wire(member: StrEnum) -> str:
    """The name of the wire's value, e.g. JOB_STATE_DONE."""
    return _prefix(type(member)) + member.value.upper()


def rational_to_wire(value: Fraction) -> pb.Rational:
    return pb.Rational(numerator=value.numerator, denominator=value.denominator)


def rational_from_wire(message: pb.Rational, what: str) -> Fraction:
    if message.denominator <= 0 or message.numerator <= 0:
        raise LavError(
            f"The {what} {message.numerator}/{message.denominator} is not a rate.",
            "Give a fraction like 24000/1001.",
        )
    return Fraction(message.numerator, message.denominator)


def path_to_wire(path: Path | None) -> str:
    """Raises LavError for names no message can carry: bytes that are not text."""
    text = "" if path is None else str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        shown = text.encode(errors="replace").decode()
        raise LavError(
            f"The name of {shown} is not valid text, so it cannot be sent.", "Rename the file."
        ) from None
    return text


def path_from_wire(text: str, what: str) -> Path:
    """`what` names the path in sentences: "clip", "output"."""
    if not text:
        raise LavError(f"The request names no {what}.", "Give its path.")
    return _path(text, what)


def optional_path_from_wire(text: str, what: str) -> Path | None:
    return _path(text, what) if text else None


def _path(text: str, what: str) -> Path:
    if "\0" in text:
        raise LavError(f"The path of the {what} holds a zero byte.", "Rename the file.")
    if len(text) > LONGEST_PATH:
        raise LavError(f"The path of the {what} has {len(text)} characters.", "Use a shorter one.")
    return Path(text)


def _prefix(kind: type[StrEnum]) -> str:
    """JobState -> JOB_STATE_."""
    return "".join(f"_{c}" if c.isupper() else c.upper() for c in kind.__name__)[1:] + "_"


def numbers(message: Message, names: tuple[str, ...]) -> dict[str, Any]:
    """Those of the optional numbers that are set."""
    return {name: number(message, name) for name in names if message.HasField(name)}


def number(message: Message, name: str) -> float:
    value = getattr(message, name)
    if not math.isfinite(value):
        raise LavError(
            f"The value {value} for {name.replace('_', ' ')} is not a number.",
            "Give a number, or leave it out.",
        )
    return value


def given(source: object, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(source, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def text_from_wire(text: str, what: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise LavError(
            f"The {what} has {len(text)} characters.", f"{LONGEST_TEXT} are the most; shorten it."
        )
    return text


def color_to_wire(color: RGB | None) -> pb.Color | None:
    return pb.Color(red=color[0], green=color[1], blue=color[2]) if color else None


def color_from_wire(message: Any) -> RGB | None:
    if not message.HasField("color"):
        return None
    red, green, blue = (number(message.color, name) for name in ("red", "green", "blue"))
    return red, green, blue
