"""AAC for containers that take no PCM."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import av.error
from av import Packet
from av.audio.stream import AudioStream
from av.container import OutputContainer

BIT_RATE = 160_000  # per channel: about where nobody hears the difference


def can_hold(source: AudioStream) -> bool:
    """Whether AAC has this sound's rate and channels."""
    trial = av.CodecContext.create("aac", "w")
    assert isinstance(trial, av.AudioCodecContext)
    try:
        trial.sample_rate, trial.layout, trial.format = source.sample_rate, source.layout, "fltp"
        trial.open()
    except (av.error.FFmpegError, ValueError):
        return False
    return True


class AacTrack:
    """One PCM track, coded anew into `target`."""

    def __init__(self, source: AudioStream, output: OutputContainer) -> None:
        self._decoder = source.codec_context
        self._rate = source.sample_rate
        self.target = output.add_stream("aac", rate=self._rate, layout=source.layout.name)
        self.target.bit_rate = BIT_RATE * source.channels

    def coded(self, piece: Packet | None) -> Iterator[tuple[Fraction, Packet]]:
        """(output time, packet) of a PCM packet, whose times are in samples; None at the end."""
        for packet in self._packets(piece):
            yield (packet.pts or 0) * packet.time_base, packet

    def _packets(self, piece: Packet | None) -> Iterator[Packet]:
        if piece is None:
            yield from self.target.encode(None)
            return
        for frame in self._decoder.decode(piece):
            frame.pts, frame.time_base = piece.pts, Fraction(1, self._rate)
            yield from self.target.encode(frame)
