"""The window store from outside: how large it is, and what goes first when it is full."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

WINDOW = ".npz"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the store: a window's light, or an exposure solved once."""

    path: Path
    size: int  # bytes
    used: float  # seconds since 1970

    @property
    def key(self) -> str:
        return self.path.stem


@dataclass(frozen=True, slots=True)
class CachedClip:
    """The kept windows of one clip, lit by one engine."""

    path: str  # "" where no job remembers
    engine: str
    windows: int = 0
    size: int = 0  # bytes
    used: float = 0.0
    is_open: bool = False  # an open job needs some of them


@dataclass(frozen=True, slots=True)
class Removed:
    windows: int = 0
    size: int = 0  # bytes freed
    kept: int = 0  # bytes left


def entries(folder: Path) -> list[Entry]:
    """Every file of the store, the least recently used first. What is being written is no file."""
    found = []
    for path in folder.glob("??/*"):
        if path.name.startswith("."):
            continue
        with suppress(FileNotFoundError):  # removed since
            stat = path.stat()
            found.append(Entry(path, stat.st_size, stat.st_mtime))
    return sorted(found, key=lambda one: one.used)


def trim(folder: Path, limit: int, keep: Collection[str]) -> Removed:
    """Removes the least recently used down to `limit` bytes; `keep` are keys that stay."""
    files = entries(folder)
    return _free(files, sum(one.size for one in files) - limit, keep)


def free(folder: Path, count: int, keep: Collection[str]) -> Removed:
    """Removes the least recently used until `count` bytes are freed; `keep` are keys that stay."""
    return _free(entries(folder), count, keep)


def sweep(folder: Path) -> None:
    """Removes what killed processes were writing. Nobody else may be writing."""
    for draft in folder.glob("??/.*.part"):
        draft.unlink(missing_ok=True)


def by_clip(
    files: Iterable[Entry], clips: Mapping[str, tuple[str, str]], is_open: Collection[str]
) -> list[CachedClip]:
    """The most recently used first. `clips` tells a key's clip and engine."""
    found: dict[tuple[str, str], CachedClip] = {}
    for one in files:
        if one.path.suffix != WINDOW:  # exposures take no room to speak of
            continue
        named = clips.get(one.key, ("", ""))
        clip = found.get(named, CachedClip(*named))
        found[named] = replace(
            clip,
            windows=clip.windows + 1,
            size=clip.size + one.size,
            used=max(clip.used, one.used),
            is_open=clip.is_open or one.key in is_open,
        )
    return sorted(found.values(), key=lambda clip: -clip.used)


def _free(files: list[Entry], over: int, keep: Collection[str]) -> Removed:
    gone = []
    for one in files:
        if over <= 0:
            break
        if one.key not in keep:
            gone.append(one)
            over -= one.size
    for one in gone:
        one.path.unlink(missing_ok=True)
    size = sum(one.size for one in gone)
    windows = sum(one.path.suffix == WINDOW for one in gone)
    return Removed(windows, size, sum(one.size for one in files) - size)
