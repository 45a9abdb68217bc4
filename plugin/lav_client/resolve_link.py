"""Requests to the script inside Resolve and its answers, one at a time, over any carrier.

docs/resolve.md is the contract. The script is asked for a sign of life whenever nothing else is:
so each side notices when the other has gone.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from lav_engine.errors import Code, LavError

CONTRACT = 1  # what the scripts and this bridge must agree on
START_LIMIT = 30.0  # seconds for the script's first words
PAUSE = 2.0  # seconds between signs of life
SIGN_LIMIT = 15.0  # seconds for one; the script itself does nothing then but wait
CALL_LIMIT = 600.0  # seconds for Resolve's own work; it may be showing a dialogue


class Gone(ConnectionError):
    """The script, and Resolve perhaps, answers no more."""


class Failed(RuntimeError):
    """A call went wrong in Resolve, or this edition or version does not take it."""


class Absent(TypeError):
    """This Resolve has no such method: what calling None is to a script of its own."""


class Carrier(Protocol):
    def send(self, request: dict[str, Any]) -> None:
        """Raises Gone."""
        ...

    def next(self, seconds: float) -> dict[str, Any] | None:
        """None where nothing has come by then. Raises Gone."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Hello:
    contract: int
    language: str  # "lua", "python"
    runtime: str  # its version
    script: str  # the version of LAV Bridge that installed it


Heard = Callable[[dict[str, Any], dict[str, Any]], None]


class Link:
    """May be used from any thread; each request waits for the one before."""

    def __init__(
        self,
        carrier: Carrier,
        pause: float = PAUSE,
        sign_limit: float = SIGN_LIMIT,
    ) -> None:
        self.gone = threading.Event()
        self.heard: Heard | None = None  # of each request, and its answer
        self._carrier = carrier
        self._pause, self._sign_limit = pause, sign_limit
        self._numbers = itertools.count(1)
        self._released: list[int] = []  # objects that nobody holds any more
        self._one = threading.Lock()
        self._is_over = threading.Event()

    def hello(self, seconds: float = START_LIMIT) -> Hello:
        """The script's first words. Raises Gone, or LavError where it is of another version."""
        said = self._carrier.next(seconds)
        if said is None or "hello" not in said:
            raise Gone("The script in Resolve said nothing.")
        words = said["hello"]
        hello = Hello(
            int(words.get("contract", 0)),
            str(words.get("language", "")),
            str(words.get("runtime", "")),
            str(words.get("script", "")),
        )
        threading.Thread(target=self._keep_alive, daemon=True, name="signs of life").start()
        if hello.contract != CONTRACT:
            raise LavError(
                f"Resolve's menu entry is of LAV Bridge {hello.script}, which this one cannot "
                "speak with, so nothing can be relit.",
                "Run `lav install resolve`, then start the entry again.",
                Code.version_skew,
            )
        return hello

    def call(self, calls: list[list[Any]]) -> list[Any]:
        """One value for each. Raises Failed or Absent at the first that fails, or Gone."""
        said = self._ask({"calls": calls}, CALL_LIMIT)
        values = said["values"]
        if "error" not in said:
            return values
        self._released += _objects(values)  # of the calls before, which nobody will hold
        _, method, *_ = calls[len(values)]
        if said.get("absent"):
            raise Absent(f"This DaVinci Resolve has no {method}.")
        raise Failed(f"{method}: {said['error']}")

    def release(self, handle: int) -> None:
        """With the next request; may be called while objects are being collected."""
        self._released.append(handle)

    def say(self, text: str) -> None:
        """A line on Resolve's console."""
        self._ask({"say": text}, self._sign_limit)

    def end(self, text: str) -> None:
        """The script says this, where it is not empty, and ends."""
        self._is_over.set()
        self._ask({"end": text}, self._sign_limit)

    def close(self) -> None:
        self._is_over.set()
        self._carrier.close()

    def _ask(self, request: dict[str, Any], limit: float) -> dict[str, Any]:
        with self._one:
            if self.gone.is_set():
                raise Gone("The script in Resolve has ended.")
            number = next(self._numbers)
            released, self._released = self._released, []
            request = {"n": number, **request}
            if released:
                request["release"] = released
            try:
                self._carrier.send(request)
                answer = self._answer(number, limit)
            except Gone:
                self.gone.set()
                raise
            if self.heard is not None:
                self.heard(request, answer)
            return answer

    def _answer(self, number: int, limit: float) -> dict[str, Any]:
        while (said := self._carrier.next(limit)) is not None:
            if said.get("n") == number:
                return said
        raise Gone(f"The script in Resolve has not answered for {limit:.0f} seconds.")

    def _keep_alive(self) -> None:
        while not (self._is_over.wait(self._pause) or self.gone.is_set()):
            try:
                self._ask({}, self._sign_limit)
            except Gone:
                return


def _objects(value: Any) -> list[int]:
    if isinstance(value, list):
        return [handle for one in value for handle in _objects(one)]
    if isinstance(value, dict):
        return [value["@"]] if "@" in value else _objects(value.get("=", []))
    return []
