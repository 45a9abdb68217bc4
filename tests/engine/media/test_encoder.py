"""A take is tagged like its source; what a codec cannot keep is said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from film_takes import CODECS, Film, frames_of, take

from lav_engine.media.convert import convert
from lav_engine.media.encoder import losses
from lav_engine.media.planes import Codes, Layout, Planes
from lav_engine.media.probe import probe
from lav_engine.media.sink import Sink
from lav_engine.publish import publish
from lav_engine.spec import Codec


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
    if codec is Codec.ffv1:
        assert any("4:3" in one for one in losses(codec, before))
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
    def lost(codec: Codec, pixel_format: str, **how: object) -> tuple[str, ...]:
        clip = film("in.mkv", codec="ffv1", frames=1, pixel_format=pixel_format, **how)
        return losses(codec, probe(clip))

    assert lost(Codec.h264, "yuv422p10le") == (
        "The source has 10 bits a channel, H.264 keeps 8; choose prores or ffv1 to keep them.",
    )
    assert "choose ffv1 to" in lost(Codec.prores, "yuv444p12le")[0]
    assert "transparency" in lost(Codec.h264, "yuva420p")[0]
    assert lost(Codec.prores, "yuva444p10le") == ()
    assert lost(Codec.ffv1, "yuva444p12le") == ()


@pytest.mark.parametrize(
    "layout",
    [
        Layout(160, 96, 8, 1, 1, "rgb", is_full_range=True, has_alpha=True),
        Layout(161, 97, 8, 2, 2, "bt709", has_alpha=True),
        Layout(160, 96, 10, 1, 1, "bt709", has_alpha=True),
    ],
    ids=["rgba", "yuva420p", "yuva444p10le"],
)
def test_prores_keeps_every_code_of_alpha(film: Film, tmp_path: Path, layout: Layout) -> None:
    facts = probe(film("in.mkv", codec="ffv1", frames=1, size=(layout.width, layout.height)))
    top = (1 << layout.depth) - 1
    every = np.arange(layout.width * layout.height).reshape(layout.height, layout.width)
    alpha = (every % (top + 1)).astype(layout.dtype)
    source = _grey(layout, alpha)
    with Sink(tmp_path / "take.mov", facts, layout, Codec.prores, 2, facts.rate) as sink:
        deeper = convert(source, sink.layout)  # as a render does before it lights
        sink.write(source)
        sink.write(deeper)
        publish(sink.finish())
    assert probe(tmp_path / "take.mov").has_alpha
    for planes in frames_of(tmp_path / "take.mov"):
        assert planes.a is not None
        found = np.rint(planes.a * (top / ((1 << planes.layout.depth) - 1)))
        assert np.array_equal(found, alpha)
        luma = planes.y / (1 << planes.layout.depth - deeper.layout.depth)
        assert np.abs(luma - deeper.y).max() <= 2


def _grey(layout: Layout, alpha: Codes) -> Planes:
    """Display 0.5 under that alpha."""
    middle = np.full(alpha.shape, 1 << (layout.depth - 1), layout.dtype)
    chroma = np.full(layout.chroma_shape, 1 << (layout.depth - 1), layout.dtype)
    return Planes(layout, 0, middle, chroma, chroma.copy(), alpha)
