"""Names and notes of takes: the same in every browser, and after a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pages import Browser

from lav_proto.v1 import relight_pb2 as pb
from lav_server.web.takes import _read


@pytest.fixture
def browser(server) -> Browser:
    return Browser(server.client.open_page()).let_in()


@pytest.fixture(scope="module")
def job(server, clip: Path) -> pb.Job:
    return server.client.submit(server.request(clip, "named.mp4"))


def test_every_browser_sees_a_takes_name(server, browser: Browser, job: pb.Job) -> None:
    other = Browser(server.client.open_page()).let_in()
    with other.events("/events") as seen:
        seen.next("takes")
        said = {"name": "Abend – warm", "notes": "second line\nof notes"}
        told = browser.told("POST", f"/takes/{job.id}", json.dumps(said))
        assert told["takes"][job.id] == said
        assert seen.next("takes")["takes"][job.id] == said
    assert other.told("GET", "/takes") == told


def test_a_name_that_is_taken_away_is_told_too(browser: Browser, job: pb.Job) -> None:
    browser.told("POST", f"/takes/{job.id}", json.dumps({"name": "A", "notes": ""}))
    with browser.events("/events") as seen:
        assert seen.next("takes")["takes"][job.id]["name"] == "A"
        browser.told("POST", f"/takes/{job.id}", json.dumps({"name": ""}))
        assert job.id not in seen.next("takes")["takes"]


def test_what_is_left_out_stays_and_what_is_empty_goes(browser: Browser, job: pb.Job) -> None:
    browser.told("POST", f"/takes/{job.id}", json.dumps({"name": "A", "notes": "n"}))
    told = browser.told("POST", f"/takes/{job.id}", json.dumps({"notes": "m"}))
    assert told["takes"][job.id] == {"name": "A", "notes": "m"}
    told = browser.told("POST", f"/takes/{job.id}", json.dumps({"name": "", "notes": ""}))
    assert job.id not in told["takes"]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"name": "x" * 201}),
        json.dumps({"notes": "x" * 5001}),
        json.dumps({"name": "two\nlines"}),
        json.dumps({"name": 1}),
        json.dumps({"path": "x"}),
        json.dumps(["name"]),
        "{",
        "[" * 100_000,
        '"' + "x" * 2**21 + '"',
        b"\xff\xfe",
    ],
    ids=["long", "longer", "lines", "number", "other", "list", "broken", "deep", "huge", "bytes"],
)
def test_only_short_texts_are_kept(browser: Browser, job: pb.Job, body: str | bytes) -> None:
    assert browser.refused("POST", f"/takes/{job.id}", body)["status"] == 400


def test_there_are_no_words_on_what_is_no_render(browser: Browser) -> None:
    assert browser.refused("POST", "/takes/nobody", "{}")["code"] == "JOB_UNKNOWN"


def test_words_outlive_a_restart(running_server, tmp_path: Path, make_clip) -> None:
    (tmp_path / "media").mkdir()
    clip = make_clip(tmp_path / "media" / "clip.mp4")
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        browser = Browser(server.client.open_page()).let_in()
        job = server.client.submit(server.request(clip, "kept.mp4"))
        browser.told("POST", f"/takes/{job.id}", json.dumps({"name": "Kept"}))
    with running_server(tmp_path / "home", tmp_path / "media"):
        assert browser.told("GET", "/takes")["takes"] == {job.id: {"name": "Kept"}}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"a": {"name": "n"}}'])
def test_a_file_that_is_not_ours_is_no_obstacle(tmp_path: Path, text: str) -> None:
    (tmp_path / "takes.json").write_text(text)
    assert _read(tmp_path / "takes.json") in ({}, {"a": {"name": "n"}})
