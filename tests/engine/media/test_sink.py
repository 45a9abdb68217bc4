"""A take holds exactly the frames it was given, or it does not exist."""

from __future__ import annotations

import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest
from film_takes import CODECS, SMOOTH, Film, assert_nothing_else, frames_of, take

from lav_engine.errors import Code, LavError
from lav_engine.media.planes import Layout, Planes
from lav_engine.media.probe import probe
from lav_engine.media.sink import Sink
from lav_engine.media.source import Reader
from lav_engine.publish import publish
from lav_engine.spec import Codec

RATES = [Fraction(rate) for rate in (24, 25, 50)] + [
    Fraction(rate * 1000, 1001) for rate in (24, 30, 60)
]


@pytest.mark.parametrize("rate", RATES, ids=str)
@pytest.mark.parametrize(("codec", "suffix"), CODECS)
def test_a_take_holds_exactly_the_range(
    film: Film,
    number: Callable[[Planes], int],
    tmp_path: Path,
    rate: Fraction,
    codec: Codec,
    suffix: str,
) -> None:
    source = film("long.mp4", rate=rate, frames=40, options={"bf": "3", "g": "24"})
    target = tmp_path / f"take{suffix}"
    take(source, target, codec, 13, 17)
    facts = probe(target)
    assert (facts.frames, facts.rate, facts.is_variable_rate) == (17, rate, False)
    assert [number(one) for one in frames_of(target)] == list(range(13, 30))
    assert_nothing_else(tmp_path, target.name)


@pytest.mark.skipif(sys.platform != "linux", reason="processors can be taken away on Linux")
@pytest.mark.parametrize(("codec", "suffix"), CODECS)
def test_the_same_take_is_the_same_file_on_any_day_and_any_number_of_processors(
    film: Film, tmp_path: Path, codec: Codec, suffix: str
) -> None:
    source = film("in.mp4", frames=20, size=(320, 240))
    all_here = os.sched_getaffinity(0)
    take(source, tmp_path / f"one{suffix}", codec)
    time.sleep(1)  # dates in files count seconds
    os.sched_setaffinity(0, {min(all_here)})
    try:
        take(source, tmp_path / f"two{suffix}", codec)
    finally:
        os.sched_setaffinity(0, all_here)
    one, two = (tmp_path / f"{name}{suffix}" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.fixture
def sink(film: Film, tmp_path: Path) -> Callable[..., Sink]:
    source = film("in.mkv", frames=12, **SMOOTH)

    def make(path: Path | None = None, codec: Codec = Codec.prores, count: int = 12) -> Sink:
        with Reader(source) as reader:
            facts, layout = reader.facts, reader.layout
        return Sink(path or tmp_path / "take.mov", facts, layout, codec, count, facts.rate)

    return make


@pytest.fixture
def planes(film: Film) -> Planes:
    return frames_of(film("in.mkv", frames=1, **SMOOTH))[0]


def record(sink: Sink, planes: Planes, frames: int) -> None:
    with sink:
        for _ in range(frames):
            sink.write(planes)
        publish(sink.finish())


def test_an_error_half_way_leaves_nothing(
    sink: Callable[..., Sink], planes: Planes, tmp_path: Path
) -> None:
    def spoil(output: Sink) -> None:
        with output:
            output.write(planes)
            (hidden,) = tmp_path.glob(".take*")
            assert hidden.stat().st_mode & 0o777 == 0o600
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        spoil(sink())
    assert_nothing_else(tmp_path)


def test_what_is_not_published_does_not_remain(
    sink: Callable[..., Sink], planes: Planes, tmp_path: Path
) -> None:
    with sink() as output:
        output.write(planes)
    with sink():
        pass
    assert_nothing_else(tmp_path)


def test_a_take_that_lacks_frames_is_not_published(
    sink: Callable[..., Sink], planes: Planes, tmp_path: Path
) -> None:
    with pytest.raises(LavError, match="3 of 12 frames") as refusal:
        record(sink(), planes, 3)
    assert refusal.value.code is Code.internal
    assert_nothing_else(tmp_path)


def test_a_published_take_has_the_usual_permissions(
    sink: Callable[..., Sink], planes: Planes, tmp_path: Path
) -> None:
    record(sink(count=1), planes, 1)
    (tmp_path / "other").touch()
    assert (tmp_path / "take.mov").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_nothing_is_overwritten(sink: Callable[..., Sink], planes: Planes, tmp_path: Path) -> None:
    target = tmp_path / "take.mov"
    target.write_bytes(b"precious")
    with pytest.raises(LavError) as refusal:
        sink()
    assert refusal.value.code is Code.output_exists
    target.unlink()
    target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(LavError, match="exists already"):
        sink()
    target.unlink()
    late = sink(count=1)
    target.write_bytes(b"meanwhile")
    with pytest.raises(LavError, match="exists already"):
        record(late, planes, 1)
    assert target.read_bytes() == b"meanwhile"
    assert_nothing_else(tmp_path, "take.mov")


def test_folders_that_take_no_file(sink: Callable[..., Sink], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "missing", tmp_path / "file", Path("/proc")):
        with pytest.raises(LavError) as refusal:
            sink(folder / "take.mov")
        assert refusal.value.code is Code.output_unwritable
        assert refusal.value.hint


@pytest.mark.parametrize("what", ["the folder", "the unfinished file"])
def test_what_goes_while_a_take_is_written_is_told_by_names_its_user_knows(
    sink: Callable[..., Sink], planes: Planes, tmp_path: Path, what: str
) -> None:
    folder = tmp_path / "takes"
    folder.mkdir()
    output = sink(folder / "take.mov", count=1)
    output.write(planes)
    for path in folder.iterdir():
        path.unlink()
    if what == "the folder":
        folder.rmdir()
    with pytest.raises(LavError) as refusal, output:
        output.finish()
    assert refusal.value.code is Code.output_unwritable
    assert str(folder) in refusal.value.message
    assert "take.mov" in refusal.value.message
    assert "lav-part" not in str(refusal.value)


@contextmanager
def short_disk(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: the kernel then refuses to write, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [20, 1000, 60_000])
def test_a_full_disk_is_told_and_leaves_nothing(
    sink: Callable[..., Sink], planes: Planes, tmp_path: Path, size: int
) -> None:
    with pytest.raises(LavError) as refusal, short_disk(size):
        record(sink(), planes, 12)
    assert refusal.value.code is Code.disk_short
    assert_nothing_else(tmp_path)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("take.mp4", Codec.prores),
        ("take.avi", Codec.h264),
        ("take.mov", Codec.ffv1),
        ("take", Codec.ffv1),
    ],
)
def test_codecs_that_do_not_go_into_a_container(
    sink: Callable[..., Sink], tmp_path: Path, name: str, codec: Codec
) -> None:
    with pytest.raises(LavError, match="does not go into") as refusal:
        sink(tmp_path / name, codec)
    assert refusal.value.code is Code.unsupported
    assert "Name the file take." in refusal.value.hint
    assert_nothing_else(tmp_path)


@pytest.mark.parametrize("size", [(161, 96), (160, 97), (161, 97)])
def test_odd_sizes_stay_or_are_refused(film: Film, tmp_path: Path, size: tuple[int, int]) -> None:
    source = film("odd.mkv", codec="ffv1", frames=2, size=size)
    take(source, tmp_path / "take.mov", Codec.prores)
    assert (probe(tmp_path / "take.mov").width, probe(tmp_path / "take.mov").height) == size
    with pytest.raises(LavError, match="only even sizes"):
        take(source, tmp_path / "take.mp4", Codec.h264)
    assert_nothing_else(tmp_path, "take.mov")


def test_layouts_without_a_format_are_refused(film: Film, tmp_path: Path) -> None:
    facts = probe(film("in.mkv", codec="ffv1", frames=2))
    layout = Layout(160, 96, 12, 2, 2, "bt709", has_alpha=True)
    with pytest.raises(LavError, match="FFV1 has no") as refusal:
        Sink(tmp_path / "take.mkv", facts, layout, Codec.ffv1, 2, facts.rate)
    assert refusal.value.code is Code.unsupported
