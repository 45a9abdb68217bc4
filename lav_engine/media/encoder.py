"""What goes into which container and codec, how it is tagged, and what is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from lav_engine.catalog import CODECS
from lav_engine.errors import Code, LavError
from lav_engine.media import tags
from lav_engine.media.planes import Layout, Planes
from lav_engine.spec import Codec, MediaFacts

FORMATS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska"}
HOST_GOP = 12  # frames; an editor can scrub that
LONE_GOP = 2  # seconds
THREADS = 8  # of x264
CRF = 12  # H.264 quality: dither in flat skies survives
PRORES_DEPTH = 10
# ProRes headers lack these; ITU-T H.273 calls the pairs functionally the same.
PRORES_TRANSFERS = {"smpte170m": "bt709", "bt2020-10": "bt709", "bt2020-12": "bt709"}
PRORES_MATRICES = {"bt470bg": "smpte170m"}
FFV1_RGB = {"gbrp": "bgr0", "gbrap": "bgra"}  # FFV1 takes 8-bit RGB packed; the codes stay


def layout_for(codec: Codec, source: Layout) -> Layout:
    """What a codec's file holds of a source: its own depth and alpha where the codec has them."""
    if codec is Codec.ffv1:
        return source
    matrix = "bt709" if source.is_rgb else source.matrix
    size = source.width, source.height
    if codec is Codec.prores:
        across = 1 if source.has_alpha else 2  # only 4444 has alpha
        return Layout(*size, PRORES_DEPTH, across, 1, matrix, has_alpha=source.has_alpha)
    is_full = source.is_full_range and not source.is_rgb
    return Layout(*size, 8, 2, 2, matrix, is_full)


def check(path: Path, codec: Codec, layout: Layout) -> None:
    """Raises LavError for a codec that does not go into the container, or a size it cannot hold."""
    title = CODECS[codec].title
    suffixes = CODECS[codec].suffixes
    if path.suffix.lower() not in suffixes:
        raise LavError(
            f"{title} does not go into {path.suffix or 'a file without a suffix'}.",
            f"Name the file {path.stem}{suffixes[0]}, or choose another codec.",
            Code.unsupported,
        )
    width, height = layout.width, layout.height
    if codec is Codec.h264 and (width % 2 or height % 2):
        raise LavError(
            f"The clip is {width} × {height}, and {title} holds only even sizes.",
            "Choose prores or ffv1.",
            Code.unsupported,
        )
    if codec is Codec.ffv1 and _pixel_format(codec, layout) not in _formats("ffv1"):
        raise LavError(
            f"FFV1 has no {layout.depth} bit {tags.pixel_format(layout)}.",
            "Choose prores.",
            Code.unsupported,
        )


def losses(codec: Codec, facts: MediaFacts) -> tuple[str, ...]:
    """What of the source does not survive in this file, as sentences for an editor."""
    source = tags.layout_of(facts)
    layout = layout_for(codec, source)
    found = []
    if source.depth > layout.depth:
        title = CODECS[codec].title.partition(",")[0]
        keeping = "prores or ffv1" if source.depth <= PRORES_DEPTH else "ffv1"
        found.append(
            f"The source has {source.depth} bits a channel, {title} keeps {layout.depth}; "
            f"choose {keeping} to keep them."
        )
    if source.has_alpha and not layout.has_alpha:
        found.append("The clip's transparency is left out; prores or ffv1 would keep it.")
    if facts.pixel_aspect != 1 and codec is Codec.ffv1:
        # Others carry it in their own bits; MKV has a place for it that PyAV does not fill.
        aspect = f"{facts.pixel_aspect.numerator}:{facts.pixel_aspect.denominator}"
        found.append(f"FFV1 keeps no pixel shape here: set {aspect} in the editor, or choose MOV.")
    return tuple(found)


def tagged(codec: Codec, facts: MediaFacts, source: Layout, layout: Layout) -> MediaFacts:
    """The facts with the colour tags of the file: the source's own, but where codes were moved."""
    if source.is_rgb and not layout.is_rgb:
        facts = replace(facts, color_matrix="bt709", color_range="limited")
    elif source.is_full_range and not layout.is_full_range:
        facts = replace(facts, color_range="limited")
    if codec is Codec.prores:
        transfer, matrix = facts.color_transfer, facts.color_matrix
        return replace(
            facts,
            color_transfer=PRORES_TRANSFERS.get(transfer, transfer),
            color_matrix=PRORES_MATRICES.get(matrix, matrix),
        )
    return facts


def add_stream(
    container: OutputContainer,
    codec: Codec,
    layout: Layout,
    facts: MediaFacts,
    rate: Fraction,
    for_host: bool,
) -> VideoStream:
    """A video stream ready for `frame_of`. `facts` are the tagged ones."""
    name, options = _encoder(codec, layout, rate, for_host)
    stream = container.add_stream(name, rate=rate, options=options, time_base=1 / rate)
    assert isinstance(stream, VideoStream)
    context = stream.codec_context
    context.width, context.height = layout.width, layout.height
    context.pix_fmt = _pixel_format(codec, layout)
    context.sample_aspect_ratio = facts.pixel_aspect
    _tag(context, facts)
    if facts.rotation:
        stream.set_display_rotation(facts.rotation)
    if facts.reel:
        stream.metadata["reel_name"] = facts.reel
    return stream


def frame_of(planes: Planes, facts: MediaFacts) -> VideoFrame:
    """The picture as FFmpeg holds it, tagged like its stream: ProRes reads only the frame's."""
    layout = planes.layout
    frame = VideoFrame(layout.width, layout.height, tags.pixel_format(layout))
    codes = [planes.y, planes.u, planes.v, *([] if planes.a is None else [planes.a])]
    for plane, values in zip(frame.planes, codes, strict=True):
        rows = np.frombuffer(memoryview(plane), layout.dtype).reshape(plane.height, -1)
        rows[:, : plane.width] = values
    _tag(frame, facts)
    return frame


def _encoder(
    codec: Codec, layout: Layout, rate: Fraction, for_host: bool
) -> tuple[str, dict[str, str]]:
    if codec is Codec.prores:
        if layout.has_alpha:  # "prores" has it too, but not every code of it
            return "prores_ks", {"profile": "4"}  # 4444
        # "prores" is three times as fast and keeps more, but does not know odd widths.
        return ("prores_ks" if layout.width % 2 else "prores"), {"profile": "3"}  # 422 HQ
    if codec is Codec.ffv1:
        return "ffv1", {"level": "3", "slices": "4", "slicecrc": "1", "g": "1"}
    # With its macroblock tree x264 gives other bytes on each run; without, files grow by a fifth.
    # Left to itself it takes as many threads as there are processors, and other bytes come out.
    common = {"crf": str(CRF), "preset": "fast", "mbtree": "0", "threads": str(THREADS)}
    if for_host:
        return "libx264", {**common, "g": str(HOST_GOP), "bf": "0"}
    return "libx264", {**common, "g": str(round(LONE_GOP * rate))}


def _pixel_format(codec: Codec, layout: Layout) -> str:
    name = tags.pixel_format(layout)
    return FFV1_RGB.get(name, name) if codec is Codec.ffv1 else name


def _formats(codec: str) -> set[str]:
    return {one.name for one in av.Codec(codec, "w").video_formats or ()}


def _tag(target: VideoFrame | av.VideoCodecContext, facts: MediaFacts) -> None:
    target.color_primaries = tags.number(tags.PRIMARIES, facts.color_primaries)
    target.color_trc = tags.number(tags.TRANSFERS, facts.color_transfer)
    target.colorspace = tags.number(tags.MATRICES, facts.color_matrix)
    target.color_range = tags.number(tags.RANGES, facts.color_range)
