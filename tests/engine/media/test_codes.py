"""Code values on their way into a take: kept, scaled or dithered, never clipped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from film_takes import SMOOTH, Film, frames_of, take

from lav_engine.media.planes import Planes
from lav_engine.media.sink import Sink
from lav_engine.media.source import Reader
from lav_engine.publish import publish
from lav_engine.spec import Codec

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
        publish(sink.finish())
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
        publish(sink.finish())
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
