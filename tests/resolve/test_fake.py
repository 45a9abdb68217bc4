"""The fake is as nasty as the real one: each of its traps, sprung."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from resolve.fake.api import WrongCall, table
from resolve.fake.profiles import ALL
from resolve.fake.resolve import SaveHangs
from resolve.fake.stage import Stage, stage
from resolve.fake.world import File, seen

EVERY = [profile.name for profile in ALL]
CLIP = File(100, Fraction(24))


def pool(scene: Stage) -> Any:
    return scene.resolve.GetProjectManager().GetCurrentProject().GetMediaPool()


def line(scene: Stage) -> Any:
    return scene.resolve.GetProjectManager().GetCurrentProject().GetCurrentTimeline()


def append(scene: Stage, path: Path, **info: Any) -> Any:
    """What AppendToTimeline says to one clip; frames 10 to 34 at the head of track 1."""
    (media,) = pool(scene).ImportMedia([str(path)]) or [None]
    said = {"mediaPoolItem": media, "startFrame": 10, "endFrame": 34, "mediaType": 1}
    return pool(scene).AppendToTimeline([{**said, "recordFrame": 86400, "trackIndex": 1, **info}])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "a.mov").write_bytes(b"footage")
    return tmp_path / "a.mov"


def scene_of(profile: str, path: Path, file: File = CLIP) -> Stage:
    scene = stage(profile)
    scene.files[str(path)] = file
    return scene


@pytest.mark.parametrize("profile", EVERY)
def test_every_name_is_there_and_unknown_ones_are_none(profile: str) -> None:
    timeline = line(stage(profile))
    assert hasattr(timeline, "SetStart")
    assert timeline.SetStart is None
    assert "SetStart" not in dir(timeline)
    with pytest.raises(TypeError, match="NoneType"):
        timeline.SetTrim(1)


@pytest.mark.parametrize("profile", EVERY)
def test_methods_of_later_versions_are_none(profile: str) -> None:
    scene = stage(profile)
    timeline, version = line(scene), scene.world.profile.version[0]
    assert (timeline.GetSelectedClips is None) == (version < 21)
    assert (timeline.GetMarkInOut is None) == (version < 20)


def test_arguments_are_counted_and_their_types_looked_at() -> None:
    timeline = line(stage())
    with pytest.raises(WrongCall, match="takes 2 to 2"):
        timeline.GetItemListInTrack("video")
    with pytest.raises(WrongCall, match="takes int"):
        timeline.GetItemListInTrack("video", 1.0)
    with pytest.raises(WrongCall, match="named"):
        timeline.GetItemListInTrack(trackType="video", index=1)


def test_what_is_not_played_raises() -> None:
    with pytest.raises(NotImplementedError, match="GetGallery"):
        stage().resolve.GetProjectManager().GetCurrentProject().GetGallery()


def test_the_table_has_every_object_of_the_readme() -> None:
    assert sum(len(methods) for methods in table().values()) == 382
    assert len([kind for kind in table() if kind != "GalleryStill"]) == 13


@pytest.mark.parametrize("profile", EVERY)
def test_a_call_for_studio_fails_on_the_free_edition_and_so_does_all_after_it(profile: str) -> None:
    scene = stage(profile)
    timeline, manager = line(scene), scene.resolve.GetProjectManager()
    if scene.world.profile.is_studio:
        with pytest.raises(NotImplementedError):
            timeline.DetectSceneCuts()
        assert manager.SaveProject() is True
    else:
        assert timeline.DetectSceneCuts() is False
        assert manager.SaveProject() is False
        assert timeline.GetStartFrame() is None
        scene.world.is_modal = False  # "Not Yet"
        assert manager.SaveProject() is True


@pytest.mark.parametrize("profile", EVERY)
def test_windows_are_none_without_studio_since_19_1(profile: str) -> None:
    scene = stage(profile)
    assert (scene.resolve.Fusion().UIManager is None) == (not scene.world.profile.is_studio)


@pytest.mark.parametrize(
    ("profile", "frames"), [("18.6", 25), ("19.1-free", 24), ("21.1-free", 24)]
)
def test_the_end_frame_is_one_later_since_19(profile: str, frames: int, path: Path) -> None:
    scene = scene_of(profile, path)
    (item,) = append(scene, path)
    assert item.GetDuration() == frames


@pytest.mark.parametrize(("profile", "is_dropped"), [("20.3-studio", False), ("21.0-free", True)])
def test_one_fraction_drops_the_batch_in_21(profile: str, is_dropped: bool, path: Path) -> None:
    scene = scene_of(profile, path)
    assert (append(scene, path, endFrame=34.5) is None) == is_dropped
    assert len(scene.timeline.video[0].items) == (0 if is_dropped else 1)


def test_a_record_frame_counts_from_zero_not_from_the_timeline(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    (item,) = append(scene, path, recordFrame=0)
    assert item.GetUniqueId()
    assert seen(scene.timeline) == []


def test_what_overlaps_is_handed_back_and_is_not_there(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    scene.clip(scene.media(path.with_name("b.mov"), CLIP), at=20)
    (item,) = append(scene, path)
    assert item.GetUniqueId() is None
    assert [one.name for one in scene.timeline.video[0].items] == ["b.mov"]


def test_a_fragile_placement_is_gone_with_the_save(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    scene.world.traps.fragile = 1
    append(scene, path)
    assert len(line(scene).GetItemListInTrack("video", 1)) == 1
    assert scene.resolve.GetProjectManager().SaveProject() is True
    assert line(scene).GetItemListInTrack("video", 1) == []


def test_media_of_another_rate_come_out_a_frame_short(path: Path) -> None:
    scene = scene_of("21.1-free", path, File(100, Fraction(30000, 1001)))
    (item,) = append(scene, path, startFrame=0, endFrame=30)
    assert item.GetDuration() == 24  # 24.024
    (mpi,) = [clip for clip in pool(scene).GetRootFolder().GetClipList()]
    assert mpi.GetClipProperty("FPS") == pytest.approx(29.97)


def test_sound_comes_along_unless_only_the_picture_is_asked_for(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    append(scene, path)
    assert not scene.timeline.audio[0].items
    (media,) = pool(scene).GetRootFolder().GetClipList()
    pool(scene).AppendToTimeline([{"mediaPoolItem": media, "recordFrame": 90000}])
    assert len(scene.timeline.audio[0].items) == 1


def test_a_locked_track_takes_nothing(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    scene.timeline.video[0].is_locked = True
    append(scene, path)
    assert scene.timeline.video[0].items == []


def test_items_of_a_track_are_transitions_too() -> None:
    scene = stage()
    scene.other("transition", "Cross Dissolve", 12, 12)
    scene.other("generator", "Solid Color", 24, 12)
    transition, generator = line(scene).GetItemListInTrack("video", 1)
    assert (transition.GetName(), transition.GetProperty()) == ("Cross Dissolve", {})
    assert transition.GetMediaPoolItem() is None
    assert generator.GetProperty() is None


def test_readings_of_a_retimed_item_are_in_two_kinds_of_frames(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    scene.clip(scene.media(path, CLIP), left=20, count=10, speed=Fraction(2))
    (item,) = line(scene).GetItemListInTrack("video", 1)
    assert (item.GetLeftOffset(), item.GetDuration(), item.GetRightOffset()) == (10, 10, 30)
    assert (item.GetSourceStartFrame(), item.GetSourceEndFrame()) == (20, 40)


def test_a_reversed_item_ends_before_it_begins(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    scene.clip(scene.media(path, CLIP), left=20, count=10, speed=Fraction(-1))
    (item,) = line(scene).GetItemListInTrack("video", 1)
    assert (item.GetSourceStartFrame(), item.GetSourceEndFrame()) == (30, 20)
    assert (item.GetLeftOffset(), item.GetDuration()) == (20, 10)  # as if nothing were


def test_source_times_count_in_the_medias_timecode(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    scene.clip(scene.media(path, File(100, Fraction(24), start=86400)), left=24, count=48)
    (item,) = line(scene).GetItemListInTrack("video", 1)
    assert (item.GetSourceStartTime(), item.GetSourceEndTime()) == (3601.0, 3603.0)


def test_clips_are_deleted_on_the_edit_page_alone(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    scene.clip(scene.media(path, CLIP))
    scene.world.page = "fairlight"
    items = line(scene).GetItemListInTrack("video", 1)
    assert line(scene).DeleteClips(items, False) is False
    scene.resolve.OpenPage("edit")
    assert line(scene).DeleteClips(items, False) is True
    assert scene.timeline.video[0].items == []


def test_a_clip_takes_sixteen_colours_and_a_title_says_yes_and_takes_none(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    scene.clip(scene.media(path, CLIP))
    scene.other("title", "Text+", 50)
    clip, title = line(scene).GetItemListInTrack("video", 1)
    assert clip.SetClipColor("Cyan") is False
    assert clip.SetClipColor("Teal") is True
    assert clip.GetClipColor() == "Teal"
    assert title.SetClipColor("Teal") is True
    assert title.GetClipColor() == ""


def test_an_unsaved_project_hangs_where_it_is_saved() -> None:
    scene = stage(name="Untitled Project")
    with pytest.raises(SaveHangs):
        scene.resolve.GetProjectManager().SaveProject()


def test_media_land_in_the_current_folder_and_only_once(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    made = pool(scene).AddSubFolder(pool(scene).GetRootFolder(), "Takes")
    assert [clip.GetName() for clip in pool(scene).ImportMedia([str(path)])] == ["a.mov"]
    assert [clip.GetName() for clip in made.GetClipList()] == ["a.mov"]
    assert pool(scene).ImportMedia([str(path)]) == []
    assert pool(scene).ImportMedia([str(path.with_name("missing.mov"))]) == []


def test_what_is_delivered_is_what_the_page_was_left_with(path: Path) -> None:
    scene = scene_of("21.1-free", path)
    scene.clip(scene.media(path, CLIP))
    project = scene.resolve.GetProjectManager().GetCurrentProject()
    assert project.SetRenderSettings({"CustomName": ""}) is False
    assert project.SetRenderSettings({"TargetDir": str(path.parent)}) is True
    project.AddRenderJob()
    assert scene.project.deliver["ExportVideo"] is False
    (job,) = project.GetRenderJobList()
    assert job["IsExportVideo"] is True
    assert scene.world.page == "deliver"
    project.LoadRenderPreset("H.264 Master")
    assert scene.project.deliver["ExportVideo"] is True


def test_exports_want_live_constants(tmp_path: Path) -> None:
    scene = stage()
    path = str(tmp_path / "out.otio")
    assert line(scene).Export(path, "EXPORT_OTIO", "EXPORT_NONE") is False
    resolve = scene.resolve
    assert line(scene).Export(path, resolve.EXPORT_OTIO, resolve.EXPORT_NONE) is True


def test_a_take_can_be_promised_and_not_be_there(path: Path) -> None:
    scene = scene_of("21.1-studio", path)
    clip = scene.media(path, CLIP)
    scene.clip(clip)
    (item,) = line(scene).GetItemListInTrack("video", 1)
    scene.world.traps.silent_takes = True
    assert item.AddTake(item.GetMediaPoolItem(), 0, 24) is True
    assert item.GetTakesCount() == 0
    scene.world.traps.silent_takes = False
    item.AddTake(item.GetMediaPoolItem(), 5, 20)
    assert (item.GetTakesCount(), item.GetSelectedTakeIndex()) == (2, 1)
    item.SelectTakeByIndex(2)
    assert item.GetDuration() == 15
