"""From a timeline of coded frames to takes on it: the real bridge, server and Draft, a played
Resolve. At amount 0 a take is its source, so the codes along the timeline say what is where."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import pytest
from resolve.coded import HEIGHT, WIDTH, coded, codes
from resolve.fake.stage import Stage, stage
from resolve.fake.world import Item, seen

from lav_plugin.bridge_client import Bridge
from lav_plugin.messages import PROTOCOL, Greeting, LightRequest
from lav_plugin.resolve.choosing import COLOURED, Scope
from lav_plugin.resolve.flow import Flow, Wanted
from lav_plugin.resolve.host import ResolveHost
from lav_plugin.session import Session
from lav_plugin.settings import Settings

HOUR = "01:00:00:00"
RATES = [
    pytest.param(Fraction(24000, 1001), False, HOUR, 86400, id="23.976"),
    pytest.param(Fraction(24), False, "10:20:30:05", 86400, id="24"),
    pytest.param(Fraction(25), False, "", 0, id="25 from 0"),
    pytest.param(Fraction(30000, 1001), True, "01:00:00;00", 107892, id="29.97 DF"),
    pytest.param(Fraction(30000, 1001), True, "", 17980, id="29.97 DF from 00:10:00;00"),
]


def settings(above: bool = False) -> Settings:
    return Settings(
        LightRequest(preset="soft-window"), "soft-window", "Window", "draft", 0.0, above=above
    )


@dataclass
class Run:
    """A played Resolve beside a real server."""

    scene: Stage
    command: list[str]
    folder: Path
    words: list[str] = field(default_factory=list)

    def relight(self, wanted: Wanted) -> None:
        host = ResolveHost(self.scene.resolve, str(self.folder / "ours"))
        greeting = Greeting(PROTOCOL, "resolve", host.version, "0.1.0")
        session = Session(host, lambda news: Bridge(self.command, greeting, news))
        try:
            Flow(host, session, self.words.append, wanted, None).run()
        finally:
            session.close()

    def along(self) -> list[int]:
        """The codes that are seen, frame by frame; -1 is black."""
        shown = seen(self.scene.timeline)
        read = {path: codes(Path(path)) for path, _ in shown if path}
        return [read[path][frame] if path else -1 for path, frame in shown]

    def files(self) -> set[str]:
        return {Path(path).name for path, _ in seen(self.scene.timeline) if path}


@pytest.fixture
def run(server, tmp_path: Path) -> Callable[..., Run]:
    def made(profile: str = "21.1-studio", **about: object) -> Run:
        scene = stage(profile, **about)  # pyright: ignore[reportArgumentType]
        for key, size in (("Width", WIDTH), ("Height", HEIGHT)):
            scene.project.settings[f"timelineResolution{key}"] = str(size)
        folder = server.folder / uuid4().hex[:8]
        folder.mkdir()
        words = [sys.executable, "-P", "-m", "lav_client.entry", "--home", str(server.home)]
        return Run(scene, [*words, "bridge"], folder)

    return made


def two_clips(one: Run, rate: Fraction, timecode: str) -> list[Item]:
    """Trimmed, with a gap between, both Orange."""
    media = one.scene.media(coded(one.folder / "shot.mov", range(1, 49), rate, timecode))
    return [
        one.scene.clip(media, at=3, left=20, count=10, color="Orange"),
        one.scene.clip(media, at=15, left=2, count=8, color="Orange"),
    ]


@pytest.mark.parametrize(("rate", "is_drop", "timecode", "start"), RATES)
def test_takes_in_place_show_the_same_frames(
    run: Callable[..., Run], rate: Fraction, is_drop: bool, timecode: str, start: int
) -> None:
    one = run(rate=rate, is_drop=is_drop, start=start)
    two_clips(one, rate, timecode)
    before = one.along()
    assert before == [-1] * 3 + list(range(21, 31)) + [-1] * 2 + list(range(3, 11))
    one.relight(Wanted(Scope(COLOURED, colour="Orange"), settings()))
    assert one.along() == before, one.words
    assert one.files() == {"shot_lav_soft-window_v001.mov", "shot_lav_soft-window_v002.mov"}
    assert len(one.scene.timeline.video) == 1


@pytest.mark.parametrize(("rate", "is_drop", "timecode", "start"), RATES)
def test_takes_above_show_the_same_frames_on_the_free_edition(
    run: Callable[..., Run], rate: Fraction, is_drop: bool, timecode: str, start: int
) -> None:
    one = run("21.1-free", rate=rate, is_drop=is_drop, start=start)
    items = two_clips(one, rate, timecode)
    before = one.along()
    one.relight(Wanted(Scope(COLOURED, colour="Orange"), settings(above=True)))
    assert one.along() == before, one.words
    placed = one.scene.timeline.video[1].items
    assert [(item.start, item.duration) for item in placed] == [
        (item.start, item.duration) for item in items
    ]
    assert not one.scene.world.is_modal


def test_a_retimed_clip_is_baked_relit_and_placed_above(run: Callable[..., Run]) -> None:
    one = run("20.3-studio")
    media = one.scene.media(coded(one.folder / "shot.mov", range(1, 49)))
    one.scene.clip(media, at=5, left=10, count=12, speed=Fraction(2))
    one.scene.timeline.playhead += 8
    before = one.along()
    one.relight(Wanted(settings=settings()))
    assert one.along() == before, one.words
    (placed,) = one.scene.timeline.video[1].items
    assert placed.name.startswith("shot_bake_001_lav_")
    assert any("rendered to a file first" in said for said in one.words)
    assert [line.name for line in one.scene.project.timelines] == ["Cut 1"]


def test_a_sub_clip_is_noticed_by_its_frames_and_baked(run: Callable[..., Run]) -> None:
    one = run()
    media = one.scene.media(coded(one.folder / "shot.mov", range(1, 49)))
    media.file = replace(media.file, frames=30)
    one.scene.clip(media, left=5, count=10)
    one.relight(Wanted(settings=settings(), bakes=False))
    assert "30 frames in Resolve and 48 in its file" in one.words[-1]
    assert one.files() == {"shot.mov"}


def test_media_that_the_server_may_not_see_are_refused_in_a_sentence(
    run: Callable[..., Run], tmp_path: Path
) -> None:
    one = run()
    media = one.scene.media(coded(tmp_path / "elsewhere.mov", range(24)))
    one.scene.clip(media)
    one.relight(Wanted(settings=settings()))
    assert "elsewhere" in one.words[-1]
    assert one.files() == {"elsewhere.mov"}


def test_nothing_under_the_playhead_is_said(run: Callable[..., Run]) -> None:
    one = run()
    one.relight(Wanted(settings=settings()))
    assert one.words == [
        "No video clip is under the playhead on a track that is switched on. Park the playhead on "
        "one, then start Light-A-Video again."
    ]


def test_a_render_that_resolve_was_closed_over_is_placed_by_the_next_run(
    run: Callable[..., Run],
) -> None:
    one = run()
    media = one.scene.media(coded(one.folder / "shot.mov", range(1, 49)))
    one.scene.clip(media, left=5, count=10)
    before = one.along()
    host = ResolveHost(one.scene.resolve, str(one.folder / "ours"))
    greeting = Greeting(PROTOCOL, "resolve", host.version, "0.1.0")
    session = Session(host, lambda news: Bridge(one.command, greeting, news))
    session.orders.relight(host.chosen(), lambda _: settings())
    while not any(one_render.record.job for one_render in session.renders.all.values()):
        session.pump()
    session.close()  # Resolve has quit
    one.scene.timeline.playhead += 500
    one.relight(Wanted(settings=settings()))
    assert "1 unfinished render taken up again." in one.words
    assert one.along() == before
    assert one.files() == {"shot_lav_soft-window_v001.mov"}
