"""Parsers of single values on the command line, each with a refusal in plain words."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

import typer

Chosen = TypeVar("Chosen", bound=StrEnum)


def within(low: float, high: float) -> Callable[[str], float]:
    """A parser that takes a number from `low` to `high`."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise typer.BadParameter(f"{text!r} is not a number from {low:g} to {high:g}.")
        return value

    return parse


def whole(low: int, high: int, what: str) -> Callable[[str], int]:
    """A parser that takes a whole number from `low` to `high`; `what` describes it."""

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise typer.BadParameter(f"'{text}' is not {what}.")
        return value

    return parse


def choice(kind: type[Chosen]) -> Callable[[str], Chosen]:
    """A parser that takes a member of `kind` by its value."""

    def parse(text: str) -> Chosen:
        try:
            return kind(text)
        except ValueError:
            known = ", ".join(member.value for member in kind)
            raise typer.BadParameter(f"{text!r} is not known here. Choose {known}.") from None

    return parse
