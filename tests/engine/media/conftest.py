"""Clips made on the spot: every frame carries its number as a row of black and white blocks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lav_engine.media.planes import Planes

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode leaves it to us

WIDTH, HEIGHT, BLOCK, BITS = 160, 96, 16, 9
SAMPLE_RATE = 48000

Film = Callable[..., Path]
Number = Callable[[Planes], int]


@pytest.fixture(scope="session")
def number() -> Number:
    """The number a frame carries."""

    def read(planes: Planes) -> int:
        codes = [int(planes.y[4:12, b * BLOCK + 4 : b * BLOCK + 12].mean()) for b in range(BITS)]
        return sum(1 << bit for bit, code in enumerate(codes) if code > planes.layout.white // 2)

    return read


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Makes a clip; keyword arguments are those of `make_film`."""

    def make(name: str, **how: object) -> Path:
        return make_film(tmp_path_factory.mktemp("film") / name, **how)  # pyright: ignore

    return make


@pytest.fixture(scope="session")
def cut() -> Callable[[Path, Path, int], Path]:
    """Copies packets from the key frame before a frame on; an edit list hides what is before it."""
    return remux_from


def make_film(
    path: Path,
    *,
    codec: str = "libx264",
    rate: Fraction = Fraction(24),
    frames: int = 60,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    container_options: dict[str, str] | None = None,
    ticks: Sequence[int] | None = None,  # presentation times, in 1/24000 s
    metadata: dict[str, str] | None = None,
    rotation: int = 0,
    pixel_aspect: Fraction = Fraction(1),
    tags: tuple[int, int, int, int] = (2, 2, 2, 0),  # primaries, transfer, matrix, range
    frame_tags: tuple[int, int, int, int] | None = None,  # where they differ from the container's
    sound: str = "",  # codec
    sound_at: int = 0,  # samples into the clip
    sound_rate: int = SAMPLE_RATE,
) -> Path:
    base = Fraction(1, 24000) if ticks is not None else 1 / rate
    with av.open(path, "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {}, time_base=base)
        context = stream.codec_context
        assert isinstance(context, av.VideoCodecContext)
        context.width, context.height = size
        context.pix_fmt, context.sample_aspect_ratio = pixel_format, pixel_aspect
        tag(context, tags)
        if rotation:
            stream.set_display_rotation(rotation)
        stream.metadata.update(metadata or {})
        noise = container.add_stream(sound, rate=sound_rate) if sound else None
        for index in range(frames):
            frame = picture(index, *size, pixel_format)
            frame.pts, frame.time_base = (ticks[index] if ticks is not None else index), base
            tag(frame, frame_tags or tags)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if noise is not None:
            frame = sound_frame(round(frames / rate * sound_rate), sound_rate)
            frame.pts = sound_at
            container.mux(noise.encode(frame))
            container.mux(noise.encode(None))
    return path


def tag(target: av.VideoFrame | av.VideoCodecContext, tags: tuple[int, int, int, int]) -> None:
    target.color_primaries, target.color_trc, target.colorspace, target.color_range = tags


def picture(index: int, width: int, height: int, pixel_format: str) -> av.VideoFrame:
    """Soft moving waves in every plane, and the number on top of the first."""
    frame = av.VideoFrame(width, height, pixel_format)
    bits = frame.format.components[0].bits
    code = np.uint8 if bits == 8 else np.uint16
    for number, plane in enumerate(frame.planes):
        rows = np.frombuffer(memoryview(plane), code).reshape(plane.height, -1)
        y, x = np.mgrid[: plane.height, : plane.width]
        wave = 128 + 50 * np.sin((x + 2 * index) / 17 + number) + 30 * np.cos((y - index) / 11)
        if number == 0:
            stamp(wave, index)
        rows[:, : plane.width] = np.rint(wave * (1 << (bits - 8))).astype(code)
    return frame


def stamp(wave: NDArray[np.float64], index: int) -> None:
    for bit in range(min(BITS, wave.shape[1] // BLOCK)):
        wave[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 220 if index >> bit & 1 else 30


def sweep(samples: int) -> NDArray[np.float64]:
    """A rising tone: no two moments of it sound alike."""
    t = np.arange(samples) / SAMPLE_RATE
    return 0.6 * np.sin(2 * np.pi * (200 * t + 150 * t * t))


def sound_frame(samples: int, rate: int) -> av.AudioFrame:
    mono = (sweep(samples) * 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(np.repeat(mono, 2)[None], format="s16", layout="stereo")
    frame.sample_rate, frame.pts = rate, 0
    return frame


def remux_from(source: Path, target: Path, first: int) -> Path:
    with av.open(source) as given, av.open(target, "w") as output:
        stream = given.streams.video[0]
        packets = [packet for packet in given.demux(stream) if packet.pts is not None]
        start = sorted(packet.pts or 0 for packet in packets)[first]
        key = max(n for n, one in enumerate(packets) if one.is_keyframe and one.pts <= start)
        copy = output.add_stream_from_template(stream)
        for packet in packets[key:]:
            packet.pts, packet.dts = packet.pts - start, packet.dts - start
            packet.stream = copy
            output.mux(packet)
    return target
