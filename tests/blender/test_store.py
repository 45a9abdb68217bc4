"""Takes are kept with the strip: through saving, moving, copying and what is done by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from blender import coded
from blender.conftest import Blender

pytestmark = pytest.mark.blender


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("coded")
    made = {
        "clip": coded.write(folder / "clip.mp4", range(120)),
        "other": coded.write(folder / "other.mp4", range(500, 620)),
        "take": coded.write(folder / "take.mp4", range(28, 92), is_take=True),
    }
    return {name: str(path) for name, path in made.items()}


def test_takes_come_back_after_saving_and_moving_and_say_when_they_are_lost(
    blender: Blender, files: dict[str, str], tmp_path: Path
) -> None:
    told = blender.run("store", tmp_path, case="saved", **files)
    assert told["path"] == "//take.mp4"
    assert told["same now"]
    for where in ("opened", "moved", "saved elsewhere"):
        assert told[where]["difference"] == [], where
        assert len(told[where]["renders"]) == 1
        assert told[where]["back"] == [True, "clip.mp4"]
        assert told[where]["again"]
        assert told[where]["clip"] == [40, 40]
    assert "take.mp4 is not in" in told["lost"]["why"]
    assert told["lost"]["back"] == "clip.mp4"


def test_copies_get_ids_of_their_own_and_keep_the_takes(
    blender: Blender, files: dict[str, str], tmp_path: Path
) -> None:
    told = blender.run("store", tmp_path, case="copies", **files)
    assert told["first"] == [True, 40, 20]
    assert told["second"] == [True, 60, 20]
    assert told["both"] == [True, True]
    assert told["found"] == told["names"]
    assert [(one.get("start"), one["shown"]["first"]) for one in told["placed"]] == [
        (50, 12),
        (70, 32),
    ]
    assert [one["source"]["first"] for one in told["placed"]] == [40, 60]


def test_a_strip_made_longer_than_its_take_says_what_is_missing(
    blender: Blender, files: dict[str, str], tmp_path: Path
) -> None:
    told = blender.run("store", tmp_path, case="copies", **files)
    assert told["missing"] == [[[20, 8]], [[92, 8]]]


def test_what_is_not_ours_to_read_is_left_alone(
    blender: Blender, files: dict[str, str], tmp_path: Path
) -> None:
    told = blender.run("store", tmp_path, case="copies", **files)
    assert told["by hand"] == [0, True]
    assert told["newer"] == told["not overwritten"] == "TAKES_NEWER"
    assert told["not ours"]
    assert told["gone"] == "CLIP_GONE"


def test_renders_of_a_linked_scene_are_those_of_its_own_project(
    blender: Blender, files: dict[str, str], tmp_path: Path
) -> None:
    told = blender.run("store", tmp_path, case="linked", **files)
    assert told["none"] == []
    assert told["ours"] == [[{"key": "ours"}], True]
    assert told["theirs"] == ["theirs", "theirs"]
