"""Whatever we write for Resolve as OpenTimelineIO has the shape of its own."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from resolve.acting import act
from resolve.fake.profiles import ALL
from resolve.fake.world import File, seen
from resolve.shape import problems

from lav_client import otio as take_otio
from lav_client import timeline as timelines
from lav_plugin.messages import ClipRange, Rational, Timeline, TimelineItem
from lav_plugin.model import Refusal
from lav_proto.v1 import relight_pb2 as pb

RATES = [
    (Fraction(24000, 1001), False),
    (Fraction(24), False),
    (Fraction(25), False),
    (Fraction(30000, 1001), True),
]


@pytest.mark.parametrize("profile", [one.name for one in ALL])
@pytest.mark.parametrize(("rate", "is_drop"), RATES)
@pytest.mark.parametrize("hours", [0, 1, 10])
def test_takes_come_onto_a_timeline_of_their_own(
    profile: str, rate: Fraction, is_drop: bool, hours: int, tmp_path: Path
) -> None:
    scene = act(tmp_path, profile, rate)
    scene.scene.timeline.is_drop = is_drop
    scene.host.show(scene.id, scene.takes(scene.take(start=hours * 3600 * round(rate))))
    before = scene.shown()
    assert scene.host.new_timeline("Cut 1 relit") == "Cut 1 relit"
    made = scene.scene.project.timelines[-1]
    assert [(Path(path).name, frame) for path, frame in seen(made)] == before
    assert (made.start, made.rate) == (scene.scene.timeline.start, rate)
    assert scene.scene.project.timeline is scene.scene.timeline
    (path,) = tmp_path.glob("*.otio")
    assert problems(json.loads(path.read_text())) == []
    read = otio.adapters.read_from_file(str(path))
    (clip,) = read.find_clips()
    assert clip.trimmed_range().duration.value == 48


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    scene = act(tmp_path)
    scene.host.show(scene.id, scene.takes(scene.take()))
    assert scene.host.new_timeline("Cut 1") == "Cut 1 2"
    assert scene.host.new_timeline("Cut 1") == "Cut 1 3"


def test_a_timeline_that_does_not_come_is_said(tmp_path: Path) -> None:
    scene = act(tmp_path)
    with pytest.raises(Refusal, match="has no takes"):
        scene.host.new_timeline("Relit")
    take = scene.take()
    scene.host.place_above(scene.id, scene.takes(take))
    scene.scene.files[take.path] = File(72, Fraction(24), start=5)  # Resolve reads it otherwise
    for clip in scene.scene.project.pool():
        if clip.path == take.path:
            clip.properties["Start TC"] = "00:00:00:00"
            clip.file = scene.scene.files[take.path]
    with pytest.raises(Refusal, match=r"read .* otherwise|did not take in"):
        scene.host.new_timeline("Relit")
    assert [one.name for one in scene.scene.project.timelines] == ["Cut 1"]


@pytest.mark.parametrize("timecode", ["01:00:00:00", ""])
def test_the_timeline_of_a_take_has_the_shape(timecode: str) -> None:
    take = pb.Take(
        path="/films/a_lav.mov",
        clip=pb.ClipRange(
            path="/films/a.mov", first=10, count=24, rate=pb.Rational(numerator=24, denominator=1)
        ),
        timecode=timecode,
        light=pb.Light(ambient=pb.Ambient(stops=0.0)),
        source_frames=100,
    )
    made = take_otio.timeline_for(take, "job").to_json_string()
    assert problems(json.loads(made)) == []


def test_the_timeline_of_an_editor_has_the_shape() -> None:
    rate = Rational(24, 1)
    item = TimelineItem(
        name="Shot",
        track=2,
        start=86420,
        shown=ClipRange("/films/a_lav.mov", 12, 48, rate),
        source=ClipRange("/films/a.mov", 30, 48, rate),
        source_frames=120,
        take_frames=72,
        job="job",
    )
    made = timelines.document(Timeline("/films/x.otio", "Cut", rate, 86400, (item,)))
    assert problems(json.loads(made.to_json_string())) == []


def test_other_shapes_are_refused() -> None:
    said = json.loads(
        timelines.document(Timeline("/x.otio", "Cut", Rational(24, 1), 0, ())).to_json_string()
    )
    assert problems(said) == []
    assert problems({}) == ["it is no Timeline.1"]
    assert problems({**said, "global_start_time": None}) == ["it has no global_start_time"]
    assert problems({**said, "metadata": {}}) == [
        "the timeline's metadata have no Resolve_OTIO version"
    ]
