"""The light is chosen on the page: the browser's side is played, all else is real."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from pages import Browser
from resolve.coded import coded, codes
from resolve.fake.stage import Stage, stage
from resolve.fake.world import seen

from lav_plugin.bridge_client import Bridge
from lav_plugin.messages import PROTOCOL, Greeting
from lav_plugin.render_records import record_from_json, record_json
from lav_plugin.resolve.flow import Flow, Wanted
from lav_plugin.resolve.host import ResolveHost
from lav_plugin.resolve.page import HostPage
from lav_plugin.session import Session
from lav_proto.v1 import relight_pb2 as pb

WORDS = [sys.executable, "-P", "-m", "lav_client.entry", "--home"]


class User:
    """At the browser: relights the first offer and does with it what is wished."""

    def __init__(self, server, verdict: str, place: str) -> None:
        self._server, self._said = server, {"verdict": verdict, "place": place}
        self.offers: list[dict] = []

    def open(self, url: str) -> None:
        threading.Thread(target=self._work, args=(url,), daemon=True).start()

    def _work(self, url: str) -> None:
        browser = Browser(url).let_in()
        session = url.rpartition("host=")[2]
        with browser.events(f"/host/{session}") as events:
            told = events.next("host")
        self.offers = told["offers"]
        offer = self.offers[0]
        clip = offer["clip"]["clip"]
        output = str(Path(clip["path"]).with_name(f"{uuid4().hex}.mov"))
        request = pb.RelightRequest(
            clip=pb.ClipRange(
                path=clip["path"], first=int(clip.get("first", 0)), count=int(clip["count"])
            ),
            light=pb.LightRequest(preset="soft-window"),
            engine="draft",
            amount=0.0,
            output=pb.Output(path=output, for_host=True),
        )
        job = self._server.client.submit(request)
        said = json.dumps({"offer": offer["offer"], "job": job.id})
        browser.told("POST", f"/host/{session}/job", said)
        for _ in self._server.client.watch(job.id):
            pass
        said = json.dumps({"offer": offer["offer"], **self._said})
        browser.told("POST", f"/host/{session}/result", said)


@pytest.fixture
def scene(server) -> Stage:
    folder = server.folder / uuid4().hex[:8]
    folder.mkdir()
    one = stage("21.1-free")
    media = one.media(coded(folder / "shot.mov", range(1, 61)))
    one.clip(media, at=4, left=20, count=10)
    one.timeline.playhead += 6
    return one


@pytest.fixture
def relit(server, scene: Stage, tmp_path: Path) -> Callable[[User], list[str]]:
    def run(user: User) -> list[str]:
        words: list[str] = []
        host = ResolveHost(scene.resolve, str(tmp_path))
        greeting = Greeting(PROTOCOL, "resolve", host.version, "0.1.0")
        command = [*WORDS, str(server.home), "bridge"]
        session = Session(host, lambda news: Bridge(command, greeting, news))
        try:
            Flow(host, session, words.append, Wanted(), HostPage(user.open)).run()
        finally:
            session.close()
        return words

    return run


def along(scene: Stage) -> list[int]:
    shown = seen(scene.timeline)
    read = {path: codes(Path(path)) for path, _ in shown if path}
    return [read[path][frame] if path else -1 for path, frame in shown]


@pytest.mark.parametrize("place", ["take", "above"])
def test_a_take_of_the_page_lands_where_the_page_says(
    place: str, server, scene: Stage, relit: Callable[[User], list[str]]
) -> None:
    before = along(scene)
    user = User(server, "VERDICT_TAKEN", place)
    words = relit(user)
    assert "shot.mov: the take is on the timeline." in words, words
    assert along(scene) == before
    assert len(scene.timeline.video) == (2 if place == "above" else 1)
    assert [path for path, _ in seen(scene.timeline) if path.endswith("shot.mov")] == []
    assert int(user.offers[0]["clip"]["clip"]["first"]) == 8  # with handles


def test_what_the_page_discards_leaves_the_clip_as_it_is(
    server, scene: Stage, relit: Callable[[User], list[str]]
) -> None:
    words = relit(User(server, "VERDICT_DISCARDED", ""))
    assert words[-1] == "shot.mov: left as it is."
    assert {Path(path).name for path, _ in seen(scene.timeline) if path} == {"shot.mov"}


def test_a_take_that_cannot_be_placed_is_kept_and_said_on_the_page(
    server, scene: Stage, relit: Callable[[User], list[str]], tmp_path: Path
) -> None:
    scene.other("title", "Text+", at=0, count=40, track=2)
    words = relit(User(server, "VERDICT_TAKEN", "above"))
    assert any("V2 already has Text+" in said for said in words)
    assert {Path(path).name for path, _ in seen(scene.timeline) if path} == {"shot.mov"}
    host = ResolveHost(scene.resolve, str(tmp_path))
    (id,) = [item.id for item in scene.timeline.video[0].items if item.id]
    (take,) = host.takes(id).takes
    assert Path(take.path).is_file()


def test_a_page_that_is_left_ends_the_run(server, scene: Stage, tmp_path: Path) -> None:
    words: list[str] = []
    host = ResolveHost(scene.resolve, str(tmp_path))
    greeting = Greeting(PROTOCOL, "resolve", host.version, "0.1.0")
    command = [*WORDS, str(server.home), "bridge"]
    session = Session(host, lambda news: Bridge(command, greeting, news))
    minutes = count(0, 600)
    page = HostPage(lambda url: None, clock=lambda: float(next(minutes)))
    try:
        Flow(host, session, words.append, Wanted(), page).run()
    finally:
        session.close()
    assert words[-1].startswith("The page was left.")


def test_renders_of_a_page_are_taken_up_by_the_next_run(scene: Stage, tmp_path: Path) -> None:
    host = ResolveHost(scene.resolve, str(tmp_path))
    (clip,) = host.chosen().clips
    page = HostPage(lambda url: None)
    page._open, page._jobs = {"o": clip}, {"o": "job-1"}
    host.keep_offered(page._records())
    again = ResolveHost(scene.resolve, str(tmp_path))
    (record,) = map(record_from_json, again.renders())
    assert (record.job, record.clip, record.original) == ("job-1", clip.id, clip.media)
    again.keep_renders([record_json(record)])
    assert len(again.renders()) == 1
