"""Whatever the container, a range gives exactly its frames, in any order of asking."""

from __future__ import annotations

import gc
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from lav_engine.errors import Code, LavError, MediaError
from lav_engine.frames import SmallFrames
from lav_engine.media.planes import Planes
from lav_engine.media.probe import probe
from lav_engine.media.source import Reader, check_range

FRAMES = 60
B_FRAMES = {"bf": "3", "g": "24", "preset": "veryfast"}
OPEN_GOP = {**B_FRAMES, "g": "12", "x264-params": "open-gop=1"}
UNEVEN = list(np.cumsum([1000 + 500 * (n % 7 == 3) + 37 * (n % 3) for n in range(FRAMES)]))

FILMS: dict[str, dict[str, object]] = {
    "long_gop_23976.mp4": {"rate": Fraction(24000, 1001), "options": B_FRAMES},
    "open_gop_2997.mp4": {"rate": Fraction(30000, 1001), "options": OPEN_GOP},
    "open_gop_24.mkv": {"options": OPEN_GOP},
    "open_gop_25.ts": {"rate": Fraction(25), "options": OPEN_GOP},
    "open_gop_50.ts": {"rate": Fraction(50), "options": OPEN_GOP},
    "intra_refresh.mp4": {"options": {"bf": "0", "g": "20", "x264-params": "intra-refresh=1"}},
    "intra_refresh.ts": {"options": {"bf": "0", "g": "20", "x264-params": "intra-refresh=1"}},
    "uneven.mp4": {"options": B_FRAMES, "ticks": UNEVEN},
    "uneven.mkv": {"options": B_FRAMES, "ticks": UNEVEN},
    "late_start.mp4": {"options": B_FRAMES, "ticks": [90_000 + 1000 * n for n in range(FRAMES)]},
    "late_start.mkv": {"options": B_FRAMES, "ticks": [90_000 + 1000 * n for n in range(FRAMES)]},
    "fragmented.mp4": {
        "options": B_FRAMES,
        "container_options": {"movflags": "frag_keyframe+empty_moov"},
    },
    "prores.mov": {
        "rate": Fraction(24000, 1001),
        "codec": "prores_ks",
        "pixel_format": "yuv422p10le",
    },
    "mpeg2.mxf": {"rate": Fraction(25), "codec": "mpeg2video", "options": {"bf": "2", "g": "12"}},
    "mpeg2.mpg": {"rate": Fraction(25), "codec": "mpeg2video", "options": {"bf": "2", "g": "12"}},
    "motion.avi": {"codec": "mjpeg", "pixel_format": "yuvj420p"},
    "lossless.mkv": {"codec": "ffv1", "options": {"g": "1"}},
}


@pytest.fixture(scope="session", params=FILMS)
def clip(request: pytest.FixtureRequest, film: Callable[..., Path]) -> Path:
    return film(request.param, frames=FRAMES, **FILMS[request.param])


def test_any_range_gives_exactly_its_frames(clip: Path, number: Callable[[Planes], int]) -> None:
    with Reader(clip) as reader:
        assert reader.facts.frames == FRAMES
        for first, count in ((0, FRAMES), (23, 3), (FRAMES - 1, 1), (11, 14), (12, 2), (0, 1)):
            planes = list(reader.read(first, count))
            assert [number(one) for one in planes] == list(range(first, first + count))
            assert [one.media_frame for one in planes] == list(range(first, first + count))


def test_any_order_gives_the_same_pixels(clip: Path) -> None:
    with Reader(clip) as reader:
        in_order = [one.y for one in reader.read(0, FRAMES)]
        order = random.Random(5).sample(range(FRAMES), 20)
        for first in order:
            (planes,) = reader.read(first, 1)
            assert np.array_equal(planes.y, in_order[first]), first


def test_an_edit_list_hides_the_frames_before_it(
    film: Callable[..., Path],
    cut: Callable[[Path, Path, int], Path],
    number: Callable[[Planes], int],
    tmp_path: Path,
) -> None:
    whole = film("whole.mp4", options=B_FRAMES)
    clip = cut(whole, tmp_path / "cut.mp4", 31)
    with Reader(clip) as reader:
        assert reader.facts.frames == FRAMES - 31
        assert [number(one) for one in reader.read(0, 5)] == [31, 32, 33, 34, 35]
        assert [number(one) for one in reader.read(2, 2)] == [33, 34]


def test_a_stream_cut_inside_a_group_starts_at_its_first_whole_frame(
    film: Callable[..., Path], number: Callable[[Planes], int], tmp_path: Path
) -> None:
    whole = film("whole.ts", rate=Fraction(25), options=OPEN_GOP).read_bytes()
    clip = tmp_path / "late.ts"
    clip.write_bytes(whole[188 * (len(whole) // 188 // 3) :])
    with Reader(clip) as reader:
        numbers = [number(one) for one in reader.read(0, reader.facts.frames)]
    assert numbers == list(range(numbers[0], FRAMES))
    assert 0 < numbers[0] < FRAMES - 12


def test_two_readings_at_once_do_not_disturb_each_other(
    film: Callable[..., Path], number: Callable[[Planes], int]
) -> None:
    with Reader(film("both.mp4", options=B_FRAMES)) as reader:
        one, two = reader.read(4, 4), reader.read(40, 4)
        pairs = [(number(a), number(b)) for a, b in zip(one, two, strict=True)]
    assert pairs == [(4, 40), (5, 41), (6, 42), (7, 43)]


@pytest.mark.parametrize(("first", "count"), [(-1, 2), (0, 0), (0, -3), (59, 2), (60, 1)])
def test_a_range_outside_the_clip_is_refused_with_both_numbers(
    film: Callable[..., Path], first: int, count: int
) -> None:
    facts = probe(film("range.mkv", codec="ffv1"))
    with pytest.raises(LavError, match="0 to 59") as refusal:
        check_range(facts, first, count)
    assert refusal.value.code is Code.range_outside


def test_a_damaged_frame_is_named(film: Callable[..., Path], tmp_path: Path) -> None:
    data = bytearray(film("whole.mov", codec="prores_ks", pixel_format="yuv422p10le").read_bytes())
    with av.open(film("whole.mov", codec="prores_ks", pixel_format="yuv422p10le")) as container:
        entry = container.streams.video[0].index_entries[7]
        start, size = entry.pos, entry.size
    data[start : start + size] = bytes(size)
    clip = tmp_path / "damaged.mov"
    clip.write_bytes(data)
    with Reader(clip) as reader:
        assert len(list(reader.read(0, 7))) == 7
        with pytest.raises(MediaError, match=r"Media frame 7 of damaged\.mov"):
            list(reader.read(7, 1))
        assert len(list(reader.read(8, 3))) == 3


PACKED = {
    "yuv420p": (8, 2, 2),
    "yuv422p10le": (10, 2, 1),
    "yuv444p12le": (12, 1, 1),
    "yuva444p10le": (10, 1, 1),
    "gbrp12le": (12, 1, 1),
    "bgr0": (8, 1, 1),
    "bgra": (8, 1, 1),
    "gray10le": (10, 2, 2),
}


@pytest.mark.parametrize("pixel_format", PACKED)
def test_planes_hold_the_codes_as_stored(film: Callable[..., Path], pixel_format: str) -> None:
    clip = film("stored.mkv", codec="ffv1", frames=3, pixel_format=pixel_format)
    with Reader(clip) as reader:
        (planes,) = reader.read(1, 1)
    layout = planes.layout
    assert (layout.depth, layout.across, layout.down) == PACKED[pixel_format]
    assert planes.y.dtype == layout.dtype
    assert planes.u.shape == planes.v.shape == layout.chroma_shape
    assert (planes.a is not None) == layout.has_alpha == (pixel_format in ("yuva444p10le", "bgra"))
    with av.open(clip) as container:
        frame = [*container.decode(video=0)][1]
    if pixel_format.startswith("bgr"):
        rows = np.frombuffer(memoryview(frame.planes[0]), np.uint8).reshape(layout.height, -1, 4)
        stored = [rows[:, : layout.width, channel] for channel in (1, 0, 2)]  # G, B, R
    else:
        stored = [
            np.frombuffer(memoryview(one), layout.dtype).reshape(one.height, -1)[:, : one.width]
            for one in frame.planes
        ]
    for mine, theirs in zip((planes.y, planes.u, planes.v), stored, strict=False):
        assert np.array_equal(mine, theirs)
    if pixel_format.startswith("gray"):
        assert (planes.u == 512).all()
        assert (planes.v == 512).all()


def test_closing_ends_the_decoders_threads_at_once(clip: Path) -> None:
    """Not when the garbage is collected: in a worker job after job leaves some."""
    before = psutil.Process().num_threads()
    gc.disable()
    try:
        facts = probe(clip)
        with SmallFrames(facts, (64, 48)) as small, Reader(clip, facts) as reader:
            small.at((0, 9))
            next(reader.read(3, 2))
        del small, reader
        assert psutil.Process().num_threads() <= before
    finally:
        gc.enable()


def test_nothing_here_installs_a_log_callback() -> None:
    """With frame threads it would deadlock: PyAV then takes the GIL from decoder threads."""
    assert av.logging.get_level() is None
