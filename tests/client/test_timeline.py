"""An editor's clips through OpenTimelineIO and back: the same frames, or a sentence."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentimelineio.opentime import RationalTime, TimeRange

from lav_client import otio as shape
from lav_client import timeline
from lav_client.timeline_reader import DEEPEST, LARGEST, read
from lav_engine.errors import Code, LavError
from lav_plugin.messages import ClipRange, Rational, Timeline, TimelineItem
from lav_proto.v1 import relight_pb2 as pb

NTSC = Rational(24000, 1001)


def item(name: str, start: int, first: int, count: int, track: int = 1) -> TimelineItem:
    """Frames [first, first + count) of a clip, of which the take begins 12 frames earlier."""
    return TimelineItem(
        name=name,
        track=track,
        start=start,
        shown=ClipRange(f"/takes/{name}_lav_v001.mp4", 12, count, NTSC),
        source=ClipRange(f"/media/b ü #1/{name}.mov", first, count, NTSC),
        source_frames=500,
        take_frames=count + 24,
        job=f"job of {name}",
    )


def bare(name: str, start: int, first: int, count: int, track: int = 1) -> TimelineItem:
    media = ClipRange(f"/media/{name}.mov", first, count, Rational(14, 1))
    return TimelineItem(name, track, start, media, media, source_frames=90)


def cut(folder: Path, *items: TimelineItem, rate: Rational = NTSC, start: int = 1) -> Timeline:
    return Timeline(str(folder / "cut.otio"), "My cut", rate, start, items)


def test_what_is_written_reads_back_the_same(tmp_path):
    made = cut(
        tmp_path,
        item("a", 1, 100, 48),
        item("b", 60, 0, 7),
        bare("c", 67, 3, 20),
        item("d", 10, 40, 40, track=3),
    )
    timeline.write(made)
    assert read(tmp_path / "cut.otio") == made


@given(
    st.sampled_from(
        [NTSC, Rational(24, 1), Rational(30000, 1001), Rational(25, 1), Rational(8, 1)]
    ),
    st.integers(0, 200_000),
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 90_000), st.integers(1, 9000)), max_size=6
    ),
)
def test_any_cut_at_any_rate_reads_back_exactly(tmp_path_factory, rate, start, spans):
    items, at = [], start
    for number, (gap, first, count) in enumerate(spans):
        made = item(f"s{number}", at + gap, first, count)
        items.append(replace(made, source_frames=first + count + 5))
        at += gap + count
    folder = tmp_path_factory.mktemp("cut")
    made = cut(folder, *items, rate=rate, start=start)
    timeline.write(made)
    assert read(Path(made.path)) == made


def test_a_clip_holds_both_references_and_one_range_means_the_same_pictures(tmp_path):
    timeline.write(cut(tmp_path, item("a", 1, 100, 48)))
    (clip,) = otio.adapters.read_from_file(str(tmp_path / "cut.otio")).find_clips()
    references = clip.media_references()
    assert set(references) == {shape.RELIT, shape.ORIGINAL}
    assert clip.active_media_reference_key == shape.RELIT
    begin = clip.source_range.start_time
    starts = {
        key: (begin - one.available_range.start_time).value for key, one in references.items()
    }
    assert starts == {shape.RELIT: 12, shape.ORIGINAL: 100}
    assert references[shape.RELIT].target_url == "/takes/a_lav_v001.mp4"


def test_it_has_the_shape_that_resolve_reads(tmp_path):
    timeline.write(cut(tmp_path, item("a", 11, 100, 48)))
    document = json.loads((tmp_path / "cut.otio").read_text())
    assert document["metadata"]["Resolve_OTIO"] == {"Resolve OTIO Meta Version": "1.0"}
    assert document["global_start_time"]["value"] == 1
    (track,) = document["tracks"]["children"]
    assert (track["name"], track["kind"]) == ("Video 1", "Video")
    gap, clip = track["children"]
    assert gap["source_range"]["duration"]["value"] == 10
    assert clip["OTIO_SCHEMA"] == "Clip.2"


def test_the_document_of_a_single_take_reads_as_its_placement(tmp_path):
    wire = pb.Rational(numerator=24000, denominator=1001)
    take = pb.Take(
        path="/media/a_relit.mov",
        clip=pb.ClipRange(path="/media/a.mov", first=12, count=48, rate=wire),
        timecode="01:00:00:12",
        source_timecode="01:00:00:00",
        source_frames=240,
        light=pb.Light(lamps=[pb.Lamp(azimuth=-70)]),
    )
    shape.write(shape.timeline_for(take, "job7"), tmp_path / "take.otio")
    found = read(tmp_path / "take.otio")
    assert (found.rate, found.start) == (NTSC, 86400)
    (placed,) = found.items
    assert placed.start == 86400
    assert placed.shown == ClipRange("/media/a_relit.mov", 0, 48)
    assert placed.source == ClipRange("/media/a.mov", 12, 48)
    assert (placed.source_frames, placed.take_frames, placed.job) == (240, 48, "job7")


def span(first: float, count: float, rate: float = 24) -> TimeRange:
    return TimeRange(RationalTime(first, rate), RationalTime(count, rate))


def clip(first: float, count: float, path: str = "/m/a.mov") -> otio.schema.Clip:
    reference = otio.schema.ExternalReference(path, span(0, 240))
    return otio.schema.Clip(f"clip {first}", reference, span(first, count))


def saved(folder: Path, *children: otio.core.Composable) -> Path:
    made = otio.schema.Timeline("from elsewhere", global_start_time=RationalTime(100, 24))
    made.tracks.append(otio.schema.Track("V", list(children), kind="Video"))
    made.tracks.append(otio.schema.Track("A", [clip(0, 9)], kind="Audio"))
    path = folder / "made.otio"
    otio.adapters.write_to_file(made, str(path))
    return path


def placements(path: Path) -> list[tuple[int, int, int]]:
    """Start on the timeline, first media frame, frames."""
    found = []
    for one in read(path).items:
        assert one.shown is not None
        found.append((one.start, one.shown.first, one.shown.count))
    return found


def test_compounds_are_laid_flat_and_trimmed_by_all_that_hold_them(tmp_path):
    inner = otio.schema.Track("inner", [clip(10, 20), clip(50, 20)], kind="Video")
    compound = otio.schema.Stack("compound", [inner], source_range=span(15, 10))
    outer = otio.schema.Stack(
        "outer", [otio.schema.Track("t", [clip(0, 4), compound], kind="Video")], span(2, 9)
    )
    path = saved(tmp_path, clip(7, 3), outer, clip(1, 1))
    # outer shows 2..11 of: clip(0,4), then compound 15..25 = 5 frames of one, 5 of the other
    assert placements(path) == [(100, 7, 3), (103, 2, 2), (105, 25, 5), (110, 50, 2), (112, 1, 1)]


def test_in_a_compound_what_lies_above_hides_what_is_below_and_sound_is_none(tmp_path):
    low = otio.schema.Track("low", [clip(10, 20)], kind="Video")
    gap = otio.schema.Gap(source_range=span(0, 5))
    high = otio.schema.Track("high", [gap, clip(50, 4)], kind="Video")
    off = otio.schema.Track("off", [clip(90, 20)], kind="Video")
    off.enabled = False
    sound = otio.schema.Track("sound", [clip(70, 20)], kind="Audio")
    path = saved(tmp_path, otio.schema.Stack("c", [low, sound, high, off]), clip(1, 1))
    assert placements(path) == [(100, 10, 5), (105, 50, 4), (109, 19, 11), (120, 1, 1)]


def test_a_track_that_is_trimmed_in_its_compound_shows_what_is_left(tmp_path):
    inner = otio.schema.Track("t", [clip(10, 20)], source_range=span(4, 6), kind="Video")
    path = saved(tmp_path, otio.schema.Stack("c", [inner]), clip(1, 1))
    assert placements(path) == [(100, 14, 6), (106, 1, 1)]


def test_gaps_disabled_clips_transitions_and_sound_are_no_clips(tmp_path):
    hidden = clip(0, 5)
    hidden.enabled = False
    fade = otio.schema.Transition("x", "SMPTE_Dissolve", RationalTime(2, 24), RationalTime(2, 24))
    path = saved(
        tmp_path, otio.schema.Gap(source_range=span(0, 3)), hidden, clip(5, 5), fade, clip(20, 5)
    )
    assert placements(path) == [(108, 5, 5), (113, 20, 5)]


def test_a_clip_at_another_rate_is_taken_where_it_lies_on_whole_frames(tmp_path):
    twelve = otio.schema.ExternalReference("/m/a.mov", span(0, 120, 12))
    good = otio.schema.Clip("good", twelve, span(3, 6, 12))
    assert placements(saved(tmp_path, good)) == [(100, 6, 12)]
    bad = otio.schema.Clip("bad", twelve.deepcopy(), span(3, 6.3, 12))
    with pytest.raises(LavError, match="whole frames"):
        read(saved(tmp_path, bad))


def retimed() -> otio.schema.Clip:
    made = clip(0, 5)
    made.effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    return made


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (retimed(), "retimed"),
        (clip(0, 5, "https://example.org/a.mov"), "full path"),
        (clip(0, 5, "file:///m/a.mov"), "full path"),
        (clip(0, 5, "smb://server/a.mov"), "full path"),
        (clip(0, 5, "a.mov"), "full path"),
        (clip(0, 5, ""), "full path"),
        (otio.schema.Clip("m", otio.schema.MissingReference(), span(0, 5)), "names no file"),
        (clip(-3, 5), "has not"),
        (clip(0.4, 5), "whole frames"),
        (clip(0, float("inf")), "whole frames"),
        (clip(1e300, 5), "whole frames"),
    ],
)
def test_a_clip_that_cannot_be_placed_is_told(tmp_path, made, why):
    with pytest.raises(LavError, match=why) as refused:
        read(saved(tmp_path, made))
    assert refused.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no timeline",
        "{}",
        "[]",
        "7",
        '{"OTIO_SCHEMA": 3}',
        '{"OTIO_SCHEMA": "Nope.1"}',
        '{"OTIO_SCHEMA": "Timeline.99"}',
        '{"OTIO_SCHEMA": "Timeline.1", "tracks": 3}',
        '{"OTIO_SCHEMA": "Timeline.1", "tracks": {"OTIO_SCHEMA": "Clip.2"}}',
        '{"OTIO_SCHEMA": "Clip.2"}',
        '{"OTIO_SCHEMA": "Timeline.1", "name": "no rate"}',
        '{"OTIO_SCHEMA": "Timeline.1", "x": ' + "[" * 200_000,
        '{"OTIO_SCHEMA": "Timeline.1", "x": ' + "[" * DEEPEST + "]" * DEEPEST + "}",
        '{"OTIO_SCHEMA": "SerializableCollection.1", "children": [], "metadata": {}, "name": "x"}',
    ],
)
def test_what_is_no_timeline_is_told_and_ends_nothing(tmp_path, text):
    path = tmp_path / "bad.otio"
    path.write_text(text)
    with pytest.raises(LavError, match=r"bad\.otio cannot be read as a timeline") as refused:
        read(path)
    assert refused.value.code == Code.media_unreadable


def test_files_that_are_none_are_told(tmp_path):
    os.mkfifo(tmp_path / "pipe.otio")
    for path in (tmp_path / "gone.otio", tmp_path, tmp_path / "pipe.otio"):
        with pytest.raises(LavError, match="not a file") as refused:
            read(path)
        assert refused.value.code == Code.media_missing
    large = tmp_path / "large.otio"
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(LavError, match="larger than"):
        read(large)
    (tmp_path / "bytes.otio").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LavError, match="not text"):
        read(tmp_path / "bytes.otio")


@pytest.mark.parametrize(
    ("items", "rate", "why"),
    [
        ([item("a", 1, 0, 10), item("b", 10, 0, 10)], NTSC, "taken"),
        ([item("a", 0, 0, 10)], NTSC, "before the timeline"),
        ([replace(item("a", 1, 0, 10), shown=None)], NTSC, "shows no frames"),
        ([item("a", 1, 0, 0)], NTSC, "shows no frames"),
        ([replace(item("a", 1, 0, 9), source=ClipRange("/m", 0, 8))], NTSC, "9 frames"),
        ([], None, "no rate"),
        ([], Rational(24, 0), "no rate"),
    ],
)
def test_a_timeline_that_cannot_be_is_not_written(tmp_path, items, rate, why):
    with pytest.raises(LavError, match=why):
        timeline.write(cut(tmp_path, *items, rate=rate))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_never_replaced(tmp_path):
    (tmp_path / "cut.otio").write_text("mine")
    with pytest.raises(LavError) as refused:
        timeline.write(cut(tmp_path, item("a", 1, 0, 10)))
    assert refused.value.code == Code.output_exists
    assert (tmp_path / "cut.otio").read_text() == "mine"


def test_rates_are_exact_again(tmp_path):
    made = cut(tmp_path, item("a", 1, 0, 10), rate=Rational(30000, 1001))
    timeline.write(made)
    rate = read(tmp_path / "cut.otio").rate
    assert rate is not None
    assert Fraction(rate.numerator, rate.denominator) == Fraction(30000, 1001)
