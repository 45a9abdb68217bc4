"""Whatever the source's coding and rate, each frame of a take is the media frame asked for.

Frames carry their number as a row of black and white blocks; a faint light leaves it readable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lav_engine import catalog
from lav_engine.mapstore import MapStore
from lav_engine.media.probe import probe
from lav_engine.media.source import Reader
from lav_engine.relight import relight
from lav_engine.spec import ClipRange, LampPatch, LightRequest, Output, RelightRequest

WIDTH, HEIGHT, BLOCK, BITS = 160, 96, 16, 7
FRAMES = 60
RANGES = [(5, 30), (38, 1)]  # media frame and count; 30 is more than one window
DRAFT = catalog.engine("draft")
FAINT = LightRequest(lamp=LampPatch(azimuth=-80, elevation=20), exposure=0.0)

LONG_GOP = {"bf": "3", "g": "24", "preset": "veryfast"}
OPEN_GOP = LONG_GOP | {"g": "12", "x264-params": "open-gop=1"}
RATES = [
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(50),
]


@dataclass(frozen=True)
class Film:
    suffix: str
    options: dict[str, str] = field(default_factory=LONG_GOP.copy)
    cut: int = 0  # frames an edit list hides
    is_uneven: bool = False


FILMS = {
    "long GOP": Film(".mp4"),
    "open GOP": Film(".mp4", OPEN_GOP),
    "edit list": Film(".mp4", cut=7),
    "variable rate": Film(".mp4", is_uneven=True),
    "transport stream": Film(".ts", OPEN_GOP),
}


@pytest.mark.slow
@pytest.mark.parametrize("rate", RATES, ids=lambda rate: f"{float(rate):.3f}")
@pytest.mark.parametrize("kind", FILMS)
def test_each_frame_of_a_take_is_the_one_asked_for(
    kind: str, rate: Fraction, tmp_path: Path
) -> None:
    film = FILMS[kind]
    clip = shot(film, rate, tmp_path)
    facts = probe(clip)
    assert (facts.frames, facts.is_variable_rate) == (FRAMES - film.cut, film.is_uneven)
    assert film.is_uneven or facts.rate == rate
    for first, count in RANGES:
        take = relit(clip, first, count)
        assert probe(take).rate == facts.rate
        assert numbers(take) == list(range(film.cut + first, film.cut + first + count))


def relit(clip: Path, first: int, count: int) -> Path:
    """The range, lossless, so that codes are read as they were written."""
    take = clip.with_name(f"take-{first}.mkv")
    maps = clip.with_name(f"maps-{first}")
    request = RelightRequest(
        ClipRange(clip, first, count, Fraction(0)), FAINT, Output(take, audio=False), amount=0.1
    )
    *_, last = relight(request, catalog.load_engine(DRAFT), DRAFT, MapStore(maps))
    assert last.take is not None
    assert (last.take.clip.first, last.take.clip.count) == (first, count)
    return take


def numbers(path: Path) -> list[int]:
    with Reader(path) as reader:
        found = []
        for planes in reader.read(0, reader.facts.frames):
            row = planes.y[4 : BLOCK - 4, : BITS * BLOCK].reshape(-1, BITS, BLOCK)
            codes = row[:, :, 4:-4].mean(axis=(0, 2))
            found.append(sum(1 << bit for bit, code in enumerate(codes) if code > 128))
        return found


def shot(film: Film, rate: Fraction, folder: Path) -> Path:
    whole = folder / f"whole{film.suffix}"
    tick = 1 / (rate * 100)
    with av.open(whole, "w") as container:
        stream = container.add_stream("libx264", rate=rate, options=film.options, time_base=tick)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index, frame in enumerate(pictures()):
            frame.pts, frame.time_base = 100 * index + film.is_uneven * index**2, tick
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return trimmed(whole, film.cut) if film.cut else whole


def pictures() -> Iterator[av.VideoFrame]:
    """Waves that move, and the number on top."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    for index in range(FRAMES):
        luma = 128 + 50 * np.sin((x + 2 * index) / 17) + 30 * np.cos((y - index) / 11)
        for bit in range(BITS):
            luma[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 220 if index >> bit & 1 else 30
        grey = np.full((HEIGHT // 2, WIDTH), 128)
        yield av.VideoFrame.from_ndarray(np.vstack([luma, grey]).astype(np.uint8), "yuv420p")


def trimmed(source: Path, hidden: int) -> Path:
    """The same packets; an edit list starts the clip inside its first group of pictures."""
    target = source.with_name("trimmed.mp4")
    with av.open(source) as given, av.open(target, "w") as output:
        stream = given.streams.video[0]
        packets = [packet for packet in given.demux(stream) if packet.pts is not None]
        start = sorted(packet.pts or 0 for packet in packets)[hidden]
        copy = output.add_stream_from_template(stream)
        for packet in packets:
            packet.pts, packet.dts = (packet.pts or 0) - start, (packet.dts or 0) - start
            packet.stream = copy
            output.mux(packet)
    return target
