"""Whatever crosses the wire comes back as it was; what is no number or no rate is refused."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lav_engine.errors import Code, LavError
from lav_engine.spec import (
    Ambient,
    ClipRange,
    Codec,
    Delivery,
    Diffusion,
    Key,
    Lamp,
    LampPatch,
    Light,
    LightRequest,
    Lora,
    MediaFacts,
    Mode,
    Options,
    Output,
    Plan,
    Prompts,
    RelightRequest,
    Role,
    Scope,
    ShotExposure,
    Stage,
    Take,
)
from lav_proto.v1 import relight_pb2 as pb
from lav_server import wire, wire_results
from lav_server.jobs import JobState, Picture, Progress, Report, Task, Window
from lav_server.problem import Problem
from lav_server.reports import (
    report_from_message,
    report_to_message,
    task_from_message,
    task_to_message,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
optional = st.none() | numbers
colors = st.none() | st.tuples(numbers, numbers, numbers)
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
words = st.lists(text, max_size=3).map(tuple)
frames = st.integers(0, 2**40)
sizes = st.integers(1, 16384)  # pixels
rates = st.fractions(Fraction(1, 100), Fraction(1000), max_denominator=100_000)
paths = text.map(lambda name: Path("/media") / name.replace("/", "_"))


def whole(kind: type, **values: st.SearchStrategy) -> st.SearchStrategy:
    """Fills every field: one that is added to a type cannot travel untested."""
    assert set(values) == {field.name for field in fields(kind)}
    return st.builds(kind, **values)


clips = whole(ClipRange, path=paths, first=frames, count=frames, rate=rates | st.just(Fraction(0)))
lamps = whole(
    Lamp,
    role=st.sampled_from(Role),
    azimuth=numbers,
    elevation=numbers,
    kelvin=numbers,
    tint=numbers,
    color=colors,
    stops=numbers,
    size=numbers,
    at=st.none() | st.tuples(numbers, numbers),
    radius=numbers,
)
plain_lights = whole(
    Light,
    keys=st.just(()),
    prompt=text,
    lamps=st.lists(lamps, max_size=3).map(tuple),
    ambient=whole(Ambient, stops=optional, kelvin=numbers, tint=numbers, color=colors),
    exposure=optional,
    bias=numbers,
    haze=numbers,
    source_white=numbers,
)
lights = st.builds(
    lambda light, keys: replace(light, keys=tuple(keys)),
    plain_lights,
    st.lists(whole(Key, media_frame=frames, light=plain_lights), max_size=2),
)
loras = st.lists(whole(Lora, path=paths, weight=numbers), max_size=2).map(tuple)
exposures = st.lists(
    whole(ShotExposure, first=frames, end=frames, exposure=numbers), max_size=2
).map(tuple)
counts = st.none() | st.integers(-(2**31), 2**31 - 1)
requests = whole(
    RelightRequest,
    clip=clips,
    light=whole(
        LightRequest,
        prompt=text,
        preset=text,
        light=st.none() | lights,
        lamp=whole(
            LampPatch,
            azimuth=optional,
            elevation=optional,
            kelvin=optional,
            tint=optional,
            color=colors,
            stops=optional,
            size=optional,
        ),
        key_fill=optional,
        exposure=optional,
        haze=optional,
    ),
    output=whole(
        Output,
        path=paths,
        codec=st.none() | st.sampled_from(Codec),
        audio=st.booleans(),
        for_host=st.booleans(),
        sheet=st.none() | paths,
    ),
    engine=text.filter(bool),
    options=whole(
        Options,
        prompts=whole(Prompts, relight=text, video=text, background=text, negative=text),
        scope=st.sampled_from(Scope),
        seed=st.integers(-(2**63), 2**63 - 1),
        diffusion=whole(
            Diffusion,
            mode=st.sampled_from(Mode),
            steps=counts,
            strength=optional,
            guidance=optional,
            gamma=optional,
            relight_steps=counts,
            relight_strength=optional,
            relight_guidance=optional,
            image_loras=loras,
            video_loras=loras,
            light_image=st.none() | paths,
            background=st.booleans(),
            video_model=text,
            models=st.none() | paths,
        ),
    ),
    mask=st.none() | paths,
    mask_grow=numbers,
    delivery=st.sampled_from(Delivery),
    amount=numbers,
    exposures=exposures,
)
takes = whole(
    Take,
    path=paths,
    clip=clips,
    width=st.integers(1, 16384),
    height=st.integers(1, 16384),
    engine=text,
    engine_version=text,
    light=lights,
    amount=numbers,
    codec=st.sampled_from(Codec),
    timecode=text,
    reel=text,
    seconds=numbers,
    sheet=st.none() | paths,
    map_folder=st.none() | paths,
    map_keys=words,
    source_timecode=text,
    source_frames=frames,
    exposures=exposures,
    warnings=words,
    unmatched_words=words,
)
problems = whole(
    Problem, code=st.sampled_from(Code), message=text, hint=text, retryable=st.booleans()
)
reports = st.one_of(
    st.builds(
        Report,
        progress=whole(
            Progress,
            stage=st.sampled_from(Stage),
            done=frames,
            total=frames,
            fraction=numbers,
            eta_seconds=optional,
        ),
    ),
    st.builds(
        Report,
        preview=whole(
            Picture,
            data=st.binary(),
            mime_type=text,
            width=st.integers(1, 999),
            height=st.integers(1, 999),
        ),
    ),
    st.builds(Report, warning=text.filter(bool)),
    st.builds(
        Report,
        window=whole(Window, index=st.integers(0, 10**6), key=text, is_reused=st.booleans()),
    ),
    st.builds(Report, take=takes),
    st.builds(Report, problem=problems),
    st.just(Report(cancelled=True)),
)
quick = settings(max_examples=60, deadline=None)


@quick
@given(requests)
def test_requests_survive_the_wire(request: RelightRequest) -> None:
    message = pb.RelightRequest.FromString(wire.request_to_wire(request).SerializeToString())
    assert wire.request_from_wire(message) == request


@quick
@given(takes)
def test_takes_survive_the_wire(take: Take) -> None:
    message = pb.Take.FromString(wire_results.take_to_wire(take).SerializeToString())
    assert wire_results.take_from_wire(message) == take


@quick
@given(reports)
def test_reports_survive_the_channel(report: Report) -> None:
    assert report_from_message(report_to_message(report)) == report


@quick
@given(requests, st.integers(0, 2**31))
def test_tasks_survive_the_channel(request: RelightRequest, epoch: int) -> None:
    task = Task("job", epoch, request, Path("/cache/maps"), Path("/jobs/job"))
    assert task_from_message(task_to_message(task)) == task


@quick
@given(
    whole(
        MediaFacts,
        path=paths,
        frames=frames,
        rate=rates,
        width=st.integers(1, 16384),
        height=st.integers(1, 16384),
        pixel_aspect=rates,
        rotation=st.sampled_from([0, 90, 180, 270]),
        codec=text,
        pixel_format=text,
        bit_depth=st.integers(1, 32),
        color_primaries=text,
        color_transfer=text,
        color_matrix=text,
        color_range=text,
        is_variable_rate=st.booleans(),
        is_interlaced=st.booleans(),
        timecode=text,
        reel=text,
        has_audio=st.booleans(),
        container=text,
        notes=words,
        has_alpha=st.booleans(),
    )
)
def test_facts_survive_the_wire(facts: MediaFacts) -> None:
    assert wire_results.facts_from_wire(wire_results.facts_to_wire(facts)) == facts


@quick
@given(
    whole(
        Plan,
        shots=st.lists(st.tuples(frames, frames), max_size=3).map(tuple),
        windows=st.integers(0, 1000),
        working_size=st.tuples(st.integers(1, 9999), st.integers(1, 9999)),
        disk_bytes=frames,
        memory_bytes=frames,
        seconds=numbers,
        light=lights,
        codec=st.sampled_from(Codec),
        warnings=words,
        unmatched_words=words,
        device=text,
    )
)
def test_plans_survive_the_wire(plan: Plan) -> None:
    assert wire_results.plan_from_wire(wire_results.plan_to_wire(plan)) == plan


@pytest.mark.parametrize("kind", [Role, Scope, Delivery, Codec, Mode, Stage, JobState])
def test_every_enum_has_the_same_members_on_the_wire(kind: type[StrEnum]) -> None:
    ours = {wire.enum_to_wire(member) for member in kind}
    theirs = set(getattr(pb, kind.__name__).keys())
    assert {name for name in theirs if not name.endswith("_UNSPECIFIED")} == ours


def test_what_is_left_out_has_the_documented_default() -> None:
    message = pb.RelightRequest(
        clip=pb.ClipRange(path="/a.mov"), output=pb.Output(path="/b.mov"), light=pb.LightRequest()
    )
    clip = ClipRange(Path("/a.mov"), 0, 0, Fraction(0))
    expected = RelightRequest(clip, LightRequest(), Output(Path("/b.mov")))
    assert wire.request_from_wire(message) == expected
    assert wire.lamp_from_wire(pb.Lamp()) == Lamp()
    assert wire.light_from_wire(pb.Light()) == Light()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["azimuth", "kelvin", "stops", "size"])
def test_numbers_that_are_none_are_refused(name: str, value: float) -> None:
    with pytest.raises(LavError, match="not a number"):
        wire.lamp_from_wire(pb.Lamp(**{name: value}))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("numerator", "denominator"), [(24, 0), (0, 1), (-24, 1), (24, -1)])
def test_rates_that_are_none_are_refused(numerator: int, denominator: int) -> None:
    rate = pb.Rational(numerator=numerator, denominator=denominator)
    with pytest.raises(LavError, match="is not a rate"):
        wire.clip_from_wire(pb.ClipRange(path="/a.mov", rate=rate))


@pytest.mark.parametrize(("first", "count"), [(-1, 10), (0, -10), (2**60, 1)])
def test_ranges_before_the_first_frame_are_refused(first: int, count: int) -> None:
    with pytest.raises(LavError) as refused:
        wire.clip_from_wire(pb.ClipRange(path="/a.mov", first=first, count=count))
    assert refused.value.code == Code.range_outside


def test_enum_values_of_a_newer_client_are_refused() -> None:
    message = pb.RelightRequest(clip=pb.ClipRange(path="/a.mov"), output=pb.Output(path="/b.mov"))
    message.scope = 99  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(LavError, match="scope number 99"):
        wire.request_from_wire(message)


def test_a_problem_with_a_newer_code_keeps_its_sentence() -> None:
    problem = wire_results.problem_from_wire(pb.Problem(code="NEW", message="Something new."))
    assert (problem.code, problem.message) == (Code.internal, "Something new.")


def test_a_file_name_that_is_not_text_is_a_sentence() -> None:
    with pytest.raises(LavError, match="not valid text"):
        wire.path_to_wire(Path("/media/\udcff.mov"))


def test_a_new_background_is_delivered_as_a_picture_unless_said_otherwise() -> None:
    message = pb.RelightRequest(
        clip=pb.ClipRange(path="/a.mov"),
        output=pb.Output(path="/b.mov"),
        scope=pb.SCOPE_NEW_BACKGROUND,
    )
    assert wire.request_from_wire(message).delivery == Delivery.picture
    message.delivery = pb.DELIVERY_LIGHT
    assert wire.request_from_wire(message).delivery == Delivery.light
