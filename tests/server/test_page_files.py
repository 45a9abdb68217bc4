"""Frames, folders and uploads of the page: within the roots, whole or not at all."""

from __future__ import annotations

import asyncio
import http.client
import os
import shutil
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from pages import Browser

from lav_engine.errors import Code, LavError
from lav_server.security import Roots
from lav_server.web.browsing import listing
from lav_server.web.uploads import MOST, Uploads, checked_name


@pytest.fixture
def browser(server) -> Browser:
    return Browser(server.client.open_page()).let_in()


def uploads(home: Path) -> list[Path]:
    """What is in the folder of uploads, by name."""
    folder = home / "uploads"
    return sorted(Path(one, name) for one, a, b in os.walk(folder) for name in (*a, *b))


def until(claim, limit: float = 10.0) -> None:
    deadline = time.monotonic() + limit
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.05)


# --- frames -------------------------------------------------------------------------------------


def test_a_frame_is_the_sources_own_as_jpeg(browser: Browser, clip: Path) -> None:
    one, headers, data = browser.fetch("GET", f"/frame?path={quote(str(clip))}&frame=0&width=80")
    assert (one, headers["content-type"], data[:2]) == (200, "image/jpeg", b"\xff\xd8")
    other = browser.fetch("GET", f"/frame?path={quote(str(clip))}&frame=23&width=80")[2]
    assert other != data


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "BAD_VALUE"),
        ("path={clip}&frame=24", "RANGE_OUTSIDE"),
        ("path={clip}&frame=-1", "BAD_VALUE"),
        ("path={clip}&frame=%C2%B2", "BAD_VALUE"),
        ("path={clip}&width=1000000", "BAD_VALUE"),
        ("path={clip}&width=99999999999999999999", "BAD_VALUE"),
        ("path=/etc/passwd", "OUTSIDE_ROOTS"),
        ("path={folder}/../../../../etc/passwd", "OUTSIDE_ROOTS"),
        ("path={folder}/none.mp4", "MEDIA_MISSING"),
        ("path=http://127.0.0.1/clip.mp4", "MEDIA_UNSUPPORTED"),
        ("path=%00", "BAD_VALUE"),
    ],
)
def test_no_other_frame_is_given(
    server, browser: Browser, clip: Path, query: str, code: str
) -> None:
    said = query.format(clip=quote(str(clip)), folder=quote(str(server.folder)))
    assert browser.refused("GET", f"/frame?{said}")["code"] == code


# --- folders ------------------------------------------------------------------------------------


def test_a_folder_shows_its_folders_and_clips(server, browser: Browser, clip: Path) -> None:
    inner = server.folder / "shoot"
    inner.mkdir()
    (inner / "day 1").mkdir()
    (inner / ".hidden").mkdir()
    shutil.copy(clip, inner / "B.MOV")
    shutil.copy(clip, inner / "a.mp4")
    shutil.copy(clip, inner / ".c.mp4")
    (inner / "notes.txt").touch()
    os.mkfifo(inner / "pipe.mp4")
    told = browser.told("GET", "/browse", folder=str(inner))
    assert (told["folders"], told["clips"]) == (["day 1"], ["a.mp4", "B.MOV"])
    assert told["parent"] == str(server.folder.resolve())
    assert browser.told("GET", "/browse", folder=told["parent"])["parent"] is None
    assert str(server.folder.resolve()) in told["roots"]


def test_among_masks_there_are_stills_too(server, browser: Browser, clip: Path) -> None:
    inner = server.folder / "masks"
    inner.mkdir()
    shutil.copy(clip, inner / "matte.mov")
    for name in ("still.PNG", "still.exr", "notes.txt", "light.json"):
        (inner / name).touch()
    asked = {"folder": str(inner)}
    assert browser.told("GET", "/browse", **asked)["clips"] == ["matte.mov"]
    found = browser.told("GET", "/browse", **asked, kind="masks")["clips"]
    assert found == ["matte.mov", "still.exr", "still.PNG"]
    assert browser.refused("GET", "/browse", **asked, kind="all")["status"] == 400


def test_without_a_folder_the_first_root_is_shown(browser: Browser) -> None:
    told = browser.told("GET", "/browse")
    assert told["folder"] == told["roots"][0]


def test_links_out_of_the_roots_are_neither_listed_nor_followed(
    server, browser: Browser, tmp_path: Path, clip: Path
) -> None:
    inner = server.folder / "links"
    inner.mkdir()
    shutil.copy(clip, tmp_path / "secret.mp4")
    (inner / "out").symlink_to(tmp_path, target_is_directory=True)
    (inner / "out.mp4").symlink_to(tmp_path / "secret.mp4")
    (inner / "round").symlink_to("round")
    (inner / "in.mp4").symlink_to(clip)
    told = browser.told("GET", "/browse", folder=str(inner))
    assert (told["folders"], told["clips"]) == ([], ["in.mp4"])
    assert browser.refused("GET", "/browse", folder=str(inner / "out"))["code"] == "OUTSIDE_ROOTS"


@pytest.mark.parametrize("folder", ["/", "/etc", "{folder}/..", "relative", "//host/share", "\0"])
def test_no_folder_outside_the_roots_is_listed(server, browser: Browser, folder: str) -> None:
    said = browser.refused("GET", "/browse", folder=folder.format(folder=server.folder))
    assert said["code"] in ("OUTSIDE_ROOTS", "BAD_VALUE", "MEDIA_MISSING")


def test_names_that_are_no_text_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "plain.mp4").touch()
    (tmp_path / os.fsdecode(b"\xff.mp4")).touch()
    (tmp_path / "line\nbreak.mp4").touch()
    assert listing(Roots((tmp_path,)), str(tmp_path))["clips"] == ["plain.mp4"]


# --- uploads ------------------------------------------------------------------------------------


def test_an_upload_is_a_clip_like_any_other(server, browser: Browser, clip: Path) -> None:
    told = browser.told("PUT", "/upload", clip.read_bytes(), name="Büro 1.mp4")
    path = Path(told["facts"]["path"])
    assert path.is_relative_to((server.home / "uploads").resolve())
    assert (path.name, path.read_bytes()) == ("Büro 1.mp4", clip.read_bytes())
    assert told["facts"]["frames"] == "24"
    again = browser.told("PUT", "/upload", clip.read_bytes(), name="Büro 1.mp4")
    assert again["facts"]["path"] != str(path)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../x.mp4",
        "/etc/x.mp4",
        "a/b.mp4",
        "a\\b.mp4",
        ".mp4",
        ".hidden.mp4",
        "x.m3u8",
        "x.mp4\0",
        "x\n.mp4",
        "no ending",
        "x.mp4/",
        "ü" * 150 + ".mp4",
        "x.part",
    ],
)
def test_hostile_names_are_refused_and_leave_nothing(
    server, browser: Browser, clip: Path, name: str
) -> None:
    before = uploads(server.home)
    assert browser.refused("PUT", "/upload", clip.read_bytes(), name=name)["status"] == 400
    assert browser.refused("GET", "/upload", name=name)["status"] == 400
    assert uploads(server.home) == before
    with pytest.raises(LavError):
        checked_name(name, server.home)


def test_what_is_no_clip_does_not_stay(server, browser: Browser) -> None:
    before = uploads(server.home)
    said = browser.refused("PUT", "/upload", b"#!/bin/sh\n" * 1000, name="clip.mp4")
    assert said["code"] == "MEDIA_UNREADABLE"
    assert browser.refused("PUT", "/upload", b"", name="clip.mp4")["status"] == 400
    assert uploads(server.home) == before


def test_a_browser_hears_why_a_large_file_was_refused(server, browser: Browser) -> None:
    before = uploads(server.home)
    assert browser.refused("PUT", "/upload", bytes(2**26), name="notes.txt")["status"] == 400
    assert browser.refused("PUT", "/upload", bytes(2**26), name="zeros.mp4")["status"] == 400
    assert uploads(server.home) == before


def test_an_upload_that_stands_still_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("lav_server.web.uploads.PATIENCE", 0.1)
    taking = Uploads(tmp_path / "uploads", None, reserve=0)  # type: ignore[arg-type]

    async def stalled() -> AsyncIterator[bytes]:
        yield bytes(2**23)
        await asyncio.sleep(60)

    async def take() -> None:
        async with taking._place() as folder:
            await taking._receive(stalled(), folder / "upload.part", folder / "clip.mp4")

    with pytest.raises(LavError, match="stood still"):
        asyncio.run(take())
    assert list((tmp_path / "uploads").iterdir()) == []


def test_a_clip_too_large_for_the_disk_is_refused_before_it_is_sent(
    server, browser: Browser
) -> None:
    connection = browser.connect()
    connection.putrequest("PUT", "/upload?name=clip.mp4")
    connection.putheader("Cookie", browser.cookie)
    connection.putheader("Content-Length", str(10**15))
    connection.endheaders()
    assert connection.getresponse().status == 507
    connection.close()
    assert browser.told("GET", "/upload", name="clip.mp4", size="1000") == {}
    assert browser.refused("GET", "/upload", name="clip.mp4", size=str(10**14))["status"] == 507


def test_an_upload_of_unsaid_length_ends_at_the_reserve(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    taking = Uploads(tmp_path / "uploads", None, reserve=free - 20 * 2**20)  # type: ignore[arg-type]
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 2**20
            yield bytes(2**20)

    async def take() -> None:
        async with taking._place() as folder:
            await taking._receive(endless(), folder / "upload.part", folder / "clip.mp4")

    with pytest.raises(LavError) as refused:
        asyncio.run(take())
    assert refused.value.code == Code.disk_short
    assert sent < 200 * 2**20
    assert list((tmp_path / "uploads").iterdir()) == []


def begun(browser: Browser, data: bytes, length: int) -> http.client.HTTPConnection:
    """An upload that has sent `data` of its `length`."""
    connection = browser.connect()
    connection.putrequest("PUT", "/upload?name=clip.mp4")
    connection.putheader("Cookie", browser.cookie)
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    connection.send(data)
    return connection


def test_an_upload_that_is_broken_off_leaves_nothing(server, browser: Browser) -> None:
    before = uploads(server.home)
    connection = begun(browser, bytes(2**20), 2**24)
    until(lambda: len(uploads(server.home)) > len(before))
    assert isinstance(connection.sock, socket.socket)
    connection.close()
    until(lambda: uploads(server.home) == before)


def test_only_so_many_uploads_go_on_at_once(server, browser: Browser, clip: Path) -> None:
    before = uploads(server.home)
    open_ones = [begun(browser, b"x", 1000) for _ in range(MOST)]
    until(lambda: len(uploads(server.home)) >= len(before) + MOST)
    assert browser.refused("PUT", "/upload", clip.read_bytes(), name="x.mp4")["status"] == 503
    for connection in open_ones:
        connection.close()
    until(lambda: uploads(server.home) == before)
    assert browser.told("PUT", "/upload", clip.read_bytes(), name="x.mp4")["facts"]["width"] == 160


def test_a_server_that_stops_takes_no_half_clip_in(running_server, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        browser = Browser(server.client.open_page()).let_in()
        connection = begun(browser, bytes(2**20), 2**30)
        until(lambda: uploads(server.home) != [])
        started = time.monotonic()
        server.process.terminate()
        server.process.wait(15)
        assert time.monotonic() - started < 8
        connection.close()
        assert uploads(server.home) == []


def test_what_a_killed_server_was_taking_in_goes_at_the_next_start(
    running_server, tmp_path: Path
) -> None:
    (tmp_path / "media").mkdir()
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        browser = Browser(server.client.open_page()).let_in()
        connection = begun(browser, bytes(2**20), 2**30)
        until(lambda: uploads(server.home) != [])
        server.process.kill()
        server.process.wait()
        connection.close()
    assert uploads(tmp_path / "home") != []
    with running_server(tmp_path / "home", tmp_path / "media"):
        assert uploads(tmp_path / "home") == []
