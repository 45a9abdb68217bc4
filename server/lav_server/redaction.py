"""What nobody else is to read: sentences without this user's folders, without tokens.

Of logs and reports everything goes through here; of answers, what goes to other machines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message

from lav_proto.v1 import relight_pb2 as pb
from lav_server.problem import Problem

OWN = "the server's folder"
BEARER = re.compile(r"(?i)\bbearer\s+\S+")
# What secrets.token_urlsafe makes of 32 bytes; a hash has other letters and another length.
TOKEN = re.compile(
    r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*[0-9_-])[\w-]{43}(?![\w-])", re.ASCII
)

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
            text = _without(text, self.own, OWN)
        text = _without(text, self.user, "~")
        return TOKEN.sub("[token]", BEARER.sub("Bearer [token]", text))

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


def _without(text: str, folder: Path, word: str) -> str:
    """Under both names of a folder that is a link; of a drive as a whole nothing is said."""
    for spelt in {str(folder), str(folder.resolve())} - {folder.anchor}:
        text = re.sub(rf"{re.escape(spelt)}(?![\w-]|\.\w)", word, text)
    return text


def _within(message: Message) -> Iterator[Message]:
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            values: Any = value if field.is_repeated else (value,)
            for one in values:
                yield from _within(one)
