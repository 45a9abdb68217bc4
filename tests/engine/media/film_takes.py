"""Copies of the clips made in conftest, written as a render writes its takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lav_engine.media import timecode
from lav_engine.media.planes import Planes
from lav_engine.media.sink import Sink
from lav_engine.media.source import Reader
from lav_engine.publish import publish
from lav_engine.spec import ClipRange, Codec

CODECS = [(Codec.h264, suffix) for suffix in (".mp4", ".mov", ".mkv")]
CODECS += [(Codec.prores, ".mov"), (Codec.ffv1, ".mkv")]
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
            publish(sink.finish())
    return sink.warnings


def frames_of(path: Path) -> list[Planes]:
    with Reader(path) as reader:
        return list(reader.read(0, reader.facts.frames))


def assert_nothing_else(folder: Path, *names: str) -> None:
    assert sorted(one.name for one in folder.iterdir()) == sorted(names)
