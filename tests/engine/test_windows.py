"""Windows: every frame once, the same windows for every range, no cut crossed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lav_engine.errors import Code, LavError
from lav_engine.spec import EngineLimits, Lane
from lav_engine.windows import plan

SHOTS = list[tuple[int, int]]


def limits(frames: int, overlap: int, preroll: int) -> EngineLimits:
    return EngineLimits(384, 8, frames, overlap, preroll, Lane.cpu)


@st.composite
def medias(draw: st.DrawFn) -> tuple[SHOTS, EngineLimits]:
    frames = draw(st.integers(1, 20))
    sizes = limits(frames, draw(st.integers(0, frames)), draw(st.integers(0, 12)))
    lengths = draw(st.lists(st.integers(1, 60), min_size=1, max_size=5))
    ends = [sum(lengths[: n + 1]) for n in range(len(lengths))]
    return list(pairwise([0, *ends])), sizes


@st.composite
def requests(draw: st.DrawFn) -> tuple[SHOTS, EngineLimits, int, int]:
    shots, sizes = draw(medias())
    first = draw(st.integers(0, shots[-1][1] - 1))
    return shots, sizes, first, draw(st.integers(1, shots[-1][1] - first))


@settings(deadline=None)
@given(requests())
def test_weights_sum_to_one_at_every_frame_asked_for(request_: tuple):
    shots, sizes, first, count = request_
    spans = plan(first, count, shots[-1][1], shots, sizes)
    for frame in range(first, first + count):
        weights = [span.weight(frame) for span in spans if span.weight(frame) > 0]
        assert sum(weights) == pytest.approx(1, abs=1e-12)
        assert len(weights) <= 2


@settings(deadline=None)
@given(requests())
def test_a_range_only_picks_among_the_windows_of_the_media(request_: tuple):
    shots, sizes, first, count = request_
    whole = plan(0, shots[-1][1], shots[-1][1], shots, sizes)
    picked = plan(first, count, shots[-1][1], shots, sizes)
    touching = (s for s in whole if s.output[0] < first + count and s.output[1] > first)
    assert picked == tuple(touching)


@settings(deadline=None)
@given(requests())
def test_no_window_reads_or_gives_across_a_cut(request_: tuple):
    shots, sizes, first, count = request_
    for span in plan(first, count, shots[-1][1], shots, sizes):
        assert any(a <= span.read[0] and span.read[1] <= b for a, b in shots)
        assert span.read[0] <= span.output[0] < span.output[1] <= span.read[1]
        assert len(span.weights) == span.output[1] - span.output[0]


@settings(deadline=None)
@given(medias())
def test_a_window_never_reads_more_than_its_engine_takes(media: tuple):
    shots, sizes = media
    for span in plan(0, shots[-1][1], shots[-1][1], shots, sizes):
        assert span.read[1] - span.read[0] <= sizes.preroll + sizes.frames + sizes.overlap


@settings(deadline=None)
@given(requests())
def test_a_far_cut_changes_nothing_here(request_: tuple):
    """So that shots found in part of a long media serve as well as all of them."""
    shots, sizes, first, count = request_
    far = shots[-1][1] + 3 * (sizes.frames + sizes.overlap + sizes.preroll)
    near = [*shots[:-1], (shots[-1][0], far)]
    further = [*shots[:-1], (shots[-1][0], far + 7)]
    assert plan(first, count, far, near, sizes) == plan(first, count, far + 7, further, sizes)


def test_windows_start_at_multiples_of_the_grid_with_preroll_from_before_them():
    spans = plan(70, 20, 1000, [(0, 1000)], limits(48, 8, 6))
    assert [span.output for span in spans] == [(48, 104)]
    assert [span.read for span in spans] == [(42, 104)]


def test_a_sliver_beside_a_cut_is_left_to_its_neighbour():
    spans = plan(94, 106, 200, [(0, 94), (94, 200)], limits(48, 8, 6))
    # 94..96 is inside the pre-roll of the window at 96, 192..200 inside the overlap of that at 144.
    assert [span.output for span in spans] == [(94, 152), (144, 200)]


def test_a_fade_is_smooth_and_never_quite_empty():
    one, two = plan(40, 16, 96, [(0, 96)], limits(48, 8, 0))
    incoming = [two.weight(frame) for frame in range(48, 57)]
    assert all(a < b for a, b in pairwise(incoming))
    assert incoming[0] > 0
    assert incoming[-1] == 1
    assert one.weight(47) == 1


@pytest.mark.parametrize(("first", "count"), [(-1, 5), (0, 0), (95, 6), (200, 1)])
def test_a_range_outside_the_media_is_refused(first: int, count: int):
    with pytest.raises(LavError) as error:
        plan(first, count, 100, [(0, 100)], limits(48, 8, 6))
    assert error.value.code is Code.range_outside


def test_shots_with_a_gap_are_refused():
    with pytest.raises(LavError):
        plan(0, 100, 100, [(0, 40), (50, 100)], limits(48, 8, 6))
