"""One test for each way in which Resolve says yes and does something else.

Each fails for an adapter that believes what a call hands back.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from resolve.acting import Act, act
from resolve.fake.profiles import ALL
from resolve.fake.proxy import Proxy
from resolve.fake.world import File

from lav_plugin.model import Refusal
from lav_plugin.resolve.choosing import PLAYHEAD, Scope
from lav_plugin.resolve.edition import STUDIO_ONLY, edition

EVERY = [profile.name for profile in ALL]


def place(scene: Act) -> str:
    return scene.host.place_above(scene.id, scene.takes(scene.take()))


def show(scene: Act) -> None:
    scene.host.show(scene.id, scene.takes(scene.take()))


def code(scene: Act) -> str:
    """Of the refusal to place a take above, after which all is as it was."""
    return scene.refused(place, scene)


@pytest.mark.parametrize("profile", EVERY)
def test_the_end_frame_means_another_frame_in_18(profile: str, tmp_path: Path) -> None:
    scene = act(tmp_path, profile)
    place(scene)
    (placed,) = scene.scene.timeline.video[1].items
    assert (placed.left, placed.duration) == (12, 48)
    (info,) = [given for (given,) in scene.scene.called("MediaPool.AppendToTimeline")]
    assert info[0]["endFrame"] == (59 if profile == "18.6" else 60)
    assert all(type(info[0][key]) is int for key in ("startFrame", "endFrame", "recordFrame"))


def test_record_frames_are_absolute(tmp_path: Path) -> None:
    scene = act(tmp_path)
    place(scene)
    (info,) = [given for (given,) in scene.scene.called("MediaPool.AppendToTimeline")]
    assert info[0]["recordFrame"] == scene.item.start == 86410


def test_a_placement_that_is_gone_after_the_save_is_placed_again(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.world.traps.fragile = 1
    place(scene)
    assert scene.tracks() == [["a.mov"], ["a_lav_v001.mov"]]
    assert scene.scene.world.saves == 2


def test_a_placement_that_never_outlives_a_save_is_no_success(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.world.traps.fragile = 9
    assert code(scene) == "PLACE_UNVERIFIED"


def test_a_placement_elsewhere_is_taken_away(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.world.traps.shift = 3
    assert code(scene) == "PLACEMENT_FAILED"


def test_another_take_of_the_same_file_on_the_track_stays_where_it_is(tmp_path: Path) -> None:
    scene = act(tmp_path)
    place(scene)
    second = scene.scene.clip(scene.media, at=100, left=30, count=48)
    scene.scene.world.traps.shift = 3
    take = scene.host.takes(scene.id).takes[0]
    assert second.id is not None
    with pytest.raises(Refusal):
        scene.host.place_above(second.id, scene.takes(take))
    assert scene.tracks()[1] == ["a_lav_v001.mov"]


def test_a_track_that_was_not_added_is_no_track(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.world.traps.tracks_fail = True
    assert code(scene) == "PLACE_BLOCKED"


def test_what_is_not_imported_is_not_placed(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.world.traps.import_fails = True
    assert code(scene) == "PLACEMENT_FAILED"


def test_an_import_that_says_nothing_since_the_pool_has_the_file_is_one(tmp_path: Path) -> None:
    scene = act(tmp_path)
    take = scene.take()
    scene.scene.media(take.path, scene.scene.files[take.path])
    scene.host.place_above(scene.id, scene.takes(take))
    assert scene.tracks()[1] == ["a_lav_v001.mov"]
    assert scene.scene.called("MediaPool.ImportMedia") == []


def test_a_file_that_is_shorter_than_it_should_be_is_not_placed(tmp_path: Path) -> None:
    scene = act(tmp_path)
    take = scene.take()
    scene.scene.files[take.path] = File(71, Fraction(24))
    refused = scene.refused(scene.host.place_above, scene.id, scene.takes(take))
    assert refused == "PLACEMENT_FAILED"


def test_a_source_whose_rate_was_set_by_hand_has_a_take_that_is_set_so(tmp_path: Path) -> None:
    scene = act(tmp_path, media_rate=Fraction(25))
    scene.media.properties["FPS"] = "24"
    place(scene)
    (placed,) = scene.scene.timeline.video[1].items
    assert placed.media is not None
    assert placed.media.properties["FPS"] == "24"
    assert (placed.left, placed.duration) == (12, 48)


def test_a_rate_that_cannot_be_set_is_no_frame_short(tmp_path: Path) -> None:
    scene = act(tmp_path, media_rate=Fraction(25))
    scene.media.properties["FPS"] = "24"
    take = scene.take()
    scene.scene.media(take.path, scene.scene.files[take.path]).stubborn.add("FPS")
    with pytest.raises(Refusal, match=r"reads a_lav_v001\.mov at 25\.0 frames a second"):
        scene.host.place_above(scene.id, scene.takes(take))
    assert scene.tracks() == [["a.mov"]]


def test_clips_are_deleted_on_the_edit_page_and_at_the_second_try(tmp_path: Path) -> None:
    scene = act(tmp_path)
    before = scene.shown()
    made = place(scene)
    scene.scene.world.page, scene.scene.world.traps.delete_fails = "fairlight", 1
    scene.host.remove_take(made)
    assert scene.shown() == before
    assert scene.scene.world.page == "fairlight"


def test_clips_that_stay_are_not_said_to_be_gone(tmp_path: Path) -> None:
    scene = act(tmp_path)
    made = place(scene)
    scene.scene.world.traps.delete_fails = 9
    assert scene.refused(scene.host.remove_take, made) == "TAKE_STAYS"


def test_a_project_that_was_never_saved_is_not_saved_by_us(tmp_path: Path) -> None:
    scene = act(tmp_path, project="Untitled Project")
    assert scene.refused(scene.host.chosen) == "UNSAVED_PROJECT"
    assert code(scene) == "UNSAVED_PROJECT"
    assert scene.refused(show, scene) == "UNSAVED_PROJECT"
    assert scene.scene.called("ProjectManager.SaveProject") == []


def test_a_save_that_fails_takes_the_placement_back(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.world.traps.save_fails = True
    assert code(scene) == "NOT_SAVED"


def test_a_dialog_that_is_open_is_no_timeline_without_clips(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.world.is_modal = True
    with pytest.raises((Refusal, AttributeError)) as raised:
        scene.host.chosen()
    assert raised.type is Refusal


@pytest.mark.parametrize("profile", EVERY)
def test_no_call_for_studio_is_ever_made(profile: str, tmp_path: Path) -> None:
    scene = act(tmp_path, profile)
    scene.host.chosen()
    show(scene)
    scene.host.remove_take(scene.id)
    place(scene)
    assert not scene.scene.world.is_modal
    assert not {name.rpartition(".")[2] for name, _ in scene.scene.world.calls} & STUDIO_ONLY
    now = edition(scene.scene.resolve)
    assert now.is_studio == scene.scene.world.profile.is_studio
    if not now.is_studio:
        with pytest.raises(Refusal, match="free edition"):
            now.check("DetectSceneCuts")


def test_transitions_among_the_items_are_passed_over(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.other("transition", "Cross Dissolve", at=4, count=12)
    scene.scene.timeline.playhead = scene.item.start + 2
    (clip,) = scene.host.chosen(Scope(PLAYHEAD)).clips
    assert clip.id == scene.id
    assert scene.host.chosen(Scope(PLAYHEAD)).unfit == ()


def test_the_item_under_the_playhead_is_found_on_pages_that_do_not_tell_it(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.world.page = "fairlight"
    assert scene.scene.called("Timeline.GetCurrentVideoItem") == []
    assert scene.host.chosen().clips[0].id == scene.id


def test_source_times_of_media_that_begin_at_one_hour_make_no_clip_retimed(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.media.file = File(120, Fraction(24), start=86400)
    assert scene.host.chosen().clips[0].first == 30


def test_a_proxy_is_never_taken_for_the_media(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.media.properties["Proxy Media Path"] = str(tmp_path / "proxy.mov")
    assert scene.host.chosen().clips[0].media.path == scene.media.path


def test_a_colour_that_clips_do_not_have_is_not_used(tmp_path: Path) -> None:
    scene = act(tmp_path)
    place(scene)
    colours = [given[0] for given in scene.scene.called("TimelineItem.SetClipColor")]
    assert colours == ["Teal"]
    assert scene.scene.timeline.video[1].items[0].color == "Teal"


def test_a_marker_that_is_there_already_keeps_its_place(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.item.markers[12] = {"name": "mine", "customData": ""}
    show(scene)
    assert scene.item.markers[12]["name"] == "mine"
    assert [at for at, one in scene.item.markers.items() if one["customData"]] == [13]


# --- takes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("trap", ["silent_takes", "takes_pick"])
def test_a_take_that_is_not_there_goes_above(trap: str, tmp_path: Path) -> None:
    scene = act(tmp_path)
    setattr(scene.scene.world.traps, trap, True)
    show(scene)
    assert scene.tracks() == [["a.mov"], ["a_lav_v001.mov"]]
    assert scene.shown()[10] == ("a_lav_v001.mov", 12)
    assert scene.item.selected == 0
    assert scene.host.takes(scene.id).active == -1
    assert "put above the clip" in scene.host.notes[0]


@pytest.mark.parametrize("late", [-1, 1])
def test_a_take_whose_end_is_read_otherwise_has_the_same_length_all_the_same(
    late: int, tmp_path: Path
) -> None:
    scene = act(tmp_path)
    scene.scene.world.traps.takes_end = late
    show(scene)
    assert (scene.item.duration, scene.item.left) == (48, 12)
    assert scene.tracks() == [["a.mov"]]


def test_a_take_that_would_change_the_length_goes_above(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.world.traps.takes_end = 5
    show(scene)
    assert (scene.item.duration, scene.item.left, scene.item.takes) == (48, 30, [])
    assert scene.tracks() == [["a.mov"], ["a_lav_v001.mov"]]


def test_a_take_that_cannot_go_above_either_leaves_the_clip_as_it_was(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.scene.world.traps.silent_takes = True
    scene.scene.other("title", "Text+", at=0, count=100, track=2)
    assert scene.refused(show, scene) == "PLACE_BLOCKED"


def test_a_long_timeline_is_asked_in_few_journeys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each journey to a script takes some 20 ms; `many` calls travel together."""
    together: list[int] = []

    def many(_: object, calls: list[tuple[object, str]]) -> list[object]:
        together.append(len(calls))
        return [getattr(one, method)(*given) for one, method, *given in calls]

    scene = act(tmp_path)
    for at in range(200):
        scene.scene.clip(scene.media, at=100 + 10 * at, count=10)
        scene.scene.other("title", "Text+", at=100 + 10 * at, count=10, track=2)
    monkeypatch.setattr(Proxy, "many", many, raising=False)
    scene.host.chosen(Scope(PLAYHEAD))
    place(scene)
    asked = len(scene.scene.world.calls)
    assert asked > 5000
    assert asked - sum(together) + len(together) < 400
