"""The same storage under two names: a table of path prefixes here and on the server's machine."""

from __future__ import annotations

import ntpath
import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any, TypeVar

from google.protobuf.message import Message

from lav_engine.errors import LavError
from lav_proto.v1 import relight_pb2 as pb

# Every field of the wire that holds a path of the server's machine.
FIELDS: dict[type[Message], tuple[str, ...]] = {
    pb.ClipRange: ("path",),
    pb.MediaFacts: ("path",),
    pb.ProbeRequest: ("path",),
    pb.PreviewRequest: ("path", "mask"),
    pb.RelightRequest: ("mask",),
    pb.Diffusion: ("light_image", "models"),
    pb.Lora: ("path",),
    pb.Output: ("path", "sheet"),
    pb.Take: ("path", "sheet"),
    pb.CachedClip: ("path",),
}

Said = TypeVar("Said", bound=Message)


@dataclass(frozen=True, slots=True)
class Pair:
    here: PurePath
    there: PurePath


@dataclass(frozen=True, slots=True)
class PathMap:
    """Paths that no pair covers are the same on both machines."""

    pairs: tuple[Pair, ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> PathMap:
        """Absolute prefixes, here and there; either may be a Windows one. Raises LavError."""
        found = [Pair(_prefix(here), _prefix(there)) for here, there in pairs]
        for name in ("here", "there"):
            _check_once([getattr(pair, name) for pair in found])
        return cls(tuple(found))

    def to_server(self, request: Said) -> Said:
        """A copy with the server's paths."""
        copy = type(request)()
        copy.CopyFrom(request)
        return _each(copy, self.there)

    def from_server(self, answer: Said) -> Said:
        """The answer itself, with the paths of this machine; also in its sentences."""
        for message in _within(answer):
            if isinstance(message, pb.Problem):
                message.message, message.hint = self.text(message.message), self.text(message.hint)
        return _each(answer, self.here)

    def there(self, path: str) -> str:
        return _moved(path, ((pair.here, pair.there) for pair in self.pairs))

    def here(self, path: str) -> str:
        return _moved(path, ((pair.there, pair.here) for pair in self.pairs))

    def text(self, sentence: str) -> str:
        """A server's sentence, with this machine's names for the folders in it."""
        for pair in sorted(self.pairs, key=lambda pair: -len(pair.there.parts)):
            sentence = sentence.replace(str(pair.there), str(pair.here))
        return sentence


def _prefix(text: str) -> PurePath:
    path = _flavoured(text)
    if not path.is_absolute():
        raise LavError(
            f"{text!r} in the path map is not a full path.",
            "Write each pair as /folder/here=/folder/there.",
        )
    return path


def _flavoured(text: str) -> PurePath:
    """Normal, without dots, so that a prefix is a prefix."""
    if text[1:2] == ":" or text.startswith("\\\\"):
        return PureWindowsPath(ntpath.normpath(text))
    return PurePosixPath(posixpath.normpath(text))


def _check_once(prefixes: list[PurePath]) -> None:
    for prefix in prefixes:
        if prefixes.count(prefix) > 1:
            raise LavError(
                f"The path map names {prefix} twice, so it leads to two places.",
                "Leave one of them out.",
            )


def _moved(text: str, pairs: Iterable[tuple[PurePath, PurePath]]) -> str:
    """By the longest prefix that holds it; whole folder names only."""
    path = _flavoured(text)
    held = [(old, new) for old, new in pairs if type(old) is type(path) and _holds(old, path)]
    if not held:
        return text
    old, new = max(held, key=lambda pair: len(pair[0].parts))
    return str(new.joinpath(*path.parts[len(old.parts) :]))


def _holds(folder: PurePath, path: PurePath) -> bool:
    return path.is_relative_to(folder)


def _each(message: Said, moved: Callable[[str], str]) -> Said:
    for one in _within(message):
        for name in FIELDS.get(type(one), ()):
            if text := getattr(one, name):
                setattr(one, name, moved(text))
    return message


def _within(message: Message) -> Iterator[Message]:
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            values: Any = value if field.is_repeated else (value,)
            for one in values:
                yield from _within(one)
