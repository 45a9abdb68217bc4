"""Clips that are not frame for frame, or that only Resolve reads, rendered to a file by Resolve."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from resolve.acting import Act, act
from resolve.coded import HEIGHT, WIDTH, coded, codes
from resolve.fake.profiles import ALL
from resolve.fake.stage import stage
from resolve.fake.world import File, visible

from lav_plugin.model import Refusal, Span, Takes, TimelineClip
from lav_plugin.resolve.baking import Baking
from lav_plugin.resolve.host import ResolveHost

EVERY = [profile.name for profile in ALL]


def set_up(folder: Path, profile: str = "21.1-studio", **about: object) -> Act:
    """A clip of real, coded frames: 20 of 60, ten frames into the timeline."""
    scene = stage(profile)
    scene.timeline.playhead += 15
    for key, size in (("Width", WIDTH), ("Height", HEIGHT)):
        scene.project.settings[f"timelineResolution{key}"] = str(size)
    media = scene.media(coded(folder / "a.mov", range(60)))
    item = scene.clip(media, at=10, left=30, count=20, **about)  # pyright: ignore[reportArgumentType]
    return Act(scene, ResolveHost(scene.resolve, str(folder / "ours")), folder, media, item)


def until_done(bake: Baking) -> None:
    for _ in range(10):
        if bake.poll() is None:
            return
    raise AssertionError("the bake did not end")


def test_poll_tells_how_far_it_is(tmp_path: Path) -> None:
    scene = set_up(tmp_path, speed=Fraction(3, 2))
    bake = scene.host.bake(scene.id)
    told = [bake.poll() for _ in range(3)]
    assert told == [0.33, 0.66, None]


@pytest.mark.parametrize("profile", EVERY)
@pytest.mark.parametrize("speed", [Fraction(3, 2), Fraction(1, 2)])
def test_a_retimed_clip_is_baked_as_it_is_seen(
    profile: str, speed: Fraction, tmp_path: Path
) -> None:
    scene = set_up(tmp_path, profile, speed=speed)
    over = scene.scene.clip(scene.media, at=0, left=0, count=40, track=2)  # must not be seen
    before, page = scene.shown(), scene.scene.world.page
    seen = [30 + int(frame * speed) for frame in range(20)]
    bake = scene.host.bake(scene.id)
    assert scene.scene.project.timeline is scene.scene.timeline
    until_done(bake)
    assert codes(Path(bake.path)) == seen
    clip = scene.host.baked(bake)
    assert (clip.media.path, clip.media.frames) == (bake.path, 20)
    assert (clip.first, clip.count, clip.start) == (0, 20, 86410)
    assert scene.host.is_baked(scene.id)
    assert (scene.shown(), scene.scene.world.page) == (before, page)
    assert visible(scene.scene.timeline, 86410) is over


@pytest.mark.parametrize("profile", EVERY)
def test_what_only_resolve_reads_is_baked_without_its_grade_and_with_handles(
    profile: str, tmp_path: Path
) -> None:
    scene = set_up(tmp_path, profile)
    Path(scene.media.path).rename(tmp_path / "a.braw")
    scene.media.path = str(tmp_path / "a.braw")
    assert (
        "before the grade" in scene.host.chosen().unfit[0].why
        if scene.host.chosen().unfit
        else True
    )
    bake = scene.host.bake(scene.id)
    until_done(bake)
    assert codes(Path(bake.path)) == list(range(6, 60))
    clip = scene.host.baked(bake)
    assert (clip.first, clip.count, clip.media.frames) == (24, 20, 54)
    assert not scene.host.is_baked(scene.id)
    assert scene.host.clip(scene.id) == clip


def test_a_take_of_baked_footage_stands_in_the_clips_place(tmp_path: Path) -> None:
    scene = set_up(tmp_path)
    Path(scene.media.path).rename(tmp_path / "a.braw")
    scene.media.path = str(tmp_path / "a.braw")
    bake = scene.host.bake(scene.id)
    until_done(bake)
    clip = scene.host.baked(bake)
    take = replace(scene.take(), span=Span(12, 44))
    scene.scene.files[take.path] = File(44, Fraction(24))
    scene.host.show(scene.id, Takes(clip.media, (take,), 0))
    assert scene.shown()[10] == ("a_lav_v001.mov", 12)
    assert scene.host.clip(scene.id).first == 24


def test_nothing_of_a_bake_is_left_in_the_project(tmp_path: Path) -> None:
    scene = set_up(tmp_path)
    scene.item.speed = Fraction(3, 2)
    project = scene.scene.project
    deliver, presets = dict(project.deliver), dict(project.presets)
    until_done(scene.host.bake(scene.id))
    assert [one.name for one in project.timelines] == ["Cut 1"]
    assert project.jobs == {}
    assert project.deliver == deliver
    assert project.presets == presets
    assert [clip.name for clip in project.pool()] == ["a.mov"]
    assert project.folder is project.root or project.folder is None


def test_the_job_is_told_done_in_any_language(tmp_path: Path) -> None:
    scene = set_up(tmp_path)
    scene.item.speed = Fraction(3, 2)
    scene.scene.world.traps.language = "Concluso"
    until_done(scene.host.bake(scene.id))


@pytest.mark.parametrize("trap", ["nothing", "stub", "short", "sound", "error"])
def test_a_job_that_says_it_is_done_is_believed_by_its_file(trap: str, tmp_path: Path) -> None:
    scene = set_up(tmp_path)
    scene.item.speed = Fraction(3, 2)
    scene.scene.world.traps.render = trap
    bake = scene.host.bake(scene.id)
    said = {"nothing": "left no picture", "stub": "left no picture", "short": "not 20"}
    said |= {"sound": "left no picture", "error": "could not render"}
    with pytest.raises(Refusal, match=said[trap]) as refusal:
        until_done(bake)
    assert refusal.value.problem.code == "BAKE_FAILED"
    assert not Path(bake.path).exists()
    assert [one.name for one in scene.scene.project.timelines] == ["Cut 1"]
    assert scene.scene.project.jobs == {}


def test_a_render_that_stands_still_is_given_up(tmp_path: Path) -> None:
    scene = set_up(tmp_path)
    scene.item.speed = Fraction(3, 2)
    scene.scene.world.traps.render = "stuck"
    bake = scene.host.bake(scene.id)
    now = [time.monotonic()]
    bake.job.clock = lambda: now[0]
    bake.poll()
    now[0] += 299
    bake.poll()
    now[0] += 2
    with pytest.raises(Refusal, match="stood still"):
        bake.poll()
    assert not scene.scene.project.jobs


def test_a_bake_that_does_not_begin_leaves_nothing(tmp_path: Path) -> None:
    scene = set_up(tmp_path)
    scene.item.speed = Fraction(3, 2)
    scene.scene.world.traps.start_fails = True
    assert scene.refused(scene.host.bake, scene.id) == "BAKE_FAILED"
    assert [one.name for one in scene.scene.project.timelines] == ["Cut 1"]
    assert scene.scene.project.jobs == {}


def test_a_bake_is_cancelled_without_a_trace(tmp_path: Path) -> None:
    scene = set_up(tmp_path)
    scene.item.speed = Fraction(3, 2)
    bake = scene.host.bake(scene.id)
    bake.poll()
    bake.cancel()
    assert scene.scene.project.jobs == {}
    assert [one.name for one in scene.scene.project.timelines] == ["Cut 1"]


def test_a_clip_that_changed_since_its_bake_is_baked_anew(tmp_path: Path) -> None:
    scene = set_up(tmp_path)
    scene.item.speed = Fraction(3, 2)
    bake = scene.host.bake(scene.id)
    until_done(bake)
    scene.host.baked(bake)
    assert isinstance(scene.host.clip(scene.id), TimelineClip)
    scene.item.duration -= 1
    with pytest.raises(Refusal) as refusal:
        scene.host.clip(scene.id)
    assert refusal.value.problem.code == "NEEDS_BAKE"


def test_a_compound_is_baked_into_a_folder_of_ours(tmp_path: Path) -> None:
    scene = act(tmp_path)
    item = scene.scene.other("compound", "Scene 4", at=200)
    assert item.id is not None
    bake = scene.host.bake(item.id)
    assert Path(bake.path).parent == tmp_path / "ours" / "LAV Takes"
    bake.cancel()
