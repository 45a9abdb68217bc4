"""Blender's own lights, as the camera sees them, become a clip's light."""

from __future__ import annotations

from math import log2, sqrt
from pathlib import Path

import pytest
from blender import coded
from blender.conftest import Blender

pytestmark = pytest.mark.blender

STRAIGHT = {  # azimuth, elevation
    "right": (90.0, 0.0),
    "left": (-90.0, 0.0),
    "camera": (0.0, 0.0),
    "above": (0.0, 90.0),
    "high right": (45.0, 45.0),
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(coded.write(tmp_path_factory.mktemp("lamps") / "clip.mp4", range(120)))


def test_a_lamp_is_where_the_camera_sees_it(blender: Blender, clip: str, tmp_path: Path) -> None:
    told = blender.run("lamps", tmp_path, case="still", clip=clip)
    for name, (azimuth, elevation) in STRAIGHT.items():
        assert told[name][1] == pytest.approx(elevation, abs=0.01), name
        if elevation < 90:
            assert told[name][0] == pytest.approx(azimuth, abs=0.01), name
    assert abs(told["behind"][0]) == pytest.approx(180, abs=0.01)


def test_lamps_are_as_bright_coloured_and_soft_as_the_subject_gets_them(
    blender: Blender, clip: str, tmp_path: Path
) -> None:
    said = blender.run("lamps", tmp_path, case="several", clip=clip)
    key, fill, rim = said["lamps"]
    assert [one["role"] for one in said["lamps"]] == ["ROLE_KEY", "ROLE_FILL", "ROLE_RIM"]
    assert key["azimuth"] == pytest.approx(-90, abs=0.01)
    assert [key["color"][name] for name in ("red", "green", "blue")] == [1.0, 0.5, 0.25]
    assert key["stops"] == pytest.approx(0, abs=1e-6)
    assert key["size"] == pytest.approx(sqrt(0.25), abs=1e-4), "45 degrees of 180"
    assert fill["stops"] == pytest.approx(-2, abs=1e-3)
    assert rim["stops"] == pytest.approx(-4, abs=1e-3)
    assert said["ambient"]["stops"] == pytest.approx(log2(1 / 8), abs=1e-3)


def test_animation_becomes_as_few_keyframes_of_media_frames_as_say_it(
    blender: Blender, clip: str, tmp_path: Path
) -> None:
    told = blender.run("lamps", tmp_path, case="moving", clip=clip)
    assert told["frame"] == 55, "the playhead is where it was"
    keys = told["light"]["keys"]
    assert [one["media_frame"] for one in keys if one["media_frame"]] == [40, 50, 51, 59]
    lamps = [one["light"]["lamps"][0] for one in keys]
    assert abs(lamps[1]["azimuth"] - lamps[0]["azimuth"]) == pytest.approx(90, abs=0.01)
    assert [one["stops"] for one in lamps] == pytest.approx([-1, -1, 0, 0], abs=1e-5)


def test_without_lights_or_camera_that_is_said(blender: Blender, clip: str, tmp_path: Path) -> None:
    told = blender.run("lamps", tmp_path, case="bare", clip=clip)
    assert told["light"] == [{"code": "REFUSED"}] * 2
    assert "no lights" in told["said"][0]
    assert "no camera" in told["said"][1]
