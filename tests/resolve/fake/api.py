"""The table `api.txt` as signatures: what a call may look like, and since which version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("api.txt")
KINDS = {
    "str": lambda value: isinstance(value, str),
    "int": lambda value: type(value) is int,
    "bool": lambda value: type(value) is bool,
    "number": lambda value: type(value) in (int, float),
    "list": lambda value: isinstance(value, list),
    "dict": lambda value: isinstance(value, dict),
    "any": lambda value: True,
}


class WrongCall(AssertionError):
    """A call that the vendor's README does not know: of our making, never Resolve's."""


@dataclass(frozen=True)
class Signature:
    arguments: tuple[str, ...]  # as in the table
    returns: str
    since: int = 0  # major version
    is_studio: bool = False

    @property
    def least(self) -> int:
        return sum(not one.endswith(("?", "*")) for one in self.arguments)

    @property
    def most(self) -> int:
        return (
            99 if self.arguments[-1:] and self.arguments[-1].endswith("*") else len(self.arguments)
        )

    def check(self, name: str, given: tuple[Any, ...]) -> None:
        """Raises WrongCall."""
        if not self.least <= len(given) <= self.most:
            raise WrongCall(f"{name} takes {self.least} to {self.most} arguments, not {len(given)}")
        for kind, value in zip(self.arguments, given, strict=False):
            if not KINDS[kind.rstrip("?*")](value):
                raise WrongCall(f"{name} takes {kind}, not {value!r}")


@cache
def table() -> dict[str, dict[str, Signature]]:
    """By object, then by method."""
    found: dict[str, dict[str, Signature]] = {}
    kind = ""
    for line in TABLE.read_text().splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
            found[kind] = {}
        elif line and not line.startswith("#"):
            name, *words = line.split()
            found[kind][name] = _signature(words)
    return found


def _signature(words: list[str]) -> Signature:
    arrow = words.index("->")
    notes = words[arrow + 2 :]
    since = next((int(note[1:]) for note in notes if note.startswith("@")), 0)
    return Signature(tuple(words[:arrow]), words[arrow + 1], since, "studio" in notes)
