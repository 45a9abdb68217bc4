"""A worker stopped between the check of its claim and a write harms nobody when it goes on.

By then a newer claim has finished the job. The stale one is a process of its own that stops itself
just before the system call in question: what it asked before that is no longer true.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import mortal
import psutil
import pytest
from soaking import size, until

from lav_engine.spec import Take
from lav_server.claims import claim, delivered, release

Point = tuple[str, str, int]
Files = dict[str, tuple[int, int, bytes]]

FRAMES = 24
POINTS: dict[str, Point] = {
    "that all is whole": ("open", "journal.json.", 3),
    "the hidden file": ("open", "lav-part", 1),
    "the last light's name": ("os.rename", ".npz", 3),
    "the take's name": ("os.link", "take", 1),
    "that the take is no longer hidden": ("os.remove", "take", 1),
    "the exposure": ("open", ".json.", 1),
    "the exposure's name": ("os.rename", ".json", 1),
    "that the take is begun": ("open", "journal.json.", 1),
    "that it is begun, by its name": ("os.rename", "journal.json", 1),
    "the first light": ("open", ".npz.", 1),
    "the first light's name": ("os.rename", ".npz", 1),
    "the last light": ("open", ".npz.", 3),
    "that the sheet is begun": ("open", "journal.json.", 2),
    "the sheet": ("open", "sheet.png", 1),
    "that all is whole, by its name": ("os.rename", "journal.json", 3),
    "the sheet's name": ("os.link", "sheet", 1),
    "that the sheet is no longer hidden": ("os.remove", "sheet", 1),
}
PUBLISHING = [point for point in POINTS.values() if point[0] in ("os.link", "os.remove")]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, make_clip: Callable[..., Path]) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", FRAMES)


@pytest.fixture(scope="module")
def undisturbed(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    finish(clip, folder, 1)
    return {name: data for name, (_, _, data) in files_in(folder / "out").items()}


@pytest.fixture
def stale(clip: Path, tmp_path: Path) -> Iterator[Callable[..., psutil.Popen]]:
    """Starts a worker with this claim and returns once it has stopped (or killed) itself there."""
    started: list[psutil.Popen] = []

    def start(point: Point, epoch: int, by: int = signal.SIGSTOP) -> psutil.Popen:
        claim(tmp_path / "job", epoch)
        given = {"clip": str(clip), "folder": str(tmp_path), "name": "take.mkv"}
        given |= {"point": point, "by": by, "epoch": epoch}
        process = psutil.Popen(
            [sys.executable, mortal.__file__, json.dumps(given)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        is_stopped = by == signal.SIGSTOP
        wanted = psutil.STATUS_STOPPED if is_stopped else psutil.STATUS_ZOMBIE
        until(lambda: process.status() == wanted)
        return process

    yield start
    for process in started:
        if process.is_running():
            process.kill()
            process.wait()


def finish(clip: Path, folder: Path, epoch: int) -> Take:
    """The whole job under a new claim."""
    claim(folder / "job", epoch)
    *_, last = mortal.render(clip, folder, "take.mkv", epoch)
    assert last.take is not None
    return last.take


def files_in(folder: Path) -> Files:
    """Every file with its number, when it was written, and what is in it."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_ino,
            path.stat().st_mtime_ns,
            path.read_bytes(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def contents(files: Files) -> dict[str, bytes]:
    return {name: data for name, (_, _, data) in files.items()}


@pytest.mark.parametrize("name", list(POINTS)[: size(5, len(POINTS))])
@pytest.mark.parametrize("is_told", [True, False], ids=["told", "untold"])
def test_what_a_newer_claim_has_made_stays_as_it_is(
    clip: Path, undisturbed, stale, tmp_path: Path, name: str, is_told: bool
) -> None:
    worker = stale(POINTS[name], 1)
    take = finish(clip, tmp_path, 2)
    takes, maps = files_in(tmp_path / "out"), contents(files_in(tmp_path / "maps"))
    if is_told:
        release(tmp_path / "job")
    worker.send_signal(signal.SIGCONT)
    assert worker.wait(30) != 0, "the stale worker thinks that it has made the take"
    seen = files_in(tmp_path / "out")
    assert {name: seen.get(name) for name in undisturbed} == {n: takes[n] for n in undisturbed}
    assert contents(seen) == undisturbed, "a hidden file is left"
    own = [name for name in maps if name.endswith(".part")]  # what it had just written of its own
    assert contents(files_in(tmp_path / "maps")) == {n: maps[n] for n in maps if n not in own}
    if is_told:
        assert not (tmp_path / "job").exists()
    else:
        assert delivered(tmp_path / "job") == take


@pytest.mark.parametrize("point", PUBLISHING[: size(1, len(PUBLISHING))])
def test_two_that_publish_what_an_earlier_attempt_left_publish_it_once(
    clip: Path, undisturbed, stale, tmp_path: Path, point: Point
) -> None:
    stale(("os.link", "sheet", 1), 1, signal.SIGKILL)
    worker = stale(point, 2)
    take = finish(clip, tmp_path, 3)
    takes = files_in(tmp_path / "out")
    worker.send_signal(signal.SIGCONT)
    assert worker.wait(30) != 0
    assert files_in(tmp_path / "out") == takes
    assert contents(takes) == undisturbed
    assert delivered(tmp_path / "job") == take
