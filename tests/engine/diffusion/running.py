"""Generators that tests run to their end."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any


def finished(running: Generator[Any, Any, Any]) -> Any:
    """What it returns."""
    while True:
        try:
            next(running)
        except StopIteration as stop:
            return stop.value
