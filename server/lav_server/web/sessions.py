"""Who may use the page: a code that works once becomes a session, kept as a cookie."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CODE_LIFE = 120.0  # seconds until a code that nobody used is void
LIFE = 30 * 24 * 3600.0  # seconds of a session
MOST = 50  # sessions; the oldest go


@dataclass(frozen=True, slots=True)
class Kept:
    """What outlives a restart, so that an open page finds its server again."""

    port: int = 0
    sessions: tuple[tuple[str, float], ...] = ()  # a token's hash and when it was made


class Sessions:
    """Tokens are kept as hashes only, in a file of the server's user."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = file
        self._clock = clock
        self._kept = _read(file)
        self._codes: dict[str, float] = {}

    @property
    def port(self) -> int:
        """Where the page was last; 0: nowhere yet."""
        return self._kept.port

    def code(self) -> str:
        """A new one, for the fragment of an address: it never reaches a log."""
        code = secrets.token_urlsafe(24)
        self._codes = {_hash(code): self._clock(), **self._live_codes()}
        return code

    def enter(self, code: str) -> str | None:
        """A session's token for a code that is used now for the first time, within its life."""
        live = self._live_codes()
        if live.pop(_hash(code), None) is None:
            return None
        self._codes = live
        token = secrets.token_urlsafe(32)
        newest = (_hash(token), self._clock())
        self._keep(Kept(self.port, (newest, *self._kept.sessions)[:MOST]))
        return token

    def knows(self, token: str) -> bool:
        """By hash, so that the time it takes tells nothing."""
        oldest = self._clock() - LIFE
        return any(
            made > oldest and secrets.compare_digest(known, _hash(token))
            for known, made in self._kept.sessions
        )

    def settle(self, port: int) -> None:
        if port != self.port:
            self._keep(Kept(port, self._kept.sessions))

    def _live_codes(self) -> dict[str, float]:
        oldest = self._clock() - CODE_LIFE
        return {code: made for code, made in self._codes.items() if made > oldest}

    def _keep(self, kept: Kept) -> None:
        self._kept = kept
        fresh = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"port": kept.port, "sessions": kept.sessions}, file)
        fresh.replace(self._file)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _read(file: Path) -> Kept:
    """Nothing where there is no file, or not one of ours: people then open the page again."""
    try:
        found = json.loads(file.read_text())
        sessions = tuple((str(token), float(made)) for token, made in found["sessions"])
        return Kept(int(found["port"]), sessions)
    except (OSError, ValueError, KeyError, TypeError):
        return Kept()
