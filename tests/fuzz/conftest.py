"""A server with one folder it may touch, and a tree beside it that it must not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

LONG_AGO = 1_000_000_000  # a time of last reading that the next one changes, also with relatime


@dataclass
class Sentinel:
    """Files that nobody may read, write or add to."""

    folder: Path
    tells_reading: bool
    before: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def arm(self) -> None:
        for path in [self.folder, *self.folder.rglob("*")]:
            if path.is_file() and not path.is_symlink():
                os.utime(path, (LONG_AGO, path.stat().st_mtime))
        self.before = self._seen()

    def check(self) -> None:
        assert self._seen() == self.before

    def _seen(self) -> dict[str, tuple[Any, ...]]:
        """What every file is and when it was read; new ones show too."""
        found = {}
        for path in [self.folder, *sorted(self.folder.rglob("*"))]:
            about = path.lstat()
            is_file = path.is_file() and not path.is_symlink()
            read = int(about.st_atime) if is_file and self.tells_reading else 0
            found[str(path)] = (about.st_mode, about.st_size, about.st_mtime_ns, about.st_ino, read)
        return found


def tells_reading(folder: Path) -> bool:
    """Whether this disk notes when a file was read."""
    trial = folder / "trial"
    trial.write_text("x")
    os.utime(trial, (LONG_AGO, LONG_AGO))
    trial.read_text()
    is_noted = trial.stat().st_atime > LONG_AGO
    trial.unlink()
    return is_noted


@dataclass(frozen=True)
class Tree:
    inside: Path
    sentinel: Sentinel

    @property
    def outside(self) -> Path:
        return self.sentinel.folder


@pytest.fixture(scope="module")
def tree(server, make_clip) -> Iterator[Tree]:
    """inside/ is the root of the module's server; links in it lead to outside/."""
    inside = server.folder
    outside = inside.parent / "outside"
    (outside / "folder").mkdir(parents=True)
    (inside / "folder").mkdir()
    for folder in (inside, outside, inside / "folder", outside / "folder"):
        make_clip(folder / "clip.mov", 6, (64, 48))
    (outside / "secret.txt").write_text("secret")
    os.mkfifo(outside / "pipe.mov")
    os.mkfifo(inside / "pipe.mov")
    (inside / "link").symlink_to(outside)
    (inside / "link.mov").symlink_to(outside / "clip.mov")
    (inside / "dangling.mov").symlink_to(outside / "new.mov")
    (inside / "loop").symlink_to(inside / "loop")
    (inside / "folder" / "up").symlink_to(inside.parent)
    sentinel = Sentinel(outside, tells_reading(inside.parent))
    sentinel.arm()
    yield Tree(inside, sentinel)
    sentinel.check()
