"""A take holds exactly the frames it was given, tagged like its source, or it does not exist."""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lav_engine.errors import Code, LavError
from lav_engine.media import publish, timecode
from lav_engine.media.encoder import losses
from lav_engine.media.planes import Layout, Planes
from lav_engine.media.probe import probe
from lav_engine.media.sink import Sink
from lav_engine.media.source import Reader
from lav_engine.spec import ClipRange, Codec

RATES = [Fraction(rate) for rate in (24, 25, 50)] + [
    Fraction(rate * 1000, 1001) for rate in (24, 30, 60)
]
CODECS = [(Codec.h264, ".mp4"), (Codec.h264, ".mov"), (Codec.prores, ".mov"), (Codec.ffv1, ".mkv")]
SMOOTH = {"codec": "ffv1", "pixel_format": "yuv422p10le"}

Film = Callable[..., Path]


def take(
    source: Path,
    target: Path,
    codec: Codec,
    first: int = 0,
    count: int | None = None,
    *,
    for_host: bool = False,
    audio: bool = False,
) -> list[str]:
    """Copies a range through reader and sink as a render does; the warnings."""
    with Reader(source) as reader:
        facts = reader.facts
        clip = ClipRange(source, first, count or facts.frames - first, facts.rate)
        start = timecode.add(facts.timecode, first, facts.rate) if facts.timecode else ""
        sound = clip if audio else None
        sink = Sink(
            target, facts, reader.layout, codec, clip.count, facts.rate, start, for_host, sound
        )
        with sink:
            for planes in reader.read(first, clip.count):
                sink.write(planes)
            sink.commit()
    return sink.warnings


def frames_of(path: Path) -> list[Planes]:
    with Reader(path) as reader:
        return list(reader.read(0, reader.facts.frames))


def assert_nothing_else(folder: Path, *names: str) -> None:
    assert sorted(one.name for one in folder.iterdir()) == sorted(names)


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


# --- identity ---------------------------------------------------------------------------------

LOSSLESS = [
    "yuv420p",
    "yuvj420p",
    "yuv422p10le",
    "yuv444p12le",
    "yuva444p10le",
    "gbrp10le",
    "gbrp16le",
    "bgr0",
    "bgra",
]


@pytest.mark.parametrize("pixel_format", LOSSLESS)
@pytest.mark.parametrize("size", [(160, 96), (161, 97)])
def test_ffv1_gives_every_code_back(
    film: Film, tmp_path: Path, pixel_format: str, size: tuple[int, int]
) -> None:
    stored = pixel_format.replace("yuvj", "yuv")
    levels = (2, 2, 2, 2 if "j" in pixel_format else 0)
    source = film("in.mkv", codec="ffv1", frames=3, pixel_format=stored, size=size, tags=levels)
    dice = np.random.default_rng(1)
    with Reader(source) as reader:
        facts, layout = reader.facts, reader.layout
        given = [any_code(one, dice) for one in reader.read(0, 3)]
    assert layout.is_full_range == ("j" in pixel_format or layout.is_rgb)
    with Sink(tmp_path / "take.mkv", facts, layout, Codec.ffv1, 3, facts.rate) as sink:
        assert sink.layout == layout
        for planes in given:
            sink.write(planes)
        sink.commit()
    for mine, theirs in zip(frames_of(tmp_path / "take.mkv"), given, strict=True):
        assert mine.layout == theirs.layout
        assert np.array_equal(mine.y, theirs.y)
        assert np.array_equal(mine.u, theirs.u)
        assert np.array_equal(mine.v, theirs.v)
        if theirs.a is not None:
            assert mine.a is not None
            assert np.array_equal(mine.a, theirs.a)


def any_code(planes: Planes, dice: np.random.Generator) -> Planes:
    """Noise over all codes, superwhites and what lies outside the gamut included."""
    top, dtype = 1 << planes.layout.depth, planes.layout.dtype
    y, u, v = (dice.integers(0, top, one.shape, dtype) for one in (planes.y, planes.u, planes.v))
    alpha = None if planes.a is None else dice.integers(0, top, planes.a.shape, dtype)
    return Planes(planes.layout, planes.media_frame, y, u, v, alpha)


def test_prores_keeps_superwhites_to_within_the_codec(film: Film, tmp_path: Path) -> None:
    source = film("in.mkv", frames=2, **SMOOTH)
    with Reader(source) as reader:
        facts, layout = reader.facts, reader.layout
    ramp = np.linspace(4, 1019, 160).round().astype(np.uint16)
    y = np.repeat(ramp[None], 96, axis=0)
    planes = Planes(layout, 0, y, y[:, ::2].copy(), 1023 - y[:, ::2])
    with Sink(tmp_path / "take.mov", facts, layout, Codec.prores, 1, facts.rate) as sink:
        assert sink.layout == layout  # nothing is converted before the codec
        sink.write(planes)
        sink.commit()
    (found,) = frames_of(tmp_path / "take.mov")
    for mine, theirs in ((found.y, planes.y), (found.u, planes.u), (found.v, planes.v)):
        error = np.abs(mine.astype(int) - theirs)
        assert error.mean() < 1  # ProRes quantises; a clip to video levels would cost 40 and more
        assert error.max() <= 8


def test_8_bit_goes_into_prores_times_four(film: Film, tmp_path: Path) -> None:
    source = film("in.mkv", codec="ffv1", frames=2, pixel_format="yuv422p")
    take(source, tmp_path / "take.mov", Codec.prores)
    before, after = frames_of(source)[0], frames_of(tmp_path / "take.mov")[0]
    assert after.layout == replace(before.layout, depth=10)
    assert np.abs(after.y.astype(int) - before.y.astype(int) * 4).mean() < 1.5


def test_10_bit_is_dithered_for_h264(film: Film, tmp_path: Path) -> None:
    source = film("in.mkv", frames=2, **SMOOTH)
    take(source, tmp_path / "take.mp4", Codec.h264)
    before, after = frames_of(source)[0], frames_of(tmp_path / "take.mp4")[0]
    assert (after.layout.depth, after.layout.down) == (8, 2)
    smooth = np.s_[24:, :]  # below the number's hard edges
    assert np.abs(after.y[smooth] - before.y[smooth] / 4).mean() < 1


# --- what a take keeps of its source ----------------------------------------------------------


@pytest.mark.parametrize("tags", [(1, 1, 1, 1), (9, 18, 9, 1), (6, 6, 6, 1), (2, 2, 2, 0)])
@pytest.mark.parametrize(("codec", "suffix"), CODECS)
def test_tags_rotation_pixel_shape_and_time_code_stay(
    film: Film, tmp_path: Path, codec: Codec, suffix: str, tags: tuple[int, int, int, int]
) -> None:
    source = film(
        "in.mov",
        codec="prores_ks",
        pixel_format="yuv422p10le",
        rate=Fraction(30000, 1001),
        frames=8,
        metadata={"timecode": "00:59:59;28", "reel_name": "A001C002"},
        rotation=270,
        pixel_aspect=Fraction(4, 3),
        tags=tags,
    )
    target = tmp_path / f"take{suffix}"
    take(source, target, codec, 3, 4)
    before, after = probe(source), probe(target)
    assert after.timecode == "01:00:00;01"
    assert after.rotation == before.rotation == 270
    assert (after.width, after.height) == (before.width, before.height)
    assert after.color_primaries == before.color_primaries
    assert after.color_matrix == before.color_matrix
    same = {"smpte170m": "bt709"} if codec is Codec.prores else {}  # one curve, two names
    assert after.color_transfer == same.get(before.color_transfer, before.color_transfer)
    assert after.color_range in (before.color_range, "unknown")
    if suffix == ".mkv":
        assert any("4:3" in one for one in losses(target, codec, before))
    else:
        assert after.pixel_aspect == Fraction(4, 3)
    if suffix != ".mp4":  # MP4 has no place for a reel
        assert after.reel == "A001C002"
    with av.open(target) as container:
        frame = next(container.decode(video=0))
        assert (frame.color_primaries, frame.colorspace) == (tags[0], tags[2])


def test_a_take_for_a_host_has_short_groups(film: Film, tmp_path: Path) -> None:
    source = film("in.mp4", frames=40)
    take(source, tmp_path / "take.mp4", Codec.h264, for_host=True)
    with av.open(tmp_path / "take.mp4") as container:
        packets = [one for one in container.demux(video=0) if one.pts is not None]
    keys = [n for n, packet in enumerate(packets) if packet.is_keyframe]
    assert max(np.diff([*keys, 40])) <= 12
    assert all(packet.pts == packet.dts for packet in packets)


def test_full_range_stays_full_range_in_h264(film: Film, tmp_path: Path) -> None:
    source = film("in.avi", codec="mjpeg", pixel_format="yuvj420p", frames=3)
    take(source, tmp_path / "take.mp4", Codec.h264)
    assert probe(tmp_path / "take.mp4").color_range == "full"
    before, after = frames_of(source)[0], frames_of(tmp_path / "take.mp4")[0]
    assert np.abs(after.y.astype(int) - before.y).mean() < 1.5


def test_a_take_is_the_same_bytes_every_time(film: Film, tmp_path: Path) -> None:
    source = film("in.mkv", codec="ffv1")  # so small that x264's own choice differs at once
    for run in "abcd":
        take(source, tmp_path / f"{run}.mp4", Codec.h264)
    assert len({path.read_bytes() for path in tmp_path.glob("?.mp4")}) == 1


def test_what_a_codec_cannot_keep_is_said_aloud(film: Film) -> None:
    def lost(name: str, codec: Codec, pixel_format: str, **how: object) -> tuple[str, ...]:
        clip = film("in.mkv", codec="ffv1", frames=1, pixel_format=pixel_format, **how)
        return losses(Path(name), codec, probe(clip))

    assert lost("take.mp4", Codec.h264, "yuv422p10le") == (
        "The source has 10 bits a channel, H.264 keeps 8; choose prores or ffv1 to keep them.",
    )
    assert "choose ffv1 to" in lost("take.mov", Codec.prores, "yuv444p12le")[0]
    assert "transparency" in lost("take.mov", Codec.prores, "yuva444p10le")[0]
    assert lost("take.mkv", Codec.ffv1, "yuva444p12le") == ()


# --- sound ------------------------------------------------------------------------------------


def sound_of(path: Path) -> tuple[float, NDArray[np.float32]]:
    """(start in seconds, mono samples)."""
    with av.open(path) as container:
        stream = container.streams.audio[0]
        change = av.AudioResampler(format="fltp", layout="mono", rate=stream.sample_rate)
        decoded = list(container.decode(stream))
        start = float((decoded[0].pts or 0) * decoded[0].time_base)
        pieces = [piece.to_ndarray() for frame in decoded for piece in change.resample(frame)]
    return start, np.concatenate(pieces, axis=1)[0]


@pytest.mark.parametrize(("codec", "suffix"), [(Codec.prores, ".mov"), (Codec.ffv1, ".mkv")])
@pytest.mark.parametrize("container", [".mov", ".mkv"])
def test_pcm_is_cut_to_the_sample(
    film: Film, tmp_path: Path, codec: Codec, suffix: str, container: str
) -> None:
    rate = Fraction(24000, 1001)
    source = film("in" + container, rate=rate, frames=100, sound="pcm_s16le")
    target = tmp_path / f"take{suffix}"
    assert take(source, target, codec, 31, 24, audio=True) == []
    _, whole = sound_of(source)
    start, part = sound_of(target)
    first, count = round(31 / rate * 48000), round(24 / rate * 48000)
    assert (start, len(part)) == (0, count)
    slip = 0 if container == ".mov" else 24  # Matroska times packets to a millisecond
    shifts = [
        np.abs(whole[first + n : first + n + count] - part).max() for n in range(-slip, slip + 1)
    ]
    assert min(shifts) < 1e-4


def test_sound_that_starts_late_stays_late(film: Film, tmp_path: Path) -> None:
    source = film("in.mov", sound="pcm_s16le", sound_at=24000)
    take(source, tmp_path / "take.mov", Codec.prores, 6, 24, audio=True)
    start, part = sound_of(tmp_path / "take.mov")
    assert (start, len(part)) == (0.25, 36000)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_coded_sound_is_copied_in_time(film: Film, tmp_path: Path, suffix: str) -> None:
    source = film("in.mp4", rate=Fraction(25), frames=100, sound="aac")
    target = tmp_path / f"take{suffix}"
    assert take(source, target, Codec.h264, 30, 40, audio=True) == []
    _, whole = sound_of(source)
    start, part = sound_of(target)
    offset = round((30 / 25 + start) * 48000)
    assert 0 <= start < 0.025
    middle = np.s_[4000:60000]
    assert np.abs(whole[offset : offset + len(part)][middle] - part[middle]).max() < 0.01
    assert probe(target).frames == 40


def test_pcm_does_not_go_into_mp4_and_says_so(film: Film, tmp_path: Path) -> None:
    source = film("in.mov", sound="pcm_s24le", frames=10)
    warnings = take(source, tmp_path / "take.mp4", Codec.h264, audio=True)
    assert "left out" in warnings[0]
    assert not probe(tmp_path / "take.mp4").has_audio


# --- refusals and accidents -------------------------------------------------------------------


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
        sink.commit()


def test_an_error_half_way_leaves_nothing(
    sink: Callable[..., Sink], planes: Planes, tmp_path: Path
) -> None:
    def spoil(output: Sink) -> None:
        with output:
            output.write(planes)
            assert output.temp.stat().st_mode & 0o777 == 0o600
            assert output.temp.parent == tmp_path
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        spoil(sink())
    assert_nothing_else(tmp_path)


def test_without_commit_there_is_no_take(
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


def test_of_two_that_publish_at_once_one_wins(tmp_path: Path) -> None:
    target, outcomes = tmp_path / "take.mov", []
    ready = threading.Barrier(8)

    def race(content: bytes) -> None:
        reserved = publish.reserve(target)
        reserved.temp.write_bytes(content)
        ready.wait(10)
        try:
            publish.publish(reserved)
            outcomes.append(content)
        except LavError:
            publish.discard(reserved)

    racers = [threading.Thread(target=race, args=(b"%d" % n,)) for n in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(30)
    assert [target.read_bytes()] == outcomes
    assert_nothing_else(tmp_path, "take.mov")


def test_where_links_do_not_exist_nothing_is_overwritten_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: object, target: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    reserved = publish.reserve(tmp_path / "take.mov")
    reserved.temp.write_bytes(b"whole")
    late = publish.reserve(tmp_path / "take.mov")
    publish.publish(reserved)
    with pytest.raises(LavError, match="exists already"):
        publish.publish(late)
    publish.discard(late)
    assert (tmp_path / "take.mov").read_bytes() == b"whole"
    assert_nothing_else(tmp_path, "take.mov")


def test_folders_that_take_no_file(sink: Callable[..., Sink], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "missing", tmp_path / "file", Path("/proc")):
        with pytest.raises(LavError) as refusal:
            sink(folder / "take.mov")
        assert refusal.value.code is Code.output_unwritable
        assert refusal.value.hint


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
