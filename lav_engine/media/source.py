"""The frame-exact reader: any range of media frames of any container, as planes."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av.error
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane

from lav_engine.errors import Code, LavError, MediaError
from lav_engine.media import tags
from lav_engine.media.container import AGAIN, open_clip
from lav_engine.media.planes import Codes, Layout, Planes
from lav_engine.media.probe import presentation_times, probe
from lav_engine.spec import MediaFacts

# Seconds to step back, in turn, until the first frame decoded lies at or before the target:
# transport streams and intra-refresh need it. After the last comes the start of the file.
STEPS_BACK = (0, 1, 2, 4, 8, 16, 32, 64)
NEAR = 24  # frames ahead that are cheaper to decode through than to seek


def check_range(facts: MediaFacts, first: int, count: int) -> None:
    """Raises LavError unless [first, first + count) lies in the clip and holds a frame."""
    if count < 1 or first < 0 or first + count > facts.frames:
        asked = f"{first} to {first + count - 1}" if count > 0 else f"{count} from {first} on"
        raise LavError(
            f"{facts.path.name} has frames 0 to {facts.frames - 1}; asked for: {asked}.",
            "Choose a range inside the clip.",
            Code.range_outside,
        )


class Reader:
    """Reads media frames of one file, in any order; reading on from the last is fastest.

    Frames are found by presentation time, never by counting or arithmetic. Use it as a context
    manager, from one thread at a time; memory holds one frame and the decoder's own.
    """

    def __init__(self, path: Path, facts: MediaFacts | None = None) -> None:
        self.facts = facts or probe(path)
        self.layout = tags.layout_of(self.facts)
        self.warnings: list[str] = []  # sentences about damage met so far
        self._path = path
        self._index = presentation_times(path)
        self._open()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._decoded = iter(())
        self._container.close()
        del self._stream  # and with it the decoder's threads, whoever still holds this reader

    def read(self, first: int, count: int) -> Iterator[Planes]:
        """Media frames [first, first + count), one by one.

        Raises LavError for a range outside the clip, MediaError where a frame cannot be decoded or
        the picture changes its size or format.
        """
        check_range(self.facts, first, count)
        return (self._planes(media_frame) for media_frame in range(first, first + count))

    def _planes(self, media_frame: int) -> Planes:
        frame = self._frame(media_frame)
        if frame.is_corrupt:
            self.warnings.append(f"Media frame {media_frame} is damaged in the file.")
        found = frame.format.name, frame.width, frame.height
        facts = self.facts
        if found != (facts.pixel_format, facts.width, facts.height):
            raise MediaError(
                f"{self._path.name} changes at media frame {media_frame} from {facts.width} × "
                f"{facts.height} {facts.pixel_format} to {found[1]} × {found[2]} {found[0]}.",
                "Split it there.",
                Code.media_unsupported,
            )
        return _unpack(frame, self.layout, media_frame)

    def _frame(self, media_frame: int) -> VideoFrame:
        try:
            frame = self._find(media_frame)
        except av.error.FFmpegError as error:
            raise self._lost(media_frame) from error
        if frame is None:
            raise self._lost(media_frame)
        return frame

    def _find(self, media_frame: int) -> VideoFrame | None:
        wanted = int(self._index.pts[media_frame])
        is_ahead = self._last < media_frame <= self._last + NEAR
        self._last = self.facts.frames  # nobody knows where the decoder stands until it is found
        if not is_ahead:
            self._seek(wanted)
        for frame in self._decoded:
            if frame.pts == wanted:
                self._last = media_frame
                return frame
            if frame.pts is not None and frame.pts > wanted:
                return None
        return None

    def _lost(self, media_frame: int) -> MediaError:
        return MediaError(
            f"Media frame {media_frame} of {self._path.name} cannot be decoded.", AGAIN
        )

    def _seek(self, wanted: int) -> None:
        """Leaves the decoder so that `wanted` is still to come, and all it refers to is decoded."""
        for seconds in STEPS_BACK:
            back = round(Fraction(seconds) / self._index.time_base)
            if wanted - back < self._index.pts[0]:
                break
            self._container.seek(wanted - back, stream=self._stream)
            first = next(frames := self._decode(), None)
            if first is not None and self._leads_to(wanted, first):
                self._decoded = chain([first], frames)
                return
        self._container.close()
        self._open()

    def _leads_to(self, wanted: int, first: VideoFrame) -> bool:
        """Whether decoding from `first` on surely gives the wanted frame, and gives it whole.

        After a seek into the middle MPEG streams may show a frame at a time no frame has.
        """
        if first.pts is None or first.pts > wanted or first.pts not in self._index.pts:
            return False
        return first.pts < wanted or first.key_frame

    def _open(self) -> None:
        self._container, self._stream = open_clip(self._path)
        self._stream.thread_type = "AUTO"
        self._decoded = self._decode()
        self._last = -1

    def _decode(self) -> Iterator[VideoFrame]:
        """Frames in presentation order. What does not decode is left out; its reader notices."""
        for packet in self._container.demux(self._stream):
            try:
                yield from self._stream.codec_context.decode(packet if packet.size else None)
            except av.error.InvalidDataError:
                continue


def _unpack(frame: VideoFrame, layout: Layout, media_frame: int) -> Planes:
    name = tags.planar(frame.format.name)
    if name != frame.format.name:
        # One thread: with more, some conversions differ from run to run (PyAV 18, odd widths).
        frame = frame.reformat(format=name, threads=1)
    y, *others = (_codes(plane, layout) for plane in frame.planes)
    alpha = others.pop() if layout.has_alpha else None
    if not others:
        grey = np.full(layout.chroma_shape, 1 << (layout.depth - 1), layout.dtype)
        others = [grey, grey.copy()]
    return Planes(layout, media_frame, y, *others, a=alpha)


def _codes(plane: VideoPlane, layout: Layout) -> Codes:
    """A copy: the decoder still predicts from its own."""
    rows = np.frombuffer(memoryview(plane), layout.dtype).reshape(plane.height, -1)
    return rows[:, : plane.width].copy()
