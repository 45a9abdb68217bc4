"""Runs that are killed, and what the next makes of it: processes of their own, real SIGKILLs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import mortal  # pyright: ignore[reportMissingImports]
import numpy as np
import pytest

from lav_engine.errors import Code, LavError

Point = tuple[str, str, int]

FRAMES, WINDOWS = 24, 3
LIT = 12  # news of a window's lighting: one for each frame read, the last, and that it is stored
POINTS = {
    "while shots are looked for": ("stage", "planning", 1),
    "before the exposure is stored": ("os.rename", ".json", 1),
    "before the hidden file is announced": ("os.rename", "journal", 1),
    "before the hidden file is made": ("open", "lav-part", 1),
    "before a byte is written": ("stage", "lighting", 1),
    "within the second window": ("stage", "lighting", LIT + 5),
    "before the first map is written": ("open", ".npz.", 1),
    "before the second map is stored": ("os.rename", ".npz", 2),
    "after the second map is stored": ("stage", "lighting", 2 * LIT),
    "while frames are delivered": ("stage", "delivering", 10),
    "with all frames delivered": ("stage", "publishing", 1),
    "before the sheet is announced": ("os.rename", "journal", 2),
    "before the sheet is made": ("open", "sheet.png", 1),
    "before it is said that all is whole": ("os.rename", "journal", 3),
    "before the sheet gets its name": ("os.link", "sheet", 1),
    "before the sheet loses its hidden name": ("os.remove", "sheet", 1),
    "before the take gets its name": ("os.link", "take", 1),
    "before the take loses its hidden name": ("os.remove", "take", 1),
    "before the take is told": ("stage", "end", 1),
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grey ramp that moves."""
    path = tmp_path_factory.mktemp("clip") / "clip.mkv"
    ramp = np.tile(np.linspace(40, 200, 160, dtype=np.uint8), (90, 1))
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for index in range(FRAMES):
            picture = np.repeat(np.roll(ramp, 2 * index, 1)[..., None], 3, -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def undisturbed(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    for name in ("take.mkv", "take.mp4", "take.mov"):
        run(clip, folder / name, name)
    return folder


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
def test_a_run_that_is_killed_and_run_again_gives_the_same_files(
    clip: Path, undisturbed: Path, tmp_path: Path, point: Point
):
    kill(clip, tmp_path, "take.mkv", point)
    stored = len(maps_in(tmp_path))
    windows = run(clip, tmp_path, "take.mkv")
    assert written(tmp_path) == written(undisturbed / "take.mkv")
    # None where the take was finished, and only had to be named or told.
    assert windows in ([], [True] * stored + [False] * (WINDOWS - stored))
    assert len(maps_in(tmp_path)) == WINDOWS


@pytest.mark.parametrize("name", ["take.mp4", "take.mov"])
def test_a_run_killed_time_and_again_gets_on(
    clip: Path, undisturbed: Path, tmp_path: Path, name: str
):
    for stored in range(1, WINDOWS):
        kill(clip, tmp_path, name, ("open", ".npz.", 2))  # the second map that it would write
        assert len(maps_in(tmp_path)) == stored
    assert run(clip, tmp_path, name) == [True] * (WINDOWS - 1) + [False]
    assert written(tmp_path) == written(undisturbed / name)


def test_a_take_that_was_published_but_not_told_is_not_made_again(clip: Path, tmp_path: Path):
    kill(clip, tmp_path, "take.mkv", ("stage", "end", 1))
    take, sheet = (tmp_path / "out" / name for name in ("take.mkv", "sheet.png"))
    before = take.stat()
    sheet.unlink()  # by its owner
    assert run(clip, tmp_path, "take.mkv") == []
    after = take.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert list(written(tmp_path)) == ["take.mkv"]


def test_a_finished_take_that_was_lost_is_made_again(clip: Path, undisturbed: Path, tmp_path: Path):
    kill(clip, tmp_path, "take.mkv", ("os.link", "take", 1))
    (hidden,) = (tmp_path / "out").glob(".take.*")
    hidden.unlink()
    assert run(clip, tmp_path, "take.mkv") == [True] * WINDOWS
    assert written(tmp_path) == written(undisturbed / "take.mkv")


def test_a_name_somebody_else_has_taken_since_is_left_alone(clip: Path, tmp_path: Path):
    kill(clip, tmp_path, "take.mkv", ("os.link", "take", 1))
    (tmp_path / "out" / "take.mkv").write_text("mine")
    with pytest.raises(LavError) as caught:
        run(clip, tmp_path, "take.mkv")
    assert caught.value.code == Code.output_exists
    assert (tmp_path / "out" / "take.mkv").read_text() == "mine"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 3}', '{"take": {}}', "\0"])
def test_a_damaged_journal_tells_nothing(clip: Path, tmp_path: Path, text: str):
    (tmp_path / "journal.json").write_text(text)
    assert run(clip, tmp_path, "take.mkv") == [False] * WINDOWS


def kill(clip: Path, folder: Path, name: str, point: Point) -> None:
    """Renders until `point`, in a process of its own."""
    given = {"clip": str(clip), "folder": str(folder), "name": name, "point": point}
    ended = subprocess.run(
        [sys.executable, mortal.__file__, json.dumps(given)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def run(clip: Path, folder: Path, name: str) -> list[bool]:
    """Renders to the end; of each window, whether it was found in the store."""
    steps = list(mortal.render(clip, folder, name))
    assert steps[-1].take is not None
    return [step.is_reused for step in steps if step.window is not None]


def written(folder: Path) -> dict[str, bytes]:
    """Every file in the folder of takes, hidden ones too."""
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


def maps_in(folder: Path) -> list[Path]:
    return [path for path in (folder / "maps").rglob("*.npz") if not path.name.startswith(".")]
