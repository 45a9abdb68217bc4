"""Placing a take is one step to undo."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from blender import coded
from blender.conftest import Blender, difference

pytestmark = pytest.mark.blender


def test_a_take_is_undone_in_one_step_and_done_again(blender: Blender, tmp_path: Path) -> None:
    if blender.is_module:
        pytest.skip("Blender as a module has no window, and without one no undo")
    if not shutil.which("xvfb-run"):
        pytest.skip("no xvfb-run for a window")
    clip = str(coded.write(tmp_path / "clip.mp4", range(120)))
    take = str(coded.write(tmp_path / "take.mp4", range(28, 92), is_take=True))
    told = blender.run("undo", tmp_path, in_window=True, clip=clip, take=take)
    before, shown, undone, redone, undone_above = told["states"]
    assert shown != before
    assert shown[1] == [take]
    assert difference(before[0], undone[0]) == {}
    assert undone[1] == []
    assert difference(shown[0], redone[0]) == {}
    assert redone[1] == [take]
    assert difference(shown[0], undone_above[0]) == {}
    assert told["above"] == [3, True]
    assert told["again"]
