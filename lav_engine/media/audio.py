"""The sound of a range: PCM cut to the sample, coded sound copied by whole packets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

from av import Packet
from av.audio.stream import AudioStream
from av.container import OutputContainer

from lav_engine.media.aac import AacTrack, can_hold
from lav_engine.media.container import open_clip
from lav_engine.media.probe import presentation_times
from lav_engine.spec import ClipRange

STEPS_BACK = (1, 4, 16, 64)  # seconds before the range to start reading; then the file's start


class AudioCopy:
    """Every audio stream of a range, as packets to mux into another container from time zero.

    Coded sound starts on a packet: MOV and MP4 take one packet more to prime the decoder and hide
    it by an edit list, elsewhere up to a packet (about 21 ms) is missing at the start.
    """

    def __init__(self, clip: ClipRange, output: OutputContainer) -> None:
        index = presentation_times(clip.path)
        self.warnings: list[str] = []
        self._start = index.seconds(clip.first)
        self._end = self._start + clip.count / clip.rate
        self._earliest = index.seconds(0)
        self._tick = index.time_base
        self._can_prime = output.format.name in ("mov", "mp4")
        self._container, self._video = open_clip(clip.path)
        self._targets: dict[int, AudioStream] = {}
        self._coders: dict[int, AacTrack] = {}  # of PCM that the container does not take
        self._samples: dict[int, int] = {}  # where the next PCM sample goes
        for stream in self._container.streams.audio:
            self._add(stream, output)
        self._packets = self._coded()
        self._held: tuple[Fraction, Packet] | None = None

    def close(self) -> None:
        self._packets = iter(())
        self._container.close()

    def until(self, seconds: Fraction) -> Iterator[Packet]:
        """Packets that start before this time of the output, ready to mux."""
        while True:
            self._held = self._held or next(self._packets, None)
            if self._held is None or self._held[0] >= seconds:
                return
            yield self._held[1]
            self._held = None

    def _add(self, stream: AudioStream, output: OutputContainer) -> None:
        name = output.format.name.upper()
        target = self._target(stream, output)
        if target is None:
            self.warnings.append(
                f"Sound track {stream.index} ({_codec(stream)}) does not go into {name} and is "
                "left out; MOV or MKV may take it."
            )
            return
        target.metadata.update(stream.metadata)
        if stream.index in self._coders:
            self.warnings.append(
                f"Sound track {stream.index} ({_codec(stream)}) becomes AAC, since {name} takes no "
                "PCM; MOV and MKV keep it as it is."
            )
        elif _is_pcm(stream):
            target.time_base = Fraction(1, stream.sample_rate)
        self._targets[stream.index] = target

    def _target(self, stream: AudioStream, output: OutputContainer) -> AudioStream | None:
        # PCM in MP4 is a late addition: older players turn it into noise.
        if _is_pcm(stream) and output.format.name == "mp4":
            if not can_hold(stream):
                return None
            coder = self._coders[stream.index] = AacTrack(stream, output)
            return coder.target
        try:
            return output.add_stream_from_template(stream)
        except ValueError:
            return None

    def _coded(self) -> Iterator[tuple[Fraction, Packet]]:
        """What is cut, PCM coded anew where it must be."""
        for number, at, packet in self._cut():
            coder = self._coders.get(number)
            if coder is None:
                yield at, packet
            else:
                yield from coder.coded(packet)
        for coder in self._coders.values():
            yield from coder.coded(None)

    def _cut(self) -> Iterator[tuple[int, Fraction, Packet]]:
        """(track, output time, packet) of what belongs to the range, moved to zero."""
        if not self._targets:
            return
        before: dict[int, Packet] = {}  # the last packet that ends before the range
        unfinished = set(self._targets)
        for packet in self._source():
            number = packet.stream_index
            if number not in unfinished or packet.pts is None:
                continue
            at = packet.pts * packet.time_base
            if at >= self._end:
                unfinished.discard(number)
                if not unfinished:
                    return
            elif _is_pcm(packet.stream):
                for start, piece in self._samples_of(packet, at):
                    yield number, start, piece
            elif at + (packet.duration or 0) * packet.time_base <= self._start:
                before[number] = packet
            elif self._can_prime or at >= self._start:
                if self._can_prime and number in before:
                    yield number, *self._moved(before.pop(number))
                yield number, *self._moved(packet)

    def _source(self) -> Iterator[Packet[AudioStream]]:
        """Packets from somewhere before the range on."""
        streams = self._container.streams.audio
        for seconds in STEPS_BACK:
            if self._start - seconds <= self._earliest:
                break
            wanted = round((self._start - seconds) / self._tick)
            self._container.seek(wanted, stream=self._video)
            packets = self._container.demux(streams)
            first = next(packets, None)
            if (
                first is not None
                and first.pts is not None
                and first.pts * first.time_base <= self._start
            ):
                return chain([first], packets)
        self._container.seek(0)
        return self._container.demux(streams)

    def _moved(self, packet: Packet) -> tuple[Fraction, Packet]:
        shift = round(self._start / packet.time_base)
        pts, dts = packet.pts or 0, packet.dts if packet.dts is not None else packet.pts or 0
        packet.pts, packet.dts = pts - shift, dts - shift
        packet.stream = self._targets[packet.stream_index]
        return (pts - shift) * packet.time_base, packet

    def _samples_of(
        self, packet: Packet[AudioStream], at: Fraction
    ) -> Iterator[tuple[Fraction, Packet]]:
        """The part of a PCM packet inside the range; the total is exact to the sample."""
        number, context = packet.stream_index, packet.stream.codec_context
        rate = context.sample_rate
        block = context.channels * _bytes_per_sample(context.name)
        late = round((at - self._start) * rate)
        written = self._samples.get(number, max(0, late))
        skipped = 0 if number in self._samples else max(0, -late)
        missing = round((self._end - self._start) * rate) - written
        count = min(packet.size // block - skipped, missing)
        if count <= 0:
            return
        piece = Packet(bytes(packet)[skipped * block : (skipped + count) * block])
        piece.stream, piece.time_base = self._targets[number], Fraction(1, rate)
        piece.pts = piece.dts = written
        piece.duration = count
        self._samples[number] = written + count
        yield Fraction(written, rate), piece


def _codec(stream: AudioStream) -> str:
    return stream.codec_context.name if stream.codec_context else "unknown coding"


def _is_pcm(stream: AudioStream) -> bool:
    return _codec(stream).startswith("pcm_")


def _bytes_per_sample(codec: str) -> int:
    bits = re.search(r"\d+", codec)  # pcm_s24le; pcm_mulaw and pcm_alaw are 8 bit
    return -(-int(bits[0]) // 8) if bits else 1
