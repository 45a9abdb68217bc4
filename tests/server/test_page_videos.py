"""Copies to watch and measures of a take, beside its source."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import av
import numpy as np
import pytest
from pages import Browser

from lav_proto.v1 import relight_pb2 as pb
from lav_server.web.videos import Copies

FIRST, COUNT = 4, 15


@pytest.fixture(scope="module")
def browser(server) -> Browser:
    return Browser(server.client.open_page()).let_in()


@pytest.fixture(scope="module")
def job(server, clip: Path) -> pb.Job:
    """A take of frames 4..18, lit from the left by Draft."""
    job = server.client.submit(
        pb.RelightRequest(
            clip=pb.ClipRange(path=str(clip), first=FIRST, count=COUNT),
            light=pb.LightRequest(lamp=pb.Lamp(azimuth=-80), exposure=0),
            output=pb.Output(path=str(server.folder / "watched.mp4")),
        )
    )
    for _ in server.client.watch(job.id):
        pass
    job = server.client.job(job.id)
    assert job.state == pb.JOB_STATE_DONE, job.problem.message
    return job


def made(browser: Browser, job_id: str, limit: float = 60.0) -> None:
    deadline = time.monotonic() + limit
    while browser.told("GET", f"/video/{job_id}/state") != {"source": 1.0, "take": 1.0}:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def decoded(data: bytes, folder: Path) -> list[np.ndarray]:
    path = folder / "copy.mp4"
    path.write_bytes(data)
    with av.open(str(path)) as container:
        assert len(container.streams) == 1
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def test_both_copies_hold_exactly_the_takes_frames(
    browser: Browser, job: pb.Job, clip: Path, tmp_path: Path
) -> None:
    made(browser, job.id)
    copies = {}
    for side in ("source", "take"):
        status, headers, data = browser.fetch("GET", f"/video/{job.id}/{side}.mp4")
        assert (status, headers["content-type"]) == (200, "video/mp4")
        copies[side] = decoded(data, tmp_path)
    assert len(copies["source"]) == len(copies["take"]) == COUNT
    with av.open(str(clip)) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    for at in (0, COUNT - 1):
        nearest = min(
            range(len(frames)),
            key=lambda n: np.abs(frames[n].astype(int) - copies["source"][at]).mean(),
        )
        assert nearest == FIRST + at


@pytest.mark.parametrize(
    ("wanted", "status", "length"),
    [
        ("bytes=0-99", 206, 100),
        ("bytes=-10", 206, 10),
        ("bytes=999999999-", 416, None),
        ("bytes=5-2", 400, None),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(0, 4000, 2)), None, None),
    ],
    ids=["first", "last", "beyond", "backwards", "many"],
)
def test_ranges_are_given(
    browser: Browser, job: pb.Job, wanted: str, status: int | None, length: int | None
) -> None:
    made(browser, job.id)
    path = f"/video/{job.id}/take.mp4"
    whole = browser.fetch("GET", path)[2]
    found, headers, data = browser.fetch("GET", path, Range=wanted)
    if status is not None:
        assert found == status
    if length is not None:
        assert len(data) == length
        assert headers["content-range"].endswith(f"/{len(whole)}")
    assert len(data) <= 3 * len(whole) + 2**20


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/video/nobody/take.mp4", 404),
        ("/video/nobody/state", 404),
        ("/video/..%2f..%2fjobs/take.mp4", 404),
        ("/video/{job}/..%2f..%2fpage.json.mp4", 404),
        ("/video/{job}/secret.mp4", 400),
    ],
)
def test_nothing_else_is_played(browser: Browser, job: pb.Job, path: str, status: int) -> None:
    assert browser.ask("GET", path.format(job=job.id))[0] == status


def test_a_render_without_a_take_has_no_video(server, browser: Browser, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "none.mp4", fault="slow"))
    assert browser.refused("GET", f"/video/{job.id}/state")["code"] == "MEDIA_MISSING"
    body = json.dumps({"job": job.id})
    assert browser.refused("POST", "/api/MeasureTake", body)["code"] == "MEDIA_MISSING"
    server.client.cancel(job.id)


def test_a_browser_that_stops_reading_holds_up_nobody(browser: Browser, job: pb.Job) -> None:
    made(browser, job.id)
    asked = (
        f"GET /video/{job.id}/take.mp4 HTTP/1.1\r\nHost: 127.0.0.1:{browser.port}\r\n"
        f"Cookie: {browser.cookie}\r\n\r\nGET /events HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{browser.port}\r\nCookie: {browser.cookie}\r\n\r\n"
    )
    stuck = []
    for _ in range(20):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        one.connect(("127.0.0.1", browser.port))
        one.sendall(asked.encode())
        stuck.append(one)
    started = time.monotonic()
    assert browser.told("POST", "/api/ListJobs", "{}")["jobs"]
    assert time.monotonic() - started < 5
    for one in stuck:
        one.close()


def test_a_take_is_measured_beside_its_source(server, browser: Browser, job: pb.Job) -> None:
    told = browser.told("POST", "/api/MeasureTake", json.dumps({"job": job.id}))
    found = {one["name"]: one for one in told["measures"]}
    assert {"flicker", "direction", "detail"} <= set(found)
    again = server.client.measure(job.id).measures
    assert [one.name for one in again] == list(found)
    direction = found["direction"]
    assert direction["take"] - direction["source"] > 0.25
    assert "left" in direction["verdict"]
    assert found["flicker"]["source"] > 0
    assert 90 < found["detail"]["take"] <= 100
    assert "verdict" not in found["detail"]


def test_a_take_that_is_gone_is_told(server, browser: Browser, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "gone.mp4"))
    for _ in server.client.watch(job.id):
        pass
    (server.folder / "gone.mp4").unlink()
    assert browser.refused("GET", f"/video/{job.id}/state")["code"] == "MEDIA_MISSING"


def test_a_take_that_cannot_be_read_is_told_each_time_it_is_tried(
    server, browser: Browser, clip: Path
) -> None:
    job = server.client.submit(server.request(clip, "broken.mp4"))
    for _ in server.client.watch(job.id):
        pass
    (server.folder / "broken.mp4").write_bytes(b"no clip" * 1000)
    for _ in range(2):
        deadline = time.monotonic() + 60
        while (found := browser.ask("GET", f"/video/{job.id}/state"))[0] == 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert json.loads(found[1])["code"] == "MEDIA_UNREADABLE"


def test_the_copies_watched_last_stay(tmp_path: Path) -> None:
    copies = Copies(tmp_path, None, limit=250)  # type: ignore[arg-type]
    paths = [tmp_path / f"{number}.mp4" for number in range(4)]
    for age, path in enumerate(paths):
        path.write_bytes(bytes(100))
        os.utime(path, (1000 - age, 1000 - age))
    copies._trim(paths[3])
    assert sorted(tmp_path.iterdir()) == [paths[0], paths[1], paths[3]]


def test_what_a_killed_server_was_copying_is_swept(tmp_path: Path) -> None:
    (tmp_path / ".a.mp4.0011.lav-part.mp4").touch()
    (tmp_path / "b.mp4").touch()
    Copies(tmp_path, None).sweep()  # type: ignore[arg-type]
    assert [path.name for path in tmp_path.iterdir()] == ["b.mp4"]


def test_a_home_behind_a_link_plays_as_well(running_server, make_clip, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    clip = make_clip(tmp_path / "media" / "clip.mp4")
    with running_server(tmp_path / "link" / "home", tmp_path / "media") as server:
        browser = Browser(server.client.open_page()).let_in()
        told = browser.told("PUT", "/upload", clip.read_bytes(), name="clip.mp4")
        job = server.client.submit(server.request(Path(told["facts"]["path"]), "linked.mp4"))
        for _ in server.client.watch(job.id):
            pass
        made(browser, job.id)


def test_a_server_that_stops_ends_the_copying(running_server, make_clip, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    clip = make_clip(tmp_path / "media" / "clip.mp4")
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        browser = Browser(server.client.open_page()).let_in()
        job = server.client.submit(server.request(clip, "long.mp4"))
        for _ in server.client.watch(job.id):
            pass
        assert browser.told("GET", f"/video/{job.id}/state") == {"source": 0.0, "take": 0.0}
        started = time.monotonic()
        server.process.terminate()
        assert server.process.wait(15) == 0
        assert time.monotonic() - started < 10
