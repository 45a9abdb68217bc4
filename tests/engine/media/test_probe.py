"""What a probe says of a clip, and the one sentence it has for what is none."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lav_engine.errors import Code, MediaError
from lav_engine.media import tags
from lav_engine.media.probe import presentation_times, probe
from lav_engine.media.rate import rate_of, snap

RATES = [Fraction(rate) for rate in (24, 25, 30, 48, 50, 60)]
NTSC = [Fraction(rate * 1000, 1001) for rate in (24, 30, 60)]
BT709 = (1, 1, 1, 1)
BT2020_PQ = (9, 16, 9, 1)
UNTAGGED = (2, 2, 2, 0)


@pytest.mark.parametrize("rate", [*RATES, *NTSC])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
def test_rates_are_exact_in_every_container(
    film: Callable[..., Path], rate: Fraction, suffix: str
) -> None:
    facts = probe(film("rate" + suffix, rate=rate, frames=12, options={"preset": "ultrafast"}))
    assert (facts.rate, facts.frames, facts.is_variable_rate) == (rate, 12, False)


def test_a_varying_clip_gets_its_average_rate_and_says_so(film: Callable[..., Path]) -> None:
    ticks = [1000 * n + 700 * (n // 3) for n in range(60)]
    facts = probe(film("uneven.mp4", ticks=ticks))
    assert facts.is_variable_rate
    assert float(facts.rate) == pytest.approx(59 / (ticks[-1] / 24000), rel=0.001)
    assert any("Variable" in note for note in facts.notes)


def test_a_few_missing_frames_leave_the_rate(film: Callable[..., Path]) -> None:
    kept = [1001 * n for n in range(63) if n not in (59, 60, 61)]
    facts = probe(film("gap.mp4", rate=Fraction(24000, 1001), ticks=kept))
    assert (facts.rate, facts.is_variable_rate) == (Fraction(24000, 1001), True)
    assert "missing after media frame 58:" in facts.notes[0]
    assert not any("Variable" in note for note in facts.notes)


def test_only_near_rates_snap() -> None:
    assert snap(Fraction(23976, 1000)) == Fraction(24000, 1001)
    assert snap(Fraction(2997, 100)) == Fraction(30000, 1001)
    assert snap(Fraction(59)) == 59


def test_a_single_frame_has_the_declared_rate() -> None:
    assert rate_of(np.array([0]), Fraction(1, 1000), Fraction(30)) == (Fraction(30), False)


def test_facts_are_those_of_the_file(film: Callable[..., Path]) -> None:
    clip = film(
        "facts.mov",
        codec="prores_ks",
        rate=Fraction(30000, 1001),
        frames=5,
        pixel_format="yuv422p10le",
        metadata={"timecode": "01:00:00;00", "reel_name": "A001C002"},
        rotation=90,
        pixel_aspect=Fraction(4, 3),
        tags=(9, 16, 9, 1),
        sound="pcm_s16le",
    )
    facts = probe(clip)
    assert (facts.width, facts.height, facts.frames) == (160, 96, 5)
    assert (facts.codec, facts.pixel_format, facts.bit_depth) == ("prores", "yuv422p10le", 10)
    assert (facts.timecode, facts.reel) == ("01:00:00;00", "A001C002")
    assert (facts.rotation, facts.pixel_aspect, facts.has_audio) == (90, Fraction(4, 3), True)
    assert (facts.color_primaries, facts.color_transfer) == ("bt2020", "smpte2084")
    assert (facts.color_matrix, facts.color_range) == ("bt2020nc", "limited")
    assert any("PQ" in note for note in facts.notes)
    assert facts.seconds == Fraction(5 * 1001, 30000)


def test_rotation_counts_counter_clockwise(film: Callable[..., Path]) -> None:
    """By an MP4's own matrix: what is stored to the right is seen above, and what below, right."""
    path = film("portrait.mp4", rotation=90, frames=1)
    track = path.read_bytes().split(b"tkhd")[1]
    right_x, right_y, _, down_x, down_y = np.frombuffer(track[40:60], ">i4") >> 16
    assert (right_x, right_y, down_x, down_y) == (0, -1, 1, 0)
    assert probe(path).rotation == 90


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("prores.mov", {"codec": "prores_ks", "size": (160, 96)}),
        ("dnxhr.mov", {"codec": "dnxhd", "options": {"profile": "dnxhr_hqx"}, "size": (320, 192)}),
    ],
)
def test_colour_tags_that_only_the_container_holds_count(
    film: Callable[..., Path], name: str, how: dict[str, object]
) -> None:
    clip = film(
        name, pixel_format="yuv422p10le", frames=2, tags=BT2020_PQ, frame_tags=UNTAGGED, **how
    )
    facts = probe(clip)
    assert (facts.color_primaries, facts.color_transfer) == ("bt2020", "smpte2084")
    assert facts.color_matrix == "bt2020nc"
    assert not any("No colour tags" in note for note in facts.notes)


def test_untagged_pictures_are_read_by_their_height_and_a_note_says_so(
    film: Callable[..., Path],
) -> None:
    small = probe(film("small.mkv", codec="ffv1", frames=2))
    large = probe(film("large.mkv", codec="ffv1", frames=2, size=(1280, 720)))
    assert (small.color_matrix, large.color_matrix) == ("unknown", "unknown")
    assert tags.layout_of(small).matrix == "bt601"
    assert tags.layout_of(large).matrix == "bt709"
    assert "Rec.601" in small.notes[0]
    assert "Rec.709" in large.notes[0]


def test_tagged_progressive_clips_need_no_notes(film: Callable[..., Path]) -> None:
    facts = probe(film("tagged.mp4", tags=BT709, frames=3))
    assert facts.notes == ()
    assert tags.layout_of(facts).matrix == "bt709"


def test_interlaced_clips_are_told(film: Callable[..., Path]) -> None:
    interlaced = {"flags": "+ildct+ilme", "x264-params": "tff=1"}
    facts = probe(film("fields.mp4", frames=4, options=interlaced))
    assert facts.is_interlaced
    assert any("deinterlace it first" in note for note in facts.notes)


def test_media_frame_zero_is_the_first_one_shown(film: Callable[..., Path]) -> None:
    index = presentation_times(
        film("late.mp4", frames=20, ticks=[48000 + 1000 * n for n in range(20)])
    )
    assert len(index.pts) == 20
    assert index.seconds(0) == 2
    assert index.seconds(12) == Fraction(5, 2)


def test_a_changed_file_is_probed_anew(film: Callable[..., Path], tmp_path: Path) -> None:
    clip = tmp_path / "clip.mkv"
    clip.write_bytes(film("one.mkv", codec="ffv1", frames=4).read_bytes())
    assert probe(clip).frames == 4
    clip.write_bytes(film("two.mkv", codec="ffv1", frames=6).read_bytes())
    assert probe(clip).frames == 6


def test_a_file_written_over_in_its_place_is_probed_anew(
    film: Callable[..., Path], tmp_path: Path
) -> None:
    """As long as before, its time put back: some copying programs do both."""
    first, second = (film(f"{n}.mp4", frames=n).read_bytes() for n in (5, 8))
    size = max(len(first), len(second)) + 8
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(padded(first, size))
    assert probe(clip).frames == 5
    before = clip.stat()
    clip.write_bytes(padded(second, size))
    os.utime(clip, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert probe(clip).frames == 8


def padded(mp4: bytes, size: int) -> bytes:
    """With a box of nothing at its end."""
    rest = size - len(mp4)
    return mp4 + rest.to_bytes(4, "big") + b"free" + bytes(rest - 8)


@pytest.mark.parametrize("size", [(161, 97), (16, 16), (16384, 16), (18, 3000)])
def test_odd_and_extreme_sizes_are_read(film: Callable[..., Path], size: tuple[int, int]) -> None:
    facts = probe(film("size.mkv", codec="ffv1", frames=2, size=size))
    assert (facts.width, facts.height) == size


# --- what is no clip --------------------------------------------------------------------------


def refused(path: Path, code: Code = Code.media_unreadable) -> str:
    with pytest.raises(MediaError) as refusal:
        tags.layout_of(probe(path))
    assert refusal.value.code is code
    assert refusal.value.message.endswith(".")
    assert refusal.value.hint.endswith(".")
    assert "\n" not in str(refusal.value)
    return refusal.value.message


def test_missing_files_and_addresses(tmp_path: Path) -> None:
    assert "no file" in refused(tmp_path / "missing.mp4", Code.media_missing)
    assert "no file" in refused(tmp_path / "a.mp4" / "b.mp4", Code.media_missing)
    for address in ("http://example.com/a.mp4", "concat:a.mp4|b.mp4", "subfile,,:a.mp4"):
        refused(Path(address), Code.media_missing)
    assert "cannot be read" in refused(Path("a\0b.mp4"))


def test_what_is_not_a_regular_file(tmp_path: Path) -> None:
    assert "folder" in refused(tmp_path)
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "pipe" in refused(tmp_path / "pipe.mp4")
    assert "device" in refused(Path(os.devnull))


@pytest.mark.parametrize(
    "content",
    [
        b"just some text, no film at all\n" * 20,
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:1/a.ts\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        bytes(4096),
        b"\0\0\0\x20ftypisom" + bytes(300),
        b"\x1aE\xdf\xa3" + bytes(300),
    ],
)
@pytest.mark.parametrize("name", ["clip.mp4", "clip.m3u8", "clip.mov"])
def test_other_content_is_refused_whatever_its_name(
    tmp_path: Path, name: str, content: bytes
) -> None:
    clip = tmp_path / name
    clip.write_bytes(content)
    refused(clip)


def test_empty_files(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert "is empty" in refused(tmp_path / "empty.mp4")


@pytest.mark.parametrize(
    ("name", "codec", "form"),
    [("sound.mp4", "aac", "fltp"), ("sound.wav", "pcm_s16le", "s16"), ("sound.mp3", "mp3", "fltp")],
)
def test_sound_alone(tmp_path: Path, name: str, codec: str, form: str) -> None:
    with av.open(tmp_path / name, "w") as container:
        stream = container.add_stream(codec, rate=48000)
        frame = av.AudioFrame(format=form, layout="stereo", samples=1024)
        frame.sample_rate = 48000
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux([*stream.encode(frame), *stream.encode(None)])
    assert "holds sound but no picture" in refused(tmp_path / name)


@pytest.mark.parametrize("name", ["none.mkv", "none.mp4", "none.avi"])
def test_a_header_without_frames(tmp_path: Path, name: str) -> None:
    with av.open(tmp_path / name, "w") as container:
        container.add_stream("mpeg4", rate=24)
        container.start_encoding()
    assert "holds no frames" in refused(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("late_index.mp4", {}),
        ("early_index.mp4", {"container_options": {"movflags": "faststart"}}),
        ("fragments.mp4", {"container_options": {"movflags": "frag_keyframe+empty_moov"}}),
        ("blocks.mkv", {"codec": "ffv1", "rate": Fraction(10)}),
        ("motion.avi", {"codec": "mjpeg", "pixel_format": "yuvj420p"}),
        (
            "prores.mov",
            {
                "codec": "prores_ks",
                "pixel_format": "yuv422p10le",
                "container_options": {"movflags": "faststart"},
            },
        ),
    ],
)
def test_clips_cut_short(
    film: Callable[..., Path], tmp_path: Path, name: str, how: dict[str, object]
) -> None:
    whole = film(name, **how).read_bytes()
    for part in (0.6, 0.9):
        clip = tmp_path / f"{part}_{name}"
        clip.write_bytes(whole[: int(len(whole) * part)])
        assert "cut short" in refused(clip)


@pytest.mark.parametrize("how", [{}, {"sound": "aac"}, {"codec": "mpeg2video"}], ids=str)
def test_transport_streams_cut_inside_a_packet(
    film: Callable[..., Path], tmp_path: Path, how: dict[str, str]
) -> None:
    clip = film("whole.ts", **how)
    assert probe(clip).frames == 60
    content = clip.read_bytes()
    for cut in (1, 100, len(content) * 2 // 5 // 188 * 188 + 94):
        (tmp_path / "cut.ts").write_bytes(content[:-cut])
        assert "cut short" in refused(tmp_path / "cut.ts")
    late = tmp_path / "late.ts"  # a recording that began inside a packet, and ended well
    late.write_bytes(content[100:])
    assert probe(late).frames <= 60


def test_a_transport_stream_that_lacks_frames_before_its_last(
    film: Callable[..., Path], tmp_path: Path
) -> None:
    clip = film("whole.ts", options={"bf": "3", "b_strategy": "0", "g": "24"})
    with av.open(clip) as given, av.open(tmp_path / "cut.ts", "w") as output:
        stream = given.streams.video[0]
        copy = output.add_stream_from_template(stream)
        packets = [packet for packet in given.demux(stream) if packet.size]
        shown = [packet.pts or 0 for packet in packets]
        step = np.diff(sorted(shown))[0]
        leaps = [n for n in range(1, 60) if shown[n] > max(shown[:n]) + step]
        for packet in packets[: leaps[-2] + 1]:  # it refers forward to this one: B-frames follow
            packet.stream = copy
            output.mux(packet)
    assert "cut short" in refused(tmp_path / "cut.ts")


def test_a_length_that_is_no_length_says_nothing(film: Callable[..., Path], tmp_path: Path) -> None:
    """One turned bit in Matroska's own word for it; the frames are all there."""
    content = film("whole.mkv", frames=24).read_bytes()
    at = content.index(b"00:00:01.0")
    damaged = tmp_path / "damaged.mkv"
    damaged.write_bytes(content[: at + 9] + b"\x10" + content[at + 10 :])
    assert probe(damaged).frames == 24


def test_frames_hours_apart_are_damaged_time_stamps(film: Callable[..., Path]) -> None:
    assert rate_of(np.array([0, 10**12]), Fraction(1, 1000), None) == (0, True)
    apart = film("apart.mkv", ticks=[0, 24000 * 9999], frames=2)
    assert "time stamps are damaged" in refused(apart)


def test_pictures_too_small_to_light(film: Callable[..., Path]) -> None:
    for size in ((1, 1), (2, 400), (15, 15)):
        clip = film("tiny.mov", codec="png", pixel_format="gray", frames=2, size=size)
        assert "too small" in refused(clip, Code.media_unsupported)


@pytest.mark.parametrize("size", [(20000, 100), (15000, 15000)])
def test_pictures_too_large_are_refused_from_the_header(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    with av.open(tmp_path / "huge.mkv", "w") as container:
        stream = container.add_mux_stream("mjpeg", rate=24, width=size[0], height=size[1])
        packet = av.Packet(bytes(100))
        packet.stream, packet.pts, packet.dts, packet.time_base = stream, 0, 0, Fraction(1, 24)
        container.mux(packet)
    assert "at most" in refused(tmp_path / "huge.mkv", Code.media_unsupported)


def test_pixel_formats_nothing_here_reads(film: Callable[..., Path]) -> None:
    clip = film("wide.mkv", codec="ffv1", frames=2, pixel_format="yuv411p", size=(160, 96))
    assert "yuv411p" in refused(clip, Code.media_unsupported)
