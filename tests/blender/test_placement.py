"""A take in a strip's place changes what is seen in every frame and nothing else."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from blender import coded
from blender.conftest import Blender, difference

pytestmark = pytest.mark.blender

ORIGINAL = list(range(40, 80))  # what the strip shows
RELIT = [code + coded.TAKE for code in ORIGINAL]
TIMES = {  # of which a strip shows which of its media frames
    "filepath elements content_duration content_start content_end left_handle_offset "
    "right_handle_offset frame_duration frame_start frame_offset_start frame_offset_end"
}
WHY = {
    "missing": "TAKE_MISSING",
    "no video": "PLACEMENT_FAILED",
    "other length": "PLACEMENT_FAILED",
    "other rate": "PLACEMENT_FAILED",
    "short": "TAKE_SHORT",
    "locked": "STRIP_LOCKED",
    "channel locked": "STRIP_LOCKED",
    "reversed": "CLIP_CHANGED",
    "other file": "CLIP_CHANGED",
    "gone": "CLIP_GONE",
    "blended": "BLENDED",
    "channels locked": "CHANNELS_FULL",
    "other length above": "PLACEMENT_FAILED",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A clip, another beside it, and two takes of parts of the clip."""
    folder = tmp_path_factory.mktemp("coded")
    made = {
        "clip": coded.write(folder / "clip.mp4", range(120)),
        "other": coded.write(folder / "other.mp4", range(500, 530)),
        "take": coded.write(folder / "take.mp4", range(28, 92), is_take=True),
        "late": coded.write(folder / "late.mp4", range(90, 120), is_take=True),
        "second": coded.write(folder / "second.mp4", range(38, 88), is_take=True),
    }
    return {name: str(path) for name, path in made.items()}


def test_a_take_in_place_changes_the_file_and_where_it_begins_alone(
    blender: Blender, files: dict[str, str], tmp_path: Path
) -> None:
    told = blender.run("placement", tmp_path, case="in_place", **files)
    assert told["clip"] == ["the strip", 40, 40, 50, "24", 2]
    assert told["is_same_clip"]
    assert told["before"]["keys"], "the strip has keyframes, which must stay"
    for shown in ("first", "second"):
        changed = difference(told["before"], told[shown])
        assert {path.rpartition("/")[0] for path in changed} == {"/strips/the strip"}
        assert {path.rpartition("/")[2] for path in changed} <= set(*map(str.split, TIMES))
    assert difference(told["before"], told["back"]) == {}


def test_every_frame_is_of_the_take_and_the_same_media_frame(
    blender: Blender, files: dict[str, str], tmp_path: Path
) -> None:
    told = blender.run("placement", tmp_path, case="seen", **files)
    seen = {path.stem: path for path in tmp_path.glob("*.mkv")}
    assert coded.read(seen["before"]) == coded.read(seen["back"]) == ORIGINAL
    assert coded.read(seen["after"]) == coded.read(seen["multicam"]) == RELIT
    assert coded.read(seen["above"]) == RELIT
    assert told["above"] == [4, 50, 90]
    assert told["covered"] == [told["between"]]
    before, after = (coded.pictures(seen[f"dressed {one}"]) for one in ("before", "after"))
    both = coded.pictures(seen["before"])
    stripe = slice((coded.BITS + 3 - 3) * coded.STRIPE, (coded.BITS + 3 - 2) * coded.STRIPE)
    apart = np.abs(after.astype(int) - before).mean(axis=(0, 1, 3))
    assert apart[stripe].min() > 20, "the take's own stripe, mirrored as the strip is"
    assert np.delete(apart, np.r_[stripe.start - 4 : stripe.stop + 4]).max() < 3
    assert np.abs(both.astype(int) - before).mean() > 20, "the strip is dressed"


def test_a_take_above_has_its_strips_modifiers_and_keyframes(
    blender: Blender, files: dict[str, str], tmp_path: Path
) -> None:
    told = blender.run("placement", tmp_path, case="alike_above", **files)
    assert told["kinds"][0] == told["kinds"][1]
    assert len(told["kinds"][1]) == 4
    assert told["keys"][0] == told["keys"][1]
    assert len(told["keys"][1]) == 3
    assert told["left"] == [False, True]
    place, above = (coded.pictures(tmp_path / f"{one}.mkv") for one in ("place", "above"))
    assert place.shape == above.shape
    assert place.std(axis=0).max() > 5, "it moves"
    assert np.abs(place.astype(int) - above).max() <= 1


def test_a_take_fits_where_there_is_no_room_to_move(
    blender: Blender, files: dict[str, str], tmp_path: Path
) -> None:
    told = blender.run("placement", tmp_path, case="tight", **files)
    version = told.pop("version")
    assert len(told) == (5 if version >= [4, 0] else 4)
    for name in told:
        assert told[name]["is_shown"], name
        assert told[name]["is_same"], name
        assert difference(told[name]["before"], told[name]["back"]) == {}, name


def test_what_cannot_be_placed_leaves_the_timeline_as_it_was(
    blender: Blender, files: dict[str, str], tmp_path: Path
) -> None:
    coded.write(tmp_path / "rate.mp4", range(28, 92), Fraction(25), is_take=True)
    told = blender.run("placement", tmp_path, case="refused", **files)
    told.pop("version")
    assert {name: one["code"] for name, one in told.items()} == WHY
    assert all(one["is_same"] for one in told.values()), told
    assert all(one["said"] for one in told.values())
