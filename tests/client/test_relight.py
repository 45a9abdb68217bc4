"""`lav relight` and its neighbours as people run them: the real command, the real server."""

from __future__ import annotations

import json
import os
from pathlib import Path

import av
import opentimelineio as otio
import pytest

from lav_engine.light import lightfile

KEYS = {
    "output", "otio", "frames", "rate", "width", "height", "engine", "exposure", "seconds",
    "warnings", "unmatched_words",
}  # fmt: skip


def frames_in(path: str) -> int:
    with av.open(path) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.fixture(scope="module")
def result(lav, shot, server):
    """One take with everything beside it, as `--json` tells it."""
    folder = server.folder / "result"
    folder.mkdir()
    run = lav(
        "relight", shot, "-o", folder / "take.mov", "--range", "4:12", "--from", "left",
        "--prompt", "golden hour, a walking bear", "--otio", folder / "cut.otio",
        "--sheet", folder / "sheet.png", "--save-light", folder / "light.json", "--json",
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_the_json_object_tells_what_came_out(result, shot):
    assert result.keys() >= KEYS
    assert (result["frames"], result["rate"]) == (12, "24")
    assert (result["width"], result["height"], result["engine"]) == (160, 96, "draft")
    assert isinstance(result["exposure"], float)
    assert {"walking", "bear"} <= set(result["unmatched_words"])


def test_the_take_has_the_frames_that_were_asked_for(result):
    assert frames_in(result["output"]) == result["frames"]


def test_the_timeline_opens_and_points_at_take_and_clip(result, shot):
    (found,) = otio.adapters.read_from_file(result["otio"]).find_clips()
    assert found.media_reference.target_url == result["output"]
    assert found.media_references()["Original"].target_url == str(shot)
    assert found.source_range.start_time.to_timecode() == "01:00:00:04"
    assert found.metadata["lav"]["job"] == result["job"]


def test_the_sheet_is_a_picture(result):
    assert Path(result["sheet"]).read_bytes().startswith(b"\x89PNG")


def test_a_saved_light_gives_the_same_exposure_to_another_range(result, lav, shot, folder):
    saved = Path(result["otio"]).with_name("light.json")
    assert lightfile.from_json(saved.read_text()).exposure == result["exposure"]
    run = lav("relight", shot, "-o", folder / "b.mov", "--range", "0:4", "--light", saved, "--json")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["exposure"] == result["exposure"]


def test_for_people_stdout_is_the_take_and_stderr_the_rest(lav, shot, folder):
    source = folder / "my clip.mov"
    source.write_bytes(shot.read_bytes())
    marks = ("--in", "01:00:00:02", "--out", "01:00:00:05")
    takes = [lav("relight", source, "--preset", "golden-hour", *marks) for _ in range(2)]
    assert [run.returncode for run in takes] == [0, 0]
    names = [Path(run.stdout.strip()).name for run in takes]
    assert names == ["my clip_relit.mov", "my clip_relit_v002.mov"]
    assert frames_in(takes[0].stdout.strip()) == 4
    assert "--exposure" in takes[0].stderr
    assert "\x1b" not in takes[0].stderr


def test_a_plan_renders_nothing(lav, shot, folder):
    out = folder / "take.mov"
    run = lav("relight", shot, "-o", out, "--from", "right", "--plan", "--json")
    assert run.returncode == 0, run.stderr
    plan = json.loads(run.stdout)
    assert plan["codec"] == "h264"
    assert plan["disk_bytes"] > 0
    assert not list(folder.iterdir())


def test_a_preview_is_a_png(lav, shot, folder):
    out = folder / "frame.png"
    run = lav("preview", shot, "--at", "5", "-o", out, "--from", "left", "--json")
    assert run.returncode == 0, run.stderr
    assert out.read_bytes().startswith(b"\x89PNG")
    assert json.loads(run.stdout)["output"] == str(out)


def test_a_preview_called_jpg_is_a_jpeg(lav, shot, folder):
    out = folder / "frame.jpg"
    assert lav("preview", shot, "--at", "5", "-o", out, "--from", "left").returncode == 0
    assert out.read_bytes().startswith(b"\xff\xd8")


def test_words_nobody_understood_are_told_before_the_render(lav, shot, folder):
    said = lav("relight", shot, "-o", folder / "a.mov", "--prompt", "golden hour, a bear").stderr
    assert said.index("Note: Draft did not understand: bear") < said.index("Looking at the clip")


@pytest.mark.parametrize("plan", [(), ("--plan",)])
def test_two_results_in_one_file_are_refused_before_the_render(plan, lav, shot, folder):
    out = folder / "take.mov"
    run = lav("relight", shot, "-o", out, "--otio", out, "--from", "left", *plan)
    assert run.returncode == 2
    assert "--output and --otio both name" in run.stderr
    assert not list(folder.iterdir())


def test_a_probe_tells_the_facts(lav, shot):
    facts = json.loads(lav("probe", shot, "--json").stdout)
    assert (facts["frames"], facts["rate"], facts["timecode"]) == (24, "24", "01:00:00:00")
    assert "160x96" in lav("probe", shot).stdout


def test_presets_are_listed_with_their_lights(lav):
    listed = json.loads(lav("presets", "--json").stdout)
    assert len(listed) >= 8
    assert all(preset["light"]["lamps"] for preset in listed)


def test_jobs_are_listed_and_a_finished_one_can_still_be_watched(result, lav):
    listed = {job["job"]: job for job in json.loads(lav("jobs", "list", "--json").stdout)}
    assert listed[result["job"]]["state"] == "done"
    watched = lav("jobs", "watch", result["job"])
    assert watched.returncode == 0
    assert watched.stdout.strip() == result["output"]
    cancelled = lav("jobs", "cancel", result["job"])
    assert cancelled.returncode == 0
    assert Path(result["output"]).exists()


def test_the_servers_state_is_told(lav, server):
    status = json.loads(lav("server", "status", "--json").stdout)
    assert status["home"] == str(server.home)
    assert "draft" in status["engines"]


def test_another_home_is_another_server(lav, folder):
    assert lav("server", "status").returncode == 0
    other = lav("--home", folder / "home", "server", "status")
    assert other.returncode == 4
    assert "lav server start" in other.stderr or "Start" in other.stderr


# --- bad input ------------------------------------------------------------------------------------


def make_bad(kind: str, folder: Path, shot: Path) -> Path | str:
    path = folder / "bad.mov"
    if kind == "empty":
        path.touch()
    elif kind == "truncated":
        path.write_bytes(shot.read_bytes()[:600])
    elif kind == "text":
        path.write_text("This is not a video.\n" * 100)
    elif kind == "playlist":
        path = folder / "bad.mp4"
        path.write_text(f"#EXTM3U\n#EXTINF:1,\n{shot}\n#EXT-X-ENDLIST\n")
    elif kind == "concat":
        path.write_text(f"ffconcat version 1.0\nfile {shot}\n")
    elif kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "url":
        return "http://localhost:9/clip.mov"
    return path


@pytest.mark.parametrize(
    "kind",
    ["missing", "empty", "truncated", "text", "playlist", "concat", "directory", "fifo", "url"],
)
def test_media_that_is_none_is_one_sentence(kind, lav, shot, folder):
    bad = make_bad(kind, folder, shot)
    before = set(folder.iterdir())
    run = lav("relight", bad, "-o", folder / "take.mov", "--from", "left")
    assert run.returncode == 1, run.stderr
    assert_one_sentence(run)
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("options", "code", "word"),
    [
        (("--range", "20:5"), 1, "24"),
        (("--range", "1000000000:1"), 1, "24"),
        (("--in", "02:00:00:00"), 1, "01:00:00:23"),
        (("--engine", "warp"), 2, "draft"),
        (("--preset", "sparkle"), 2, "sparkle"),
        (("--mask", "nowhere.png"), 1, "nowhere.png"),
        (("--otio", "nowhere/cut.otio"), 1, "nowhere"),
        (("--sheet", "nowhere/sheet.png"), 1, "nowhere"),
    ],
)
def test_what_does_not_fit_the_clip_is_one_sentence(options, code, word, lav, shot, folder):
    out = folder / "take.mov"
    run = lav("relight", shot, "-o", out, "--from", "left", *options)
    assert run.returncode == code, run.stderr
    assert word in run.stderr
    assert_one_sentence(run)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("option", ["--prompt", "--preset", "--engine", "--mask"])
def test_bytes_that_are_no_text_are_one_sentence(option, lav, shot, folder):
    run = lav("relight", shot, "-o", folder / "take.mov", "--from", "left", option, "\udcff")
    assert run.returncode == 2
    assert_one_sentence(run)


def test_no_light_at_all_is_a_question_of_usage(lav, shot, folder):
    run = lav("relight", shot, "-o", folder / "take.mov")
    assert run.returncode == 2
    assert_one_sentence(run)


def test_an_output_that_exists_is_never_replaced(lav, shot, folder):
    out = folder / "take.mov"
    out.write_text("mine")
    run = lav("relight", shot, "-o", out, "--from", "left", "--json")
    assert run.returncode == 1
    assert json.loads(run.stdout)["error"]["code"] == "OUTPUT_EXISTS"
    assert out.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "code"), [("nowhere/take.mov", 1), ("take", 2), ("take.avi", 2), ("", 1)]
)
def test_an_output_that_cannot_be_written_is_one_sentence(name, code, lav, shot, folder):
    run = lav("relight", shot, "-o", folder / name, "--from", "left")
    assert run.returncode == code
    assert_one_sentence(run)
    assert not list(folder.iterdir())


def assert_one_sentence(run) -> None:
    assert run.stdout == ""
    assert "Traceback" not in run.stderr
    told = [line for line in run.stderr.splitlines() if not line.startswith(("Job ", "Note: "))]
    assert len(told) == 1
    assert told[0].endswith((".", "?"))
