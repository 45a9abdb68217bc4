"""What other machines are told: the same sentences, without this one's own folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message

from lav_proto.v1 import relight_pb2 as pb
from lav_server.logs import redacted
from lav_server.problem import Problem

OWN = "the server's folder"

Answer = TypeVar("Answer", bound=Message)


@dataclass(frozen=True, slots=True)
class Redaction:
    """Says `~` for the user's home folder; without one, nothing is changed."""

    user: Path | None = None
    own: Path | None = None  # the server's own folder, wherever it is

    def text(self, text: str) -> str:
        if self.user is None:
            return text
        if self.own is not None:
            text = re.sub(rf"{re.escape(str(self.own))}(?![\w-]|\.\w)", OWN, text)
        return redacted(text, self.user)

    def problem(self, problem: Problem) -> Problem:
        return replace(problem, message=self.text(problem.message), hint=self.text(problem.hint))

    def answer(self, answer: Answer) -> Answer:
        """Changed in place: sentences, and the folder of light maps. A take's path stays."""
        if self.user is not None:
            for message in _within(answer):
                self._clean(message)
        return answer

    def _clean(self, message: Message) -> None:
        if isinstance(message, pb.Problem):
            message.message, message.hint = self.text(message.message), self.text(message.hint)
        elif isinstance(message, pb.Take):
            message.ClearField("map_folder")
            message.warnings[:] = [self.text(warning) for warning in message.warnings]
        elif isinstance(message, pb.Cache):
            message.folder = self.text(message.folder)
        elif isinstance(message, pb.JobEvent) and message.HasField("warning"):
            message.warning = self.text(message.warning)


def _within(message: Message) -> Iterator[Message]:
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            values: Any = value if field.is_repeated else (value,)
            for one in values:
                yield from _within(one)
