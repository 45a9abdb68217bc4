"""A strip is a clip exactly where each of its frames is the next media frame; else it says why."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from blender import coded
from blender.conftest import Blender

pytestmark = pytest.mark.blender

RATES = {"24": "24", "14": "14", "23.976": "24000/1001", "25": "25"}
BAKES = {  # what is said of strips that have to be baked first
    "picture": "is a picture",
    "scene": "is a scene",
    "held": "stands still for 5 frames",
    "reversed": "plays backwards",
    "strobe": "holds frames",
    "stream": "another stream",
    "ntsc": "23.976 frames a second and the scene 24",
    "short of another rate": "25 frames a second and the scene 24",
    "retimed": "is retimed",
}
OTHERS = {
    "sound": "is sound",
    "colour": "is a colour",
    "text": "is text",
    "effect": "is an effect",
    "missing": "gone.mp4 is not in",
    "no video": "is no video",
    "locked": "is locked",
    "channel locked": "is locked",
}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("rates")
    made = {
        name: coded.write(folder / f"c{name}.mp4", range(120), Fraction(rate))
        for name, rate in RATES.items()
        if name != "25"
    }
    made["25"] = coded.write(folder / "c25.mp4", range(40), Fraction(25))
    made["two"] = coded.write(folder / "two.mp4", range(40), streams=2)
    made["text"] = folder / "text.mp4"
    made["text"].write_text("no video")
    made["sound"] = folder / "tone.wav"
    with wave.open(str(made["sound"]), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(32000))
    return {name: str(path) for name, path in made.items()}


def test_every_kind_of_strip_is_told_or_refused_and_none_is_changed(
    blender: Blender, clips: dict[str, str], tmp_path: Path
) -> None:
    told: dict[str, Any] = blender.run("clips", tmp_path, case="told", clips=clips)
    told.pop("version")
    assert all(one["is_same"] for one in told.values())
    assert told.pop("plain")["clip"] == [30, 70, 40, "24", 2]
    another = told.pop("another rate")
    assert another["clip"] == [0, 120, 10, "24", 2]
    assert another["media"] == [clips["14"], 120, "14"]
    for name, one in told.items():
        assert "why" in one, name
        assert {**BAKES, **OTHERS}[name] in one["why"]
        assert one["can_bake"] == (name in BAKES)


@pytest.mark.parametrize(
    ("rate", "scene"), [("24", 24), ("14", 24), ("24", 24000 / 1001), ("60", 25)]
)
def test_told_media_frames_are_those_that_blender_shows(
    blender: Blender, tmp_path: Path, rate: str, scene: float
) -> None:
    exact = Fraction(rate)
    clip = coded.write(tmp_path / "clip.mp4", range(120), exact)
    if scene == 24000 / 1001:
        clip = coded.write(tmp_path / "clip.mp4", range(120), Fraction(24000, 1001))
    told = blender.run("clips", tmp_path, case="seen", clip=str(clip), rate=scene)
    assert told["count"] == 106
    assert coded.read(Path(told["shown"])) == list(
        range(told["first"], told["first"] + told["count"])
    )


def test_a_conformed_strip_is_baked_as_it_is_seen(blender: Blender, tmp_path: Path) -> None:
    clip = coded.write(tmp_path / "clip.mp4", range(120), Fraction(60))
    if blender.is_module and "4.5" not in blender.name:
        pytest.skip("movie_strip_add without a window crashes Blender 5")
    told = blender.run("clips", tmp_path, case="conformed", clip=str(clip))
    assert told["length"] == 48
    assert "60 frames a second and the scene 24" in told["why"]
    assert told["can_bake"]
    assert told["clip"] == [0, 48, "24"]
    shown = coded.read(Path(told["shown"]))
    assert shown == coded.read(Path(told["baked"]))
    assert shown == sorted(set(shown)), "every frame another one, in order"
