"""stdin and stdout as the way between the bridge and a Python script that has started it."""

from __future__ import annotations

import json
from typing import Any, Protocol

from lav_client.resolve_link import Gone


class Lines(Protocol):
    """lav_client.bridge's."""

    def next(self, seconds: float | None = None) -> bytes | None: ...
    def say(self, message: dict[str, Any]) -> None: ...


class Stdio:
    """A Carrier."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def send(self, request: dict[str, Any]) -> None:
        self._lines.say(request)

    def next(self, seconds: float) -> dict[str, Any] | None:
        line = self._lines.next(seconds)
        if line is None:
            raise Gone("The script in Resolve has ended.")
        if not line:
            return None
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise Gone("The script in Resolve said what cannot be understood.")
        return said

    def close(self) -> None:
        """The process's own end closes them."""
