"""What is in a media file: presented frames, exact rate, colour, time code, assumptions made."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av.error
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from lav_engine.errors import Code, LavError, MediaError
from lav_engine.media import tags, timecode, transport
from lav_engine.media.container import AGAIN, check_file, check_size, no_frames, open_clip
from lav_engine.media.rate import gaps, rate_of, unevenness
from lav_engine.spec import MediaFacts

UNSTAMPED = -(1 << 63)  # FFmpeg's AV_NOPTS_VALUE
DURATION = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)", re.ASCII)  # how Matroska writes it
SLACK = 0.25  # seconds a Matroska header may promise beyond the start of the last frame


@dataclass(frozen=True, slots=True, eq=False)
class PtsIndex:
    """When each media frame is presented."""

    pts: NDArray[np.int64]  # ascending, in time_base; pts[0] belongs to media frame 0
    time_base: Fraction  # seconds

    def seconds(self, media_frame: int) -> Fraction:
        """Container time of a frame; not zero for media frame 0 in many files."""
        return int(self.pts[media_frame]) * self.time_base


def probe(path: Path) -> MediaFacts:
    """Reads every packet header once and decodes one frame. Cached while the file stays the same.

    Width and height are those of the stored picture, before any rotation. Colour names are the
    file's own tags, "unknown" where it has none. Raises MediaError with a sentence for anything
    that is no usable clip.
    """
    return _survey(path, _identity(path))[0]


def presentation_times(path: Path) -> PtsIndex:
    """The clip's frames by time, from the same pass as `probe`. Raises MediaError."""
    return _survey(path, _identity(path))[1]


def _identity(path: Path) -> tuple[int, ...]:
    found = check_file(path)
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


@lru_cache(maxsize=32)
def _survey(path: Path, identity: tuple[int, ...]) -> tuple[MediaFacts, PtsIndex]:
    container, stream = open_clip(path)
    with container:
        stated = tags.stated(stream.codec_context)
        try:
            frame, times = _scan(container, stream, path)
        except av.error.FFmpegError as error:
            raise MediaError(f"{path.name} is damaged: {error.strerror}.", AGAIN) from error
        check_size(frame.width, frame.height, path)
        index = PtsIndex(times, _fraction(stream.time_base))
        facts = _facts(container, stream, stated, frame, index, path)
        _check_complete(stream, facts, index)
        return facts, index


def _scan(
    container: InputContainer, stream: VideoStream, path: Path
) -> tuple[VideoFrame, NDArray[np.int64]]:
    """The first frame that decodes, and when it and all after it are presented."""
    first: VideoFrame | None = None
    times: list[int] = []
    is_cut = False
    for packet in container.demux(stream):
        if first is None:
            first = _decoded(stream, packet)
        if packet.size:
            is_cut = packet.is_corrupt
            if not packet.is_discard:
                times.append(UNSTAMPED if packet.pts is None else packet.pts)
        if first is not None and _has_whole_index(container, stream):
            times = [entry.timestamp for entry in stream.index_entries if not entry.is_discard]
            break
    if not times:
        raise no_frames(path)
    if first is None or first.pts is None:
        raise MediaError(f"Not one frame of {path.name} can be decoded.", AGAIN)
    # AVI counts frames as they are coded; with B-frames nothing says when they are shown.
    is_shuffled = container.format.name == "avi" and stream.codec_context.reorder_depth > 0
    if is_shuffled or UNSTAMPED in times:
        raise MediaError(
            f"Frames of {path.name} carry no usable time stamps, so they cannot be told apart.",
            "Convert it to MOV or MP4.",
            Code.media_unsupported,
        )
    announced = max((entry.pos + entry.size for entry in stream.index_entries), default=0)
    is_transport = container.format.name == "mpegts"
    if is_cut or announced > container.size or (is_transport and transport.ends_inside(path)):
        raise _cut_short(path)
    # A stream cut inside a group of pictures starts with frames that lack their references.
    presented = np.unique(np.array(times, np.int64))
    return first, presented[presented >= first.pts]


def _decoded(stream: VideoStream, packet: av.Packet) -> VideoFrame | None:
    try:
        frames = stream.codec_context.decode(packet if packet.size else None)
    except av.error.InvalidDataError:
        return None  # not decodable from here; the next key frame may be
    return frames[0] if frames else None


def _has_whole_index(container: InputContainer, stream: VideoStream) -> bool:
    """Whether the header's index already says it all: MOV, and every frame stands alone.

    Reading all packets of an hour of ProRes would take minutes.
    """
    if not (stream.codec_context.codec.intra_only and container.format.name.startswith("mov")):
        return False
    return 0 < stream.frames == len(stream.index_entries)


def _cut_short(path: Path) -> MediaError:
    return MediaError(f"{path.name} is cut short: its last frames are missing.", AGAIN)


def _check_complete(stream: VideoStream, facts: MediaFacts, index: PtsIndex) -> None:
    """Matroska has no frame count; its writers leave the picture's length instead.

    Transport streams have nothing; but where frames that were coded last are shown earlier, a cut
    leaves a gap near the end.
    """
    if facts.container == "mpegts":
        near_end = facts.frames - 2 - stream.codec_context.reorder_depth
        if any(n >= near_end for n in gaps(index.pts, index.time_base, facts.rate)):
            raise _cut_short(facts.path)
    promised = _promised(stream)
    held = float(index.seconds(-1) + 1 / facts.rate)
    if promised > held + SLACK and not facts.is_variable_rate:
        raise MediaError(
            f"{facts.path.name} is cut short: {promised:.1f} seconds are announced, "
            f"the picture ends at {held:.1f}.",
            AGAIN,
        )


def _promised(stream: VideoStream) -> float:
    """Seconds; 0 where nothing is said, or nothing that makes sense."""
    clock = DURATION.fullmatch(stream.metadata.get("DURATION", ""))
    if clock is None:
        return 0.0
    return sum(float(part) * unit for part, unit in zip(clock.groups(), (3600, 60, 1), strict=True))


def _facts(
    container: InputContainer,
    stream: VideoStream,
    stated: tags.Numbers,
    frame: VideoFrame,
    index: PtsIndex,
    path: Path,
) -> MediaFacts:
    context = stream.codec_context
    rate, is_variable = rate_of(index.pts, index.time_base, stream.average_rate)
    if not rate:
        raise MediaError(
            f"The frames of {path.name} are said to lie hours apart; its time stamps are damaged.",
            AGAIN,
        )
    code, reel = _timecode(container, stream)
    primaries, transfer, matrix, levels = tags.words(stated, frame)
    notes = []
    if is_variable:
        notes.append(unevenness(index.pts, index.time_base, rate))
    if code:
        try:
            timecode.parse(code, rate)
        except LavError as error:
            notes.append(f"Time code ignored. {error.message}")
            code = ""
    facts = MediaFacts(
        path=path,
        frames=len(index.pts),
        rate=rate,
        width=frame.width,
        height=frame.height,
        pixel_aspect=_fraction(stream.sample_aspect_ratio) or Fraction(1),
        rotation=round(frame.rotation / 90) * 90 % 360,
        codec=context.codec.canonical_name,
        pixel_format=frame.format.name,
        bit_depth=frame.format.components[0].bits,
        color_primaries=primaries,
        color_transfer=transfer,
        color_matrix=matrix,
        color_range=levels,
        is_variable_rate=is_variable,
        is_interlaced=frame.interlaced_frame or context.field_order > 1,
        timecode=code,
        reel=reel,
        has_audio=bool(container.streams.audio),
        container=container.format.name,
        has_alpha=tags.has_alpha(frame.format.name),
    )
    return replace(facts, notes=(*notes, *tags.assumptions(facts)))


def _timecode(container: InputContainer, stream: VideoStream) -> tuple[str, str]:
    """(time code, reel): on the picture, on a time code track, or on the file."""
    places = [stream.metadata, *(one.metadata for one in container.streams.data)]
    found: dict[str, str] = {}
    for place in [*places, container.metadata]:
        found = {key.lower(): value for key, value in place.items()} | found
    return found.get("timecode", ""), found.get("reel_name", found.get("reel", ""))


def _fraction(value: Fraction | None) -> Fraction:
    return Fraction(value.numerator, value.denominator) if value else Fraction(0)
