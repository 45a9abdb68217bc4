"""The sound of a range goes with its take, in time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from film_takes import Film, take
from numpy.typing import NDArray

from lav_engine.media.probe import probe
from lav_engine.spec import Codec


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


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_s24le"])
def test_pcm_becomes_aac_in_mp4_and_says_so(film: Film, tmp_path: Path, codec: str) -> None:
    source = film("in.mov", rate=Fraction(25), sound=codec, frames=100)
    target = tmp_path / "take.mp4"
    warnings = take(source, target, Codec.h264, 30, 40, audio=True)
    assert len(warnings) == 1
    assert "becomes AAC" in warnings[0]
    _, whole = sound_of(source)
    start, part = sound_of(target)
    offset = round((30 / 25 + start) * 48000)
    assert abs(start) < 1e-3
    assert abs(len(part) - 40 / 25 * 48000) <= 2048
    middle = np.s_[4000:70000]
    assert np.abs(whole[offset : offset + len(part)][middle] - part[middle]).max() < 0.02
    assert probe(target).frames == 40


def test_pcm_that_aac_cannot_hold_is_left_out_of_mp4_and_says_so(
    film: Film, tmp_path: Path
) -> None:
    source = film("in.mov", sound="pcm_s16le", sound_rate=192000, frames=10)
    warnings = take(source, tmp_path / "take.mp4", Codec.h264, audio=True)
    assert "left out" in warnings[0]
    assert not probe(tmp_path / "take.mp4").has_audio
