"""Resolve as a host: choosing, reading, placing and taking away, in every version and edition."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from resolve.acting import act
from resolve.fake.profiles import ALL
from resolve.fake.stage import stage
from resolve.fake.world import File

from lav_plugin.host import Unfit
from lav_plugin.model import Media, Refusal, TimelineClip
from lav_plugin.resolve.choosing import COLOURED, MARKED, PLAYHEAD, SELECTION, Scope
from lav_plugin.resolve.edition import STUDIO_ONLY
from lav_plugin.resolve.host import ResolveHost

EVERY = [profile.name for profile in ALL]


def why(one: Unfit | TimelineClip) -> str:
    assert isinstance(one, Unfit)
    return one.why


@pytest.mark.parametrize("profile", EVERY)
def test_the_clip_under_the_playhead_is_read_frame_for_frame(profile: str, tmp_path: Path) -> None:
    scene = act(tmp_path, profile)
    (clip,) = scene.host.chosen().clips
    assert clip == TimelineClip(
        id=scene.id,
        name="a.mov",
        media=Media(scene.media.path, 120, Fraction(24)),
        first=30,
        count=48,
        start=86410,
        rate=Fraction(24),
        track=1,
    )
    assert scene.host.clip(scene.id) == clip
    assert not {name.partition(".")[2] for name, _ in scene.scene.world.calls} & STUDIO_ONLY


@pytest.mark.parametrize(
    ("rate", "is_drop"),
    [
        (Fraction(24000, 1001), False),
        (Fraction(24), False),
        (Fraction(25), False),
        (Fraction(30000, 1001), True),
        (Fraction(30000, 1001), False),
        (Fraction(60000, 1001), True),
    ],
)
@pytest.mark.parametrize("start", [0, 107892, 1000])
def test_the_playhead_is_found_at_every_rate_and_start(
    rate: Fraction, is_drop: bool, start: int, tmp_path: Path
) -> None:
    scene = stage("19.1-free", rate, start, is_drop)
    media = scene.media(tmp_path / "a.mov", File(5000, rate))
    items = [scene.clip(media, at=at, left=at, count=500) for at in range(0, 4000, 500)]
    host = ResolveHost(scene.resolve, str(tmp_path))
    for item in items:
        for frame in (item.start, item.end - 1):
            scene.timeline.playhead = frame
            (clip,) = host.chosen(Scope(PLAYHEAD)).clips
            assert (clip.id, clip.rate, clip.start) == (item.id, rate, item.start)


def test_titles_over_a_clip_do_not_hide_it_and_switched_off_ones_are_not_seen(
    tmp_path: Path,
) -> None:
    scene = act(tmp_path)
    scene.scene.other("title", "Text+", 0, 100, track=2)
    scene.scene.clip(scene.media, at=0, count=100, track=3, is_enabled=False)
    scene.scene.clip(scene.media, at=0, count=100, track=4)
    scene.scene.timeline.video[3].is_enabled = False
    (clip,) = scene.host.chosen(Scope(PLAYHEAD)).clips
    assert clip.id == scene.id


def test_selected_clips_are_chosen_where_resolve_tells_them(tmp_path: Path) -> None:
    scene = act(tmp_path, "21.0-free")
    other = scene.scene.clip(scene.media, at=60)
    third = scene.scene.clip(scene.media, at=0, track=2)
    scene.scene.timeline.selected = [other, third]
    assert [clip.id for clip in scene.host.chosen().clips] == [other.id, third.id]
    old = act(tmp_path, "20.3-studio")
    with pytest.raises(Refusal, match="does not tell scripts which clips are selected"):
        old.host.chosen(Scope(SELECTION))


def test_marks_count_from_the_timelines_start(tmp_path: Path) -> None:
    scene = act(tmp_path, "20.3-studio")
    scene.scene.clip(scene.media, at=60)
    scene.scene.timeline.marks = (58, 60)
    (clip,) = scene.host.chosen(Scope(MARKED)).clips
    assert clip.start == 86400 + 60
    scene.scene.timeline.marks = (57, 60)
    assert len(scene.host.chosen(Scope(MARKED)).clips) == 2
    scene.scene.timeline.marks = None
    with pytest.raises(Refusal, match="no in and out"):
        scene.host.chosen(Scope(MARKED))
    with pytest.raises(Refusal, match=r"18\.6\.6 does not tell"):
        act(tmp_path, "18.6").host.chosen(Scope(MARKED))


def test_clips_of_a_colour_are_chosen_from_all_tracks(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.clip(scene.media, at=0, track=2, color="Orange")
    scene.item.color = "Orange"
    scene.scene.clip(scene.media, at=60, color="Teal")
    found = scene.host.chosen(Scope(COLOURED, colour="Orange")).clips
    assert [(clip.track, clip.start) for clip in found] == [(1, 86410), (2, 86400)]


def test_without_a_project_or_a_timeline_it_is_said(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.project.timeline = None
    with pytest.raises(Refusal, match="No timeline is open"):
        scene.host.chosen()
    scene.scene.world.project = None
    with pytest.raises(Refusal, match="No project is open"):
        scene.host.chosen()


@pytest.mark.parametrize(
    ("kind", "name", "said", "can_bake"),
    [
        ("compound", "Scene 4", "compound clip", True),
        ("multicam", "Cam A", "multicam clip", True),
        ("fusion", "Comp", "Fusion clip or title", True),
        ("title", "Text+", "title, generator or adjustment", False),
        ("generator", "Solid Color", "title, generator or adjustment", False),
        ("adjustment", "Adjustment Clip", "title, generator or adjustment", False),
    ],
)
def test_clips_without_a_file_are_told_by_name(
    kind: str, name: str, said: str, can_bake: bool, tmp_path: Path
) -> None:
    scene = act(tmp_path)
    item = scene.scene.other(kind, name, at=100)
    item.comps = kind == "fusion"
    scene.scene.timeline.playhead = item.start
    (one,) = scene.host.chosen().unfit
    assert (one.name, one.can_bake) == (name, can_bake)
    assert said in one.why


@pytest.mark.parametrize("profile", EVERY)
@pytest.mark.parametrize("speed", [Fraction(2), Fraction(1, 2), Fraction(9, 10), Fraction(6, 5)])
def test_retimed_clips_are_told(profile: str, speed: Fraction, tmp_path: Path) -> None:
    scene = act(tmp_path, profile, speed=speed, count=30)
    (one,) = scene.host.chosen().unfit
    assert one.can_bake
    assert "retimed" in one.why


def test_reversed_clips_are_told(tmp_path: Path) -> None:
    scene = act(tmp_path, speed=Fraction(-1))
    assert "runs backwards" in why(scene.host.chosen().unfit[0])


@pytest.mark.parametrize("rate", [25, Fraction(24000, 1001), 30, 60])
def test_other_rates_are_told(rate: Fraction, tmp_path: Path) -> None:
    scene = act(tmp_path, media_rate=Fraction(rate))
    assert "frames a second and the timeline 24" in why(scene.host.chosen().unfit[0])


def test_offline_media_and_stills_and_raw_are_told(tmp_path: Path) -> None:
    scene = act(tmp_path)
    Path(scene.media.path).unlink()
    assert "offline" in why(scene.host.chosen().unfit[0])
    assert not scene.host.chosen().unfit[0].can_bake
    for name, kind, said in (
        ("b.braw", "Video", "before the grade"),
        ("s.[0001-0100].exr", "Video", "sequence of stills"),
        ("c.jpg", "Still", "no video but still"),
    ):
        media = scene.scene.media(tmp_path / name, File(100, Fraction(24)), kind=kind)
        item = scene.scene.clip(media, at=200, left=10)
        scene.scene.timeline.playhead = item.start
        assert said in why(scene.host.chosen().unfit[0])
        scene.scene.timeline.video[0].items.remove(item)


def test_readings_that_are_off_by_one_do_not_make_a_clip_retimed(tmp_path: Path) -> None:
    scene = act(tmp_path, is_off_by_one=True)
    assert scene.host.chosen().clips[0].first == 30


# --- above ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", EVERY)
def test_a_take_lands_right_above_with_the_same_frames(profile: str, tmp_path: Path) -> None:
    scene = act(tmp_path, profile)
    take = scene.take()
    before = [frame for _, frame in scene.shown()]
    made = scene.host.place_above(scene.id, scene.takes(take))
    assert scene.tracks() == [["a.mov"], ["a_lav_v001.mov"]]
    assert scene.shown()[10:] == [("a_lav_v001.mov", frame - 18) for frame in before[10:]]
    assert scene.scene.timeline.video[1].name == "Light-A-Video"
    (placed,) = scene.scene.timeline.video[1].items
    assert (placed.id, placed.color) == (made, "Teal")
    assert [one["customData"] for one in placed.markers.values()] == ["lav:job-a_lav_v001.mov"]
    assert scene.scene.world.saves == 1
    assert scene.scene.timeline.audio[0].items == []
    assert scene.host.notes == []
    assert scene.host.takes(scene.id).active == -1
    assert scene.media in scene.scene.project.root.clips


def test_a_take_has_the_sizing_the_grade_and_the_group_of_its_clip(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.item.sizing.update(ZoomX=1.5, Pan=-40.0, CompositeMode=3, Opacity=60.0)
    scene.item.nodes, scene.item.group = ["Balance", "Look"], "Day"
    scene.media.properties.update({"Input Color Space": "S-Log3", "Data Level": "Full"})
    scene.media.properties.update({"PAR": "2:1 Anamorphic", "Reel Name": "A001"})
    scene.host.place_above(scene.id, scene.takes(scene.take()))
    (placed,) = scene.scene.timeline.video[1].items
    assert placed.sizing == scene.item.sizing
    assert (placed.nodes, placed.group) == (["Balance", "Look"], "Day")
    assert placed.media is not None
    assert placed.media.properties == scene.media.properties
    assert placed.media.metadata["LAV Job"] == "job-a_lav_v001.mov"
    assert scene.host.notes == []


def test_what_could_not_be_copied_is_listed(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.item.comps, scene.item.nodes = 1, ["one node"]
    scene.scene.world.traps.grades_fail = True
    scene.scene.other("transition", "Cross Dissolve", at=4, count=12)
    scene.media.properties["Reel Name"] = "A001"
    take = scene.take()
    pool_item = scene.scene.media(take.path, scene.scene.files[take.path])
    pool_item.stubborn.add("Reel Name")
    scene.host.place_above(scene.id, scene.takes(take))
    said = " ".join(scene.host.notes)
    for one in ("Reel Name", "the grade", "Fusion composition", "Cross Dissolve at 01:00:00:04"):
        assert one in said


def test_media_go_into_a_bin_of_their_own_and_only_once(tmp_path: Path) -> None:
    scene = act(tmp_path)
    take = scene.take()
    for _ in range(2):
        scene.host.place_above(scene.id, scene.takes(take))
        scene.host.remove_take(scene.id)
    (ours,) = [one for one in scene.scene.project.root.folders if one.name == "Light-A-Video"]
    assert [one.name for one in ours.folders] == ["a.mov"]
    assert [clip.name for clip in ours.folders[0].clips] == ["a_lav_v001.mov"]


def test_what_the_user_sees_is_put_back(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.timeline.marks = (3, 9)
    scene.scene.world.page = "color"
    before = scene.scene.timeline.playhead
    bin_ = scene.scene.project.root
    scene.host.place_above(scene.id, scene.takes(scene.take()))
    scene.host.remove_take(scene.id)
    assert (scene.scene.world.page, scene.scene.timeline.playhead) == ("color", before)
    assert scene.scene.timeline.marks == (3, 9)
    assert scene.scene.project.folder is bin_


def test_a_title_right_above_is_not_covered(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.other("title", "Text+", at=50, track=2)
    code = scene.refused(scene.host.place_above, scene.id, scene.takes(scene.take()))
    assert code == "PLACE_BLOCKED"


def test_a_title_further_up_stays_over_the_take(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.other("title", "Text+", at=0, count=100, track=3)
    scene.host.place_above(scene.id, scene.takes(scene.take()))
    assert scene.tracks() == [["a.mov"], ["a_lav_v001.mov"], ["Text+"]]


@pytest.mark.parametrize("what", ["is_locked", "is_enabled"])
def test_a_track_above_that_is_locked_or_off_takes_nothing(what: str, tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.other("title", "Text+", at=200, track=2)
    setattr(scene.scene.timeline.video[1], what, what == "is_locked")
    code = scene.refused(scene.host.place_above, scene.id, scene.takes(scene.take()))
    assert code == "PLACE_BLOCKED"


def test_a_clip_on_a_locked_track_is_left_alone(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.timeline.video[0].is_locked = True
    takes = scene.takes(scene.take())
    assert (
        why(scene.host.chosen().unfit[0]) == "V1, the track of a.mov, is locked. Unlock it first."
    )
    assert scene.refused(scene.host.show, scene.id, takes) == "TRACK_LOCKED"
    assert scene.refused(scene.host.place_above, scene.id, takes) == "TRACK_LOCKED"


def test_a_take_that_lacks_frames_is_not_placed(tmp_path: Path) -> None:
    scene = act(tmp_path)
    takes = scene.takes(scene.take(handles=0))
    scene.item.left -= 1
    scene.item.duration += 1
    assert scene.refused(scene.host.show, scene.id, takes) == "TAKE_SHORT"


def test_a_take_whose_file_is_gone_is_not_placed(tmp_path: Path) -> None:
    scene = act(tmp_path)
    take = scene.take()
    Path(take.path).unlink()
    code = scene.refused(scene.host.place_above, scene.id, scene.takes(take))
    assert code == "TAKE_MISSING"


def test_a_clip_on_another_timeline_is_found_there_and_the_user_stays_where_he_is(
    tmp_path: Path,
) -> None:
    scene = act(tmp_path)
    other = replace(scene.scene.timeline, name="Cut 2", video=[], audio=[], id="other")
    scene.scene.project.timelines.append(other)
    scene.scene.project.timeline = other
    scene.host.place_above(scene.id, scene.takes(scene.take()))
    assert scene.tracks() == [["a.mov"], ["a_lav_v001.mov"]]
    assert scene.scene.project.timeline is other
    scene.scene.timeline.video.clear()
    with pytest.raises(Refusal, match="no longer on a timeline"):
        scene.host.clip(scene.id)


# --- in place ------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", EVERY)
def test_a_take_stands_in_the_clips_place_with_the_same_frames(
    profile: str, tmp_path: Path
) -> None:
    scene = act(tmp_path, profile)
    take, before = scene.take(), scene.shown()
    scene.host.show(scene.id, scene.takes(take))
    assert scene.tracks() == [["a.mov"]]
    assert scene.shown()[10:] == [("a_lav_v001.mov", frame - 18) for _, frame in before[10:]]
    assert (scene.item.selected, len(scene.item.takes)) == (2, 2)
    assert scene.item.color == "Teal"
    clip = scene.host.clip(scene.id)  # still of the original
    assert (clip.media.path, clip.first) == (scene.media.path, 30)
    scene.host.show(scene.id, replace(scene.host.takes(scene.id), active=-1))
    assert scene.shown() == before


def test_takes_are_switched_and_removed_and_the_original_comes_back(tmp_path: Path) -> None:
    scene = act(tmp_path)
    before, first = scene.shown(), scene.take()
    scene.host.show(scene.id, scene.takes(first))
    second = scene.take("a_lav_v002.mov", handles=20)
    takes = scene.host.takes(scene.id).with_take(second)
    scene.host.show(scene.id, takes)
    assert scene.shown()[10] == ("a_lav_v002.mov", 20)
    scene.host.show(scene.id, replace(takes, active=0))
    assert scene.shown()[10] == ("a_lav_v001.mov", 12)
    assert scene.host.remove_take(scene.id) == "a.mov"
    assert scene.shown() == before
    assert [Path(one.media.path).name for one in scene.item.takes] == ["a.mov", "a_lav_v002.mov"]
    (marker,) = scene.item.markers.values()
    assert marker["customData"] == "lav:job-a_lav_v002.mov"


def test_a_take_above_is_removed_with_its_track(tmp_path: Path) -> None:
    scene = act(tmp_path)
    before = scene.shown()
    made = scene.host.place_above(scene.id, scene.takes(scene.take()))
    scene.host.remove_take(made)
    assert scene.shown() == before
    assert scene.tracks() == [["a.mov"]]


def test_the_take_above_stands_for_its_clip_when_it_is_chosen(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.host.place_above(scene.id, scene.takes(scene.take()))
    (clip,) = scene.host.chosen(Scope(PLAYHEAD)).clips
    assert (clip.id, clip.media.path) == (scene.id, scene.media.path)


def test_takes_and_renders_are_remembered_over_restarts(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.host.show(scene.id, scene.takes(scene.take()))
    scene.host.keep_renders([{"key": "k"}])
    again = ResolveHost(scene.scene.resolve, str(tmp_path / "ours"))
    assert again.takes(scene.id) == scene.host.takes(scene.id)
    assert again.renders() == ({"key": "k"},)
    (item,) = again.placed()
    assert item.shown is not None
    assert item.source is not None
    assert (item.shown.first, item.source.first, item.take_frames) == (12, 30, 72)
