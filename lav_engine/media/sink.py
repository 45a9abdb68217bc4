"""The encoder: frames into a file that keeps the source's size, rate, colour tags and time code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.container import Flags, OutputContainer

from lav_engine.errors import Code, LavError, MediaError
from lav_engine.media import encoder
from lav_engine.media.audio import AudioCopy
from lav_engine.media.convert import convert
from lav_engine.media.planes import Layout, Planes
from lav_engine.media.probe import probe
from lav_engine.publish import OTHER_DISK, Reserved, discard, finish, reserve, writing
from lav_engine.spec import ClipRange, Codec, MediaFacts


class Sink:
    """Writes `count` frames into a hidden file beside `path`; `finish` checks it.

    `announce` hears of the hidden file before it is made. It is the caller's to publish, and what
    is not published when the sink is left, by an error or on purpose, does not remain. Raises
    LavError for a taken name, a folder that takes no file, a full disk, and what codec and
    container cannot hold.
    """

    def __init__(
        self,
        path: Path,
        facts: MediaFacts,
        layout: Layout,
        codec: Codec,
        count: int,
        rate: Fraction,
        timecode: str = "",
        for_host: bool = False,
        audio_from: ClipRange | None = None,
        announce: Callable[[Reserved], None] = lambda _: None,
    ) -> None:
        self.layout = encoder.layout_for(codec, layout)  # of the file; write converts to it
        encoder.check(path, codec, self.layout)
        self.warnings: list[str] = []  # sentences about sound that is left out
        self._facts = encoder.tagged(codec, facts, layout, self.layout)
        self._count, self._rate, self._written = count, rate, 0
        self._container: OutputContainer | None = None
        self._audio: AudioCopy | None = None
        self._reserved = reserve(path, announce)
        try:
            self._open(codec, timecode, for_host, audio_from)
        except BaseException:
            self._abandon()
            raise

    def __enter__(self) -> Sink:
        return self

    def __exit__(self, *_: object) -> None:
        self._abandon()

    def write(self, planes: Planes) -> None:
        """The next frame. Planes in another layout are converted; fewer bits are dithered."""
        frame = encoder.frame_of(convert(planes, self.layout), self._facts)
        frame.pts, frame.time_base = self._written, 1 / self._rate
        with _encoding(self._reserved.path):
            self._output.mux(self._stream.encode(frame))
            self._written += 1
            self._mux_audio(self._written / self._rate)

    def finish(self) -> Reserved:
        """Closes the file, counts its frames and has it on disk, ready to be published."""
        with _encoding(self._reserved.path):
            self._output.mux(self._stream.encode(None))
            self._mux_audio(self._count / self._rate)
            self._output.close()
        self._verify()
        finish(self._reserved)
        return self._reserved

    def _open(
        self, codec: Codec, timecode: str, for_host: bool, audio_from: ClipRange | None
    ) -> None:
        path, temp = self._reserved.path, self._reserved.temp
        form = encoder.FORMATS[path.suffix.lower()]
        with _encoding(path):
            self._container = self._output = av.open(str(temp.absolute()), "w", format=form)
            # No random identities, no dates, no versions: the same take is the same file.
            self._output.flags |= Flags.bitexact.value
            self._stream = encoder.add_stream(
                self._output, codec, self.layout, self._facts, self._rate, for_host
            )
            if timecode:
                self._stream.metadata["timecode"] = timecode
        if audio_from is not None:
            self._audio = AudioCopy(audio_from, self._output)
            self.warnings += self._audio.warnings

    def _mux_audio(self, seconds: Fraction) -> None:
        if self._audio is not None:
            for packet in self._audio.until(seconds):
                self._output.mux(packet)

    def _verify(self) -> None:
        found = self._read_back()
        expected = self._count, self.layout.width, self.layout.height
        if (found.frames, found.width, found.height) != expected:
            raise LavError(
                f"{self._reserved.path.name} came out with {found.frames} of {self._count} frames, "
                "so it was not kept.",
                "Try once more; if it happens again, report it with the clip.",
                Code.internal,
            )

    def _read_back(self) -> MediaFacts:
        path, temp = self._reserved.path, self._reserved.temp
        with writing(path):
            temp.stat()  # where it has gone, that is what is said
        try:
            return probe(temp)
        except MediaError:
            raise LavError(
                f"{path.name} could not be read again once it was written, so it was not kept.",
                OTHER_DISK,
                Code.output_unwritable,
            ) from None

    def _abandon(self) -> None:
        # Closing writes the rest of the file: on a full disk it fails once more.
        with suppress(OSError, av.error.FFmpegError):
            if self._container is not None:
                self._container.close()
        if self._audio is not None:
            self._audio.close()
        discard(self._reserved)


@contextmanager
def _encoding(path: Path) -> Iterator[None]:
    """What a disk or an encoder says while `path` is being written, as a sentence."""
    with writing(path):
        try:
            yield
        except av.error.FFmpegError as error:
            if isinstance(error, OSError):
                raise
            raise LavError(
                f"{path.name} could not be encoded: {error.strerror}.", "", Code.internal
            ) from error
