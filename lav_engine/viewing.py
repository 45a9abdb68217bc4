"""Small copies of clips for watching: every frame at its rate, upright, in what browsers play."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from lav_engine.frames import SmallFrames, working_size
from lav_engine.media.colour import rgb_to_planes
from lav_engine.media.planes import Layout
from lav_engine.media.probe import probe
from lav_engine.media.sink import Sink
from lav_engine.publish import publish
from lav_engine.request import check_range, whole_range
from lav_engine.spec import ClipRange, Codec

LONG_SIDE = 960  # pixels
TOLD = 12  # frames between two words on how far it is


def copy(clip: ClipRange, path: Path) -> Iterator[float]:
    """Writes exactly the clip's range to `path`, an .mp4; yields the fraction done, at last 1.

    H.264 in groups of 12 frames without sound or time code, tagged Rec.709 whatever the source
    says: two copies that are compared must be shown alike. Raises LavError.
    """
    facts = probe(clip.path)
    clip = whole_range(clip, facts)
    check_range(clip, facts)
    width, height = working_size(facts, LONG_SIDE)
    layout = Layout(width, height, depth=8, across=2, down=2, matrix="bt709")
    shown = replace(
        facts,
        width=width,
        height=height,
        rotation=0,
        reel="",
        pixel_aspect=1 / facts.pixel_aspect if facts.rotation % 180 else facts.pixel_aspect,
        color_primaries="bt709",
        color_transfer="bt709",
        color_matrix="bt709",
        color_range="limited",
    )
    sink = Sink(path, shown, layout, Codec.h264, clip.count, Fraction(facts.rate), for_host=True)
    with sink, SmallFrames(facts, (width, height)) as frames:
        for done, frame in enumerate(frames.stream(clip.first, clip.end), 1):
            sink.write(rgb_to_planes(frame, layout))
            if done % TOLD == 0 and done < clip.count:
                yield done / clip.count
        publish(sink.finish())
    yield 1.0
