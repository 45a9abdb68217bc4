"""The timeline: read back with OpenTimelineIO, and its shape as JSON, as Resolve reads it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lav_client import otio as lav_otio
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb

NTSC = Fraction(24000, 1001)


def take(
    rate: Fraction = Fraction(24),
    first: int = 12,
    count: int = 48,
    source_timecode: str = "01:00:00:00",
    timecode: str = "01:00:00:12",
    source: str = "/media/b ü #1/clip 1.mov",
) -> pb.Take:
    wire_rate = pb.Rational(numerator=rate.numerator, denominator=rate.denominator)
    return pb.Take(
        path="/media/relit/clip 1_relit.mov",
        clip=pb.ClipRange(path=source, first=first, count=count, rate=wire_rate),
        engine="draft",
        engine_version="1",
        light=pb.Light(prompt="candle", lamps=[pb.Lamp(azimuth=-70)], exposure=0.42),
        amount=0.8,
        timecode=timecode,
        source_timecode=source_timecode,
        source_frames=240,
        reel="A001",
    )


def written(a_take: pb.Take, folder: Path) -> otio.schema.Timeline:
    path = folder / "cut.otio"
    lav_otio.write(lav_otio.timeline_for(a_take, "job7"), path)
    return otio.adapters.read_from_file(str(path))


def only_clip(timeline: otio.schema.Timeline) -> otio.schema.Clip:
    (clip,) = timeline.find_clips()
    return clip


def media_frames(clip: otio.schema.Clip, key: str) -> tuple[int, int]:
    """The media frames of one reference that the clip's source range means."""
    available = clip.media_references()[key].available_range
    first = clip.source_range.start_time - available.start_time
    return round(first.value), round(clip.source_range.duration.value)


def test_the_clip_holds_the_take_and_the_original_with_the_take_active(tmp_path):
    clip = only_clip(written(take(), tmp_path))
    assert set(clip.media_references()) == {"DEFAULT_MEDIA", "Original"}
    assert clip.active_media_reference_key == "DEFAULT_MEDIA"
    assert clip.media_reference.target_url == "/media/relit/clip 1_relit.mov"
    assert clip.media_references()["Original"].target_url == "/media/b ü #1/clip 1.mov"


def test_one_source_range_means_the_same_pictures_in_both_references(tmp_path):
    clip = only_clip(written(take(), tmp_path))
    assert media_frames(clip, "DEFAULT_MEDIA") == (0, 48)
    assert media_frames(clip, "Original") == (12, 48)


def test_times_are_absolute_in_the_medias_own_time_code(tmp_path):
    clip = only_clip(written(take(), tmp_path))
    assert clip.source_range.start_time.to_timecode() == "01:00:00:12"
    original = clip.media_references()["Original"].available_range
    assert original.start_time.to_timecode() == "01:00:00:00"
    assert original.duration.value == 240


def test_without_time_code_both_references_still_agree(tmp_path):
    clip = only_clip(written(take(source_timecode="", timecode=""), tmp_path))
    assert clip.source_range.start_time.value == 0
    assert media_frames(clip, "DEFAULT_MEDIA") == (0, 48)
    assert media_frames(clip, "Original") == (12, 48)


def test_a_source_that_runs_past_midnight_keeps_its_frames(tmp_path):
    past = take(first=48, source_timecode="23:59:59:00", timecode="00:00:01:00")
    clip = only_clip(written(past, tmp_path))
    assert media_frames(clip, "Original") == (48, 48)


@pytest.mark.parametrize(
    ("rate", "timecode", "frame"),
    [
        (NTSC, "01:00:00:00", 86400),
        (Fraction(25), "10:00:00:00", 900000),
        (Fraction(30000, 1001), "01:00:00;02", 107894),
        (Fraction(30000, 1001), "01:00:00:02", 108002),
        (Fraction(60000, 1001), "00:01:00;04", 3600),
    ],
)
def test_ntsc_rates_are_exact_and_frame_counts_are_right(rate, timecode, frame, tmp_path):
    built = take(rate=rate, first=0, source_timecode=timecode, timecode=timecode)
    start = only_clip(written(built, tmp_path)).source_range.start_time
    assert start.value == frame
    assert start.rate == float(rate)


def test_the_timeline_starts_at_one_hour_counted_as_the_clip_counts(tmp_path):
    plain = written(take(), tmp_path)
    assert plain.global_start_time.to_timecode() == "01:00:00:00"
    (tmp_path / "cut.otio").unlink()
    rate, start = Fraction(30000, 1001), "01:00:00;00"
    drop = written(take(rate=rate, source_timecode=start, timecode=start), tmp_path)
    assert drop.global_start_time.value == 107892


def test_rates_snap_to_broadcast_rates_only_when_they_are_that_rate():
    assert lav_otio.otio_rate(Fraction(2997, 100)) == 30000 / 1001
    assert lav_otio.otio_rate(Fraction(24)) == 24.0
    assert lav_otio.otio_rate(NTSC) == 24000 / 1001
    for odd in (8, 14, 16, Fraction(25, 2)):
        assert lav_otio.otio_rate(Fraction(odd)) == float(odd)


@given(st.integers(0, 5000), st.integers(1, 5000), st.sampled_from([8, 14, 24, 25, NTSC, 50]))
def test_any_range_at_any_rate_lands_on_whole_frames(first, count, rate):
    bare = take(Fraction(rate), first, count, source_timecode="", timecode="")
    clip = only_clip(lav_otio.timeline_for(bare, "j"))
    assert media_frames(clip, "DEFAULT_MEDIA") == (0, count)
    assert media_frames(clip, "Original") == (first, count)


def test_the_json_has_the_shape_that_resolve_reads(tmp_path):
    written(take(), tmp_path)
    document = json.loads((tmp_path / "cut.otio").read_text())
    assert document["OTIO_SCHEMA"] == "Timeline.1"
    assert document["metadata"]["Resolve_OTIO"] == {"Resolve OTIO Meta Version": "1.0"}
    assert document["global_start_time"]["value"] == 86400.0
    (track,) = document["tracks"]["children"]
    assert (track["name"], track["kind"]) == ("Video 1", "Video")
    assert track["metadata"] == {"Resolve_OTIO": {"Locked": False}}
    (clip,) = track["children"]
    assert clip["OTIO_SCHEMA"] == "Clip.2"
    assert clip["active_media_reference_key"] in clip["media_references"]
    assert clip["metadata"]["Resolve_OTIO"] == {"Link Group ID": 1}
    for reference in clip["media_references"].values():
        assert reference["OTIO_SCHEMA"] == "ExternalReference.1"
        assert reference["target_url"].startswith("/media/")  # bare, not file://
        assert reference["available_range"]["duration"]["value"] > 0


def test_the_clip_remembers_how_it_was_lit(tmp_path):
    clip = only_clip(written(take(), tmp_path))
    said = clip.metadata["lav"]
    assert (said["job"], said["engine"], said["amount"]) == ("job7", "draft", 0.8)
    assert said["light"]["exposure"] == 0.42
    assert said["light"]["lamps"][0]["azimuth"] == -70


def test_readers_that_know_one_reference_get_the_take():
    old = otio.versioning.fetch_map("OTIO_CORE", "0.14.0")
    text = otio.adapters.write_to_string(
        lav_otio.timeline_for(take(), "j"), target_schema_versions=old
    )
    (clip,) = json.loads(text)["tracks"]["children"][0]["children"]
    assert clip["OTIO_SCHEMA"] == "Clip.1"
    assert clip["media_reference"]["target_url"] == "/media/relit/clip 1_relit.mov"


def test_an_existing_timeline_is_never_replaced(tmp_path):
    path = tmp_path / "cut.otio"
    path.write_text("mine")
    with pytest.raises(LavError) as refused:
        lav_otio.write(lav_otio.timeline_for(take(), "j"), path)
    assert refused.value.code == Code.output_exists
    assert [file.name for file in tmp_path.iterdir()] == ["cut.otio"]
    assert path.read_text() == "mine"
