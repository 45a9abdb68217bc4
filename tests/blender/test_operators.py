"""From the panel's buttons to takes on the timeline: real Blender, bridge, server and Draft."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from blender import coded
from blender.conftest import Blender

from lav_server import discovery

pytestmark = [pytest.mark.blender, pytest.mark.timeout(400)]


def bridge_of(home: Path) -> list[str]:
    return [sys.executable, "-P", "-m", "lav_client.entry", "--home", str(home)]


@pytest.fixture(autouse=True)
def bridge(server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAV_BRIDGE", json.dumps([*bridge_of(server.home), "bridge"]))


@pytest.fixture
def folder(server, blender: Blender, request: pytest.FixtureRequest) -> Path:
    path = server.folder / blender.name / request.node.originalname
    path.mkdir(parents=True)
    return path


@pytest.fixture
def clip(folder: Path) -> str:
    return str(coded.write(folder / "clip.mp4", range(120)))


@pytest.fixture
def long(folder: Path) -> str:
    """Work for some seconds."""
    return str(coded.write(folder / "long.mp4", range(200)))


def ball(path: Path) -> str:
    """12 frames of an evenly lit ball before a grey wall."""
    y, x = np.mgrid[0 : coded.HEIGHT, 0 : coded.WIDTH]
    away = np.hypot(x - coded.WIDTH / 2, y - coded.HEIGHT / 2) / (0.42 * coded.HEIGHT)
    shade = np.where(away < 1, 90 + 90 * np.sqrt(np.clip(1 - away**2, 0, 1)), 60)
    picture = np.repeat(shade[..., None], 3, axis=2).astype(np.uint8)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = coded.WIDTH, coded.HEIGHT, "yuv420p"
        stream.options = {"crf": "10"}
        for _ in range(12):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return str(path)


def sidedness(pictures: np.ndarray) -> float:
    """Stops by which the right half of the ball is brighter than the left."""
    middle, reach = coded.WIDTH // 2, int(0.35 * coded.HEIGHT)
    rows = slice(coded.HEIGHT // 4, -coded.HEIGHT // 4)
    linear = (pictures[:, rows].mean(axis=-1) / 255) ** 2.4
    left, right = linear[..., middle - reach : middle], linear[..., middle : middle + reach]
    return float(np.log2(right.mean() / left.mean()))


def test_strips_relit_at_once_keep_every_frame_and_show_their_light(
    blender: Blender, folder: Path, clip: str
) -> None:
    other = str(coded.write(folder / "other.mp4", range(500, 530)))
    told = blender.run(
        "operators", folder, case="relit", clip=clip, other=other, ball=ball(folder / "ball.mp4")
    )
    assert (told["notice"], told["renders"]) == ("", 0)
    a, b, left, right = told["shown"]
    assert Path(a).parent == folder / "LAV Takes"
    (take,) = told["takes"]["a"]
    assert (take["path"], take["span"], take["is_there"]) == (a, [28, 64], True)
    assert b == other, "a take above leaves its original where it was"
    ((first, end, above),) = told["above"]
    assert (first, end) == (100, 130)
    assert Path(above).name == "other_lav_soft-window_v001.mov"
    assert {Path(left).stem, Path(right).stem} == {f"ball_lav_soft-window_v00{n}" for n in (1, 2)}
    codes = coded.read(Path(told["path"]))
    assert codes[:40] == list(range(40, 80))
    assert codes[50:80] == list(range(500, 530))
    pictures = coded.pictures(Path(told["path"])).astype(float)
    sides = [sidedness(pictures[first : first + 12]) for first in (90, 110)]
    assert sides[0] < -0.3 < 0.3 < sides[1]


def test_a_strip_has_a_light_of_its_own_that_can_be_copied(
    blender: Blender, folder: Path, clip: str
) -> None:
    told = blender.run("operators", folder, case="light_is_kept_apart", clip=clip)
    assert told["asked"] == ["three-point", True]
    assert told["filled"] == [3, 150]
    assert told["by_hand"] == [
        ["ROLE_KEY", 3200.0, 0.0],
        ["ROLE_FILL", 5600.0, pytest.approx(-1.6)],
        ["ROLE_RIM", 5600.0, -1.5],
    ]
    assert told["ambient"]
    assert told["is_pasted"]
    assert told["is_default"] == [False, "soft-window"]
    assert told["after_words"] == [False, 3]


def test_a_preview_is_an_image_and_its_exposure_can_be_locked(
    blender: Blender, folder: Path, clip: str
) -> None:
    told = blender.run("operators", folder, case="preview", clip=clip)
    assert told["size"] == [coded.WIDTH, coded.HEIGHT]
    assert told["media_frame"] == 50
    solved, locked = told["exposure"]
    assert locked == pytest.approx(solved, abs=1e-6)
    assert told["asked"] == locked


def test_takes_are_delivered_again_extended_and_managed(
    blender: Blender, folder: Path, clip: str
) -> None:
    told = blender.run("operators", folder, case="versions", clip=clip)
    assert told["before"][0] == ""
    first, none = told["before"][1]
    assert (first["span"], first["amount"]) == ([38, 24], 1.0)
    assert (none["span"], none["amount"]) == ([38, 24], 0.0)
    longest = told["extended"][2]
    assert longest["amount"] == 0.0
    assert longest["span"][0] <= 38
    assert sum(longest["span"]) >= 90
    assert coded.read(Path(told["path"])) == list(range(40, 90))
    assert told["exposure"][0] == pytest.approx(told["exposure"][0])
    assert told["exposure"][1]
    assert told["original"] == clip
    assert told["compared"] == longest["path"]
    left, shown = told["removed"]
    assert [one["name"] for one in left] == ["First", none["name"]]
    assert shown == clip
    assert Path(longest["path"]).is_file()


def test_a_render_survives_closing_and_its_project_moving(
    blender: Blender, server, folder: Path, long: str, tmp_path: Path
) -> None:
    blend = folder / "project.blend"
    told = blender.run("operators", tmp_path, case="begun", clip=long, blend=str(blend))
    (render,) = told["renders"]
    assert render["job"]
    list(server.client.watch(render["job"]))
    told = blender.run("operators", tmp_path, case="gone_on", blend=str(blend))
    assert told["notice"] == ["UNFINISHED", "resume"]
    assert told["left"] == 0
    (take,) = told["takes"]
    assert told["shown"] == take["path"]
    moved = folder.rename(folder.with_name("moved"))
    told = blender.run("operators", tmp_path, case="moved", blend=str(moved / "project.blend"))
    assert told["notice"] == ""
    assert Path(told["shown"]) == moved / "LAV Takes" / Path(take["path"]).name
    assert Path(told["original"]) == moved / "long.mp4"
    assert [one["is_there"] for one in told["takes"]] == [True]


@pytest.mark.slow  # of sessions alone it is tested each time
def test_whatever_dies_is_said_or_goes_on_and_the_strip_is_whole(
    blender: Blender, tmp_path: Path, running_server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # a server started in its place may work there
    home, media = tmp_path / "home", tmp_path / "media"
    media.mkdir()
    clip = coded.write(media / "long.mp4", range(160))
    monkeypatch.setenv("LAV_BRIDGE", json.dumps([*bridge_of(home), "bridge"]))
    with running_server(home, media) as server:
        told = blender.run(
            "operators",
            tmp_path,
            case="deaths",
            clip=str(clip),
            server=server.process.pid,
            cli=bridge_of(home),
        )
        stop(home)
    assert told["bridge"] == {"code": "", "is_same": False, "new": 1}
    assert told["cancelled"] == {"code": "CANCELLED", "is_same": True, "new": 1}
    assert told["server"] == {"code": "", "is_same": False, "new": 1}


def stop(home: Path) -> None:
    found = discovery.read(home)
    assert found is not None
    process = psutil.Process(found.pid)
    process.terminate()
    process.wait(15)


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """In the place of the folder for takes."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root on Linux")
    path = folder / "LAV Takes"
    path.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "lav-test", str(path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    yield path
    subprocess.run(["umount", "-l", str(path)], capture_output=True, check=False)


def test_a_full_disk_is_said_with_a_way_on_and_changes_nothing(
    blender: Blender, folder: Path, clip: str, small_disk: Path
) -> None:
    told = blender.run("operators", folder, case="full", clip=clip)
    assert (told["code"], told["action"]) == ("DISK_SHORT", "retry")
    assert told["shown"] == clip
    assert told["takes"] == []
    assert told["undone"] == 1
    assert list(small_disk.iterdir()) == []


def test_a_first_take_of_a_strip_that_is_unfit_by_now_is_in_its_list(
    blender: Blender, folder: Path, clip: str
) -> None:
    other = str(coded.write(folder / "other.mp4", range(30)))
    told = blender.run("operators", folder, case="unfit_meanwhile", clip=clip, other=other)
    for name, why in {"locked": "is locked", "reversed": "turned around"}.items():
        one = told["told"][name]
        assert why in one["said"][0]
        assert f"The take is in the list of the {name}, but not shown." in one["said"][0]
        assert ([take["is_there"] for take in one["takes"]], one["shown"]) == ([True], clip)
    swapped = told["told"]["other file"]
    assert "shows another file by now" in swapped["said"][0]
    assert "LAV Takes" in swapped["said"][1]
    assert (swapped["takes"], swapped["shown"]) == ([], other)
    assert told["unlocked"] == told["told"]["locked"]["takes"][0]["path"]


def test_takes_return_through_a_timeline_file(blender: Blender, folder: Path, clip: str) -> None:
    told = blender.run("operators", folder, case="timeline", clip=clip)
    assert told["notice"] == ""
    assert told["shown"] == told["take"]
    assert coded.read(Path(told["path"])) == list(range(40, 80))


def test_a_strip_of_another_rate_is_baked_and_relit_from_one_button(
    blender: Blender, folder: Path
) -> None:
    clip = coded.write(folder / "clip.mp4", range(120), Fraction(60))
    told = blender.run("operators", folder, case="baked", clip=str(clip))
    assert told["refused"] == ["NEEDS_BAKE", "Bake and Relight"]
    assert told["steps"] == [0.0], "under way, and nothing waited for it"
    assert told["title"] in told["warned"], "it will be covered"
    path, takes = told["below"]
    assert path == str(clip)
    assert [one["amount"] for one in takes] == [0.0], "the strip below knows its take"
    assert told["above"] == [4, 0, 0]
    before, after = (coded.read(Path(shot)) for shot in told["shots"])
    assert before == after
    assert len(set(after)) > 20
    assert told["varied"] == [0.0, 0.5]
    assert told["selected"][:2] == [True, False]


def test_strips_that_need_a_bake_are_baked_in_turn_from_one_press(
    blender: Blender, folder: Path, clip: str
) -> None:
    told = blender.run("operators", folder, case="baked_in_turn", clip=clip)
    assert told["at once"] == [1, 1]
    assert [len(takes) for takes in told["takes"]] == [1, 1]
    assert told["above"] == [1, 1]
    assert told["notice"] == ""


def test_what_the_panel_shows_is_what_its_buttons_are_about(
    blender: Blender, folder: Path, clip: str
) -> None:
    told = blender.run("operators", folder, case="pasted", clip=clip)
    assert told["by_hand"] == [False, False]
    chosen, active = told["chosen"]
    assert chosen == [active]
    assert told["mask"] == ["MASK_MISSING", 0]


def test_what_cannot_be_relit_is_said_with_one_thing_to_do(
    blender: Blender, folder: Path, clip: str
) -> None:
    told = blender.run("operators", folder, case="bad", clip=clip)
    codes = {name: (one["code"], one["action"]) for name, one in told.items() if name != "version"}
    assert codes == {
        "nothing": ("NO_CLIP", "dismiss"),
        "sound": ("UNFIT", "dismiss"),
        "missing": ("UNFIT", "dismiss"),
        "locked": ("UNFIT", "dismiss"),
        "retimed": ("NEEDS_BAKE", "bake and relight"),
    }
    for name in codes:
        assert told[name]["is_same"], name
        assert told[name]["renders"] == 0
        assert told[name]["said"].endswith(".")
        assert told[name]["label"]
