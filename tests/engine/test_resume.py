"""Runs that are killed, and what the next makes of it: processes of their own, real SIGKILLs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

HERE = Path(__file__).parent

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
        assert run(clip, folder / name, name).returncode == 0
    return folder


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
def test_a_run_that_is_killed_and_run_again_gives_the_same_files(
    clip: Path, undisturbed: Path, tmp_path: Path, point: tuple[str, str, int]
):
    assert run(clip, tmp_path, "take.mkv", point).returncode == -9
    stored = len(maps_in(tmp_path))
    again = run(clip, tmp_path, "take.mkv")
    assert again.returncode == 0, again.stderr
    assert written(tmp_path) == written(undisturbed / "take.mkv")
    windows = again.stdout.split()
    assert windows in ([], ["reused"] * stored + ["lit"] * (WINDOWS - stored))
    assert len(maps_in(tmp_path)) == WINDOWS


@pytest.mark.parametrize("name", ["take.mp4", "take.mov"])
def test_a_run_killed_time_and_again_gets_on(
    clip: Path, undisturbed: Path, tmp_path: Path, name: str
):
    lit = 0
    for _ in range(WINDOWS):
        ended = run(clip, tmp_path, name, ("open", ".npz.", 2))  # the second map it would write
        lit += ended.stdout.split().count("lit")
        assert ended.returncode in (-9, 0)
    assert lit == WINDOWS
    assert run(clip, tmp_path, name).returncode == 0
    assert written(tmp_path) == written(undisturbed / name)


def test_a_take_that_was_published_but_not_told_is_not_made_again(clip: Path, tmp_path: Path):
    assert run(clip, tmp_path, "take.mkv", ("stage", "end", 1)).returncode == -9
    before = (tmp_path / "out" / "take.mkv").stat()
    again = run(clip, tmp_path, "take.mkv")
    assert (again.returncode, again.stdout) == (0, "")
    after = (tmp_path / "out" / "take.mkv").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_name_somebody_else_has_taken_since_is_left_alone(clip: Path, tmp_path: Path):
    assert run(clip, tmp_path, "take.mkv", ("os.link", "take", 1)).returncode == -9
    (tmp_path / "out" / "take.mkv").write_text("mine")
    assert "exists already" in run(clip, tmp_path, "take.mkv").stderr
    assert (tmp_path / "out" / "take.mkv").read_text() == "mine"


def run(
    clip: Path, folder: Path, name: str, point: tuple[str, str, int] | None = None
) -> subprocess.CompletedProcess[str]:
    (folder / "out").mkdir(parents=True, exist_ok=True)
    given = {"clip": str(clip), "folder": str(folder), "name": name, "point": point}
    path = os.pathsep.join([str(HERE.parent / "fault_engine"), *sys.path])
    return subprocess.run(
        [sys.executable, HERE / "mortal.py", json.dumps(given)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )


def written(folder: Path) -> dict[str, bytes]:
    """Every file in the folder of takes, hidden ones too."""
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


def maps_in(folder: Path) -> list[Path]:
    return [path for path in (folder / "maps").rglob("*.npz") if not path.name.startswith(".")]
