"""A strip that is not one media frame a timeline frame is rendered alone into a file that is."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from blender import coded
from blender.conftest import Blender, difference

from lav_engine.media.probe import probe

pytestmark = pytest.mark.blender


@pytest.fixture
def clip(tmp_path: Path) -> str:
    return str(coded.write(tmp_path / "clip.mp4", range(120)))


def test_a_baked_strip_has_its_visible_frames_as_their_media_is(
    blender: Blender, clip: str, tmp_path: Path
) -> None:
    told = blender.run("baking", tmp_path, case="baked", clip=clip)
    assert told["can_bake"]
    assert "backwards" in told["why"]
    assert Path(told["path"]) == tmp_path / "LAV Takes" / "clip_baked_v001.mkv"
    assert coded.read(Path(told["path"])) == list(range(79, 39, -1))
    assert told["clip"] == [True, 0, 40, 50]
    assert told["media"] == [40, "24"]
    assert told["steps"] == sorted(told["steps"])
    assert difference(told["before"], told["after"]) == {}
    assert told["left"] == []
    media, baked = coded.pictures(Path(clip))[79:39:-1], coded.pictures(Path(told["path"]))
    assert np.abs(media.astype(int) - baked).mean() < 1.5, "its own values, of 255"


def test_a_baked_strips_take_lies_above_it_dressed_alike(
    blender: Blender, clip: str, tmp_path: Path
) -> None:
    told = blender.run("baking", tmp_path, case="baked", clip=clip)
    assert told["in place"][0] == "ONLY_ABOVE"
    assert told["above"] == [4, 50, 90]
    assert told["dressed"] == [0.5, 8]
    assert told["shorter"] == [5, 35]
    assert told["longer"][0] == "NEEDS_BAKE"


def picture(clip: str) -> None:
    """Its first frame, beside it."""
    with av.open(clip) as container:
        first = next(container.decode(video=0)).to_ndarray(format="bgr24")
    cv2.imwrite(str(Path(clip).with_suffix(".png")), first)


def test_every_kind_is_baked_as_it_is_seen(blender: Blender, clip: str, tmp_path: Path) -> None:
    picture(clip)
    told = blender.run("baking", tmp_path, case="kinds", clip=clip)
    version = told.pop("version")
    others = {"slow"} if version < [4, 0] else {"group", "inside"}
    assert set(told) == {"still", "another rate", *others}
    for name, (can_bake, shown, baked, count) in told.items():
        assert can_bake
        codes = coded.read(Path(baked))
        assert len(codes) == count, name
        assert codes == coded.read(Path(shown)), name
    assert coded.read(Path(told["another rate"][2])) == list(range(120))
    facts = probe(Path(told["another rate"][2]))
    assert (facts.rate, facts.is_variable_rate) == (Fraction(24000, 1001), False)
    if version >= [4, 0]:
        assert coded.read(Path(told["group"][2])) == [*range(20), *range(30, 40)]
        assert coded.read(Path(told["inside"][2])) == list(range(119, 99, -1))


def test_a_baked_file_is_lossless_and_as_deep_as_blender_writes(
    blender: Blender, clip: str, tmp_path: Path
) -> None:
    told = blender.run("baking", tmp_path, case="baked", clip=clip)
    with av.open(told["path"]) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == 24
        assert (stream.width, stream.height) == (coded.WIDTH, coded.HEIGHT)
        assert stream.codec_context.name == "ffv1"
        deep = told["version"] >= [4, 2]
        assert stream.codec_context.pix_fmt == ("gbrp10le" if deep else "bgra")


def test_a_bake_that_ends_early_leaves_nothing(blender: Blender, clip: str, tmp_path: Path) -> None:
    told = blender.run("baking", tmp_path, case="stopped", clip=clip)
    assert told["cancelled"] == [False, False]
    assert told["ended"][0] == "BAKE_FAILED"
    assert told["full"][0] == told["filled"][0] == "DISK_SHORT"
    assert told["is_same"]
    assert told["left"] == []


def test_bakes_of_one_file_at_the_same_time_are_told_apart(
    blender: Blender, clip: str, tmp_path: Path
) -> None:
    told = blender.run("baking", tmp_path, case="together", clip=clip)
    first, second = map(Path, told["paths"])
    assert coded.read(first) == list(range(109, 89, -1))
    assert coded.read(second) == list(range(49, 29, -1))
    assert told["left"] == []


def test_a_bake_is_known_to_be_of_something_else_by_now(
    blender: Blender, clip: str, tmp_path: Path
) -> None:
    picture(clip)
    told = blender.run("baking", tmp_path, case="stale", clip=clip)
    version = told.pop("version")
    assert set(told) == ({"picture", "group"} if version >= [4, 0] else {"picture"})
    for before, after, refused in told.values():
        assert (before, after) == (True, False)
        assert refused[0] == "NEEDS_BAKE"


def test_a_blended_strip_is_refused_before_it_is_baked_in_vain(
    blender: Blender, clip: str, tmp_path: Path
) -> None:
    can_bake, why = blender.run("baking", tmp_path, case="together", clip=clip)["blended"]
    assert not can_bake
    assert "blended" in why
