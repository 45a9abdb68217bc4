"""The bridge process as an editor's main thread sees it; nothing blocks. Standard library only.

Threads move lines between the process and queues; what they bring is told to the editor in `pump`,
on the thread that calls it. A process that dies is started again by the next ask.
"""

from __future__ import annotations

import itertools
import queue
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .bridge_process import Process
from .messages import HELLO, Greeted, Greeting, Problem, from_json, to_json

BRIDGE_LOST = "BridgeLost"  # news: a Problem; watches have ended, jobs go on


@dataclass(frozen=True)
class Answer:
    """A message as JSON's own types, or a problem."""

    message: dict[str, Any]
    problem: Problem | None = None


Then = Callable[[Answer], None]
News = Callable[[str, str, "dict[str, Any]"], None]  # kind, about, message


def _ignore(answer: Answer) -> None:
    """For asks whose answer nobody waits for."""


class Bridge:
    """To be used from one thread. `news` and every `then` are called by `pump` alone."""

    def __init__(self, command: Sequence[str], greeting: Greeting, news: News) -> None:
        self.state = "stopped"  # "starting", "running"
        self.greeted: Greeted | None = None  # what the bridge said of itself
        self._command = list(command)
        self._greeting = greeting
        self._news = news
        self._numbers = itertools.count(1)
        self._open: dict[int, Then] = {}
        self._due: deque[Callable[[], None]] = deque()  # what is to be told, in order
        self._process: Process | None = None

    def ask(self, name: str, message: Any = None, then: Then = _ignore) -> None:
        """Starts the process where none runs. `message` is one of the classes of `messages`."""
        if self._process is None:
            self._start()
        self._send(name, message, then)

    def pump(self, seconds: float = 0.004) -> bool:
        """Tells what has arrived, for about that long; whether more waits."""
        deadline = time.monotonic() + seconds
        while self._next():
            if time.monotonic() >= deadline:
                return bool(self._due) or self._has_more()
        return False

    def close(self) -> None:
        """Ends the process; open asks are never answered. Jobs go on in the server."""
        if self._process is not None:
            self._process.close()
        self._process, self.state = None, "stopped"
        self._open.clear()
        self._due.clear()

    def _start(self) -> None:
        self._process, self.state, self.greeted = Process(self._command), "starting", None
        self._send(HELLO, self._greeting, self._hear_greeting)

    def _send(self, name: str, message: Any, then: Then) -> None:
        number = next(self._numbers)
        self._open[number] = then
        said = {} if message is None else to_json(message)
        self._process_now().send({"id": number, "ask": name, "message": said})

    def _process_now(self) -> Process:
        assert self._process is not None
        return self._process

    def _has_more(self) -> bool:
        return self._process is not None and not self._process.arrived.empty()

    def _next(self) -> bool:
        """Tells one thing; whether there was one."""
        if not self._due and self._process is not None:
            try:
                self._hear(self._process.arrived.get_nowait())
            except queue.Empty:
                return False
        if not self._due:
            return self._has_more()
        self._due.popleft()()
        return True

    def _hear(self, said: dict[str, Any] | None) -> None:
        if said is None:
            self._lose()
        elif "news" in said:
            kind, about, message = said["news"], said.get("about", ""), said.get("message", {})
            self._due.append(lambda: self._news(kind, about, message))
        elif "answer" in said or "problem" in said:
            then = self._open.pop(said.get("id", 0), None)
            if then is not None:
                answer = _answer(said)
                self._due.append(lambda: then(answer))

    def _hear_greeting(self, answer: Answer) -> None:
        if answer.problem is None:
            self.state, self.greeted = "running", from_json(Greeted, answer.message)
        elif self._process is not None:  # it will answer nothing, and an update may come meanwhile
            self._process.close()
            self._stop(answer.problem)

    def _lose(self) -> None:
        is_missing = self.state == "starting"
        problem = (_missing if is_missing else _lost)(self._process_now().last_words())
        self._stop(problem)
        if not is_missing:
            self._due.append(lambda: self._news(BRIDGE_LOST, "", to_json(problem)))

    def _stop(self, problem: Problem) -> None:
        """Every open ask hears why it is not answered."""
        self._process, self.state = None, "stopped"
        for then in self._open.values():
            self._due.append(lambda then=then: then(Answer({}, problem)))
        self._open.clear()


def _answer(said: dict[str, Any]) -> Answer:
    if "problem" in said:
        return Answer({}, from_json(Problem, said["problem"]))
    return Answer(said.get("answer", {}))


def _lost(last_words: str) -> Problem:
    return Problem(
        "BRIDGE_LOST",
        f"LAV Bridge's helper process ended. {last_words}".strip(),
        "Renders go on in the server. Try again; it starts anew.",
        True,
    )


def _missing(last_words: str) -> Problem:
    return Problem(
        "BRIDGE_MISSING",
        f"LAV Bridge could not be started, so nothing can be relit. {last_words}".strip(),
        "Install it on this computer and run `lav install blender`, or name the `lav` program in "
        "the add-on's preferences.",
        True,
    )
