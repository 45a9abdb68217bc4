"""Damaged media through the real probe in the real desk child: a sentence each, and no harm."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest
from soaking import size

from lav_engine.errors import Code, LavError

LIMIT = 25.0  # seconds for one file
PEAK = 1.5 * 2**30  # bytes of the desk
# range_outside: the poster's frame is not there.
REFUSED = (Code.media_unreadable, Code.media_unsupported, Code.range_outside)
KINDS = {  # name: encoder, pixel format
    "h264.mp4": ("libx264", "yuv420p"),
    "h264.mov": ("libx264", "yuv420p"),
    "h264.mkv": ("libx264", "yuv420p"),
    "h264.ts": ("libx264", "yuv420p"),
    "hevc.mp4": ("libx265", "yuv420p10le"),
    "prores.mov": ("prores_ks", "yuv422p10le"),
    "dnxhr.mxf": ("dnxhd", "yuv422p"),
    "ffv1.mkv": ("ffv1", "yuv422p10le"),
    "mjpeg.avi": ("mjpeg", "yuvj420p"),
    "mpeg2.mpg": ("mpeg2video", "yuv420p"),
    "vp9.webm": ("libvpx-vp9", "yuv420p"),
    "qtrle.mov": ("qtrle", "argb"),
    "png.mov": ("png", "rgb24"),
}
OTIO = b"""{"OTIO_SCHEMA": "Timeline.1", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [
{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [{"OTIO_SCHEMA": "Clip.2",
"media_references": {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1",
"target_url": "http://127.0.0.1:9/clip.mov"}}}]}]}}"""
PLAYLISTS = {
    "list.m3u8": b"#EXTM3U\n#EXTINF:1,\n{out}/clip.mov\n",
    "list.ffconcat": b"ffconcat version 1.0\nfile '{out}/clip.mov'\n",
    "timeline.otio": OTIO,
    "scene.sdp": b"v=0\nm=video 9 RTP/AVP 96\nc=IN IP4 127.0.0.1\n",
    "manifest.mpd": b"<?xml version='1.0'?><MPD><BaseURL>file://{out}/clip.mov</BaseURL></MPD>",
}


def encoded(path: Path, encoder: str, pixels: str) -> bytes:
    """Eight frames of noise that grows brighter."""
    chance = np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=Fraction(25))
        stream.width, stream.height, stream.pix_fmt = _frame(encoder)[0], _frame(encoder)[1], pixels
        if encoder == "dnxhd":
            stream.options = {"profile": "dnxhr_sq"}
        if encoder == "libx265":
            stream.options = {"x265-params": "log-level=none"}
        for number in range(8):
            picture = chance.integers(0, 60, (stream.height, stream.width, 3), np.uint8)
            picture += np.uint8(20 * number)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())
    return path.read_bytes()


def _frame(encoder: str) -> tuple[int, int]:
    return (256, 144) if encoder == "dnxhd" else (96, 64)


def mutant(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Bits turned, a piece cut, zeroed, doubled, or taken from another file."""
    out = bytearray(data)
    at = chance.randrange(len(out))
    length = chance.randint(1, max(2, len(out) // 4))
    match chance.randrange(7):
        case 0:
            for _ in range(chance.choice((1, 10, 100, 1000))):
                out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
        case 1:
            del out[at:]
        case 2:
            del out[at : at + length]
        case 3:
            out[at : at + length] = bytes(min(length, len(out) - at))
        case 4:
            out[at:at] = out[at : at + length]
        case 5:
            out[at : at + length] = other[at : at + length]
        case _:  # sizes and counts in a header
            for _ in range(chance.randint(1, 8)):
                place = chance.randrange(min(len(out), 4096))
                out[place : place + 4] = chance.choice((b"\xff" * 4, b"\x7f\xff\xff\xff", bytes(4)))
    return bytes(out)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    return {name: encoded(folder / name, *how) for name, how in KINDS.items()}


@pytest.fixture
def probed(server, tree) -> Callable[[str, bytes], str]:
    """Probes such a file and makes its poster: "ok", or the code of the refusal."""

    def probed(name: str, data: bytes) -> str:
        path = tree.inside / name
        path.write_bytes(data)
        started = time.monotonic()
        try:
            server.client.probe(path, poster_frame=2, poster_width=64)
            found = "ok"
        except LavError as error:
            found = error.code.value
        finally:
            assert time.monotonic() - started < LIMIT
            path.unlink()
        assert found in ("ok", *REFUSED), f"{name}: {found}"
        return found

    return probed


def desk(server) -> psutil.Process:
    children = psutil.Process(server.process.pid).children()
    return next(child for child in children if "lav_server.desk" in child.cmdline())


def test_the_originals_are_clips(probed, originals: dict[str, bytes]) -> None:
    assert {name: probed(name, data) for name, data in originals.items()} == dict.fromkeys(
        originals, "ok"
    )


@pytest.mark.timeout(size(180, 0))
def test_damaged_media_is_read_or_refused_by_one_desk(
    server, tree, probed, originals: dict[str, bytes]
) -> None:
    before, chance = desk(server), random.Random(4)
    seen: Counter[str] = Counter()
    peak = 0
    for number in range(size(520, 5200)):
        name = sorted(originals)[number % len(originals)]
        other = originals[chance.choice(sorted(originals))]
        found = probed(f"{number}-{name}", mutant(originals[name], other, chance))
        seen[found] += 1
        peak = max(peak, before.memory_info().rss)
    assert desk(server).pid == before.pid  # no crash
    assert peak < PEAK
    assert seen[Code.media_unreadable.value] > sum(seen.values()) / 10  # they were bad indeed
    tree.sentinel.check()


@pytest.mark.parametrize("name", PLAYLISTS)
@pytest.mark.parametrize("suffix", ["", ".mov"])
def test_a_list_of_other_files_is_no_clip(tree, probed, name: str, suffix: str) -> None:
    data = PLAYLISTS[name].replace(b"{out}", str(tree.outside).encode())
    chance = random.Random(name)
    assert probed(name + suffix, data) in REFUSED
    for number in range(size(5, 200)):
        assert probed(f"{number}-{name}{suffix}", mutant(data, OTIO, chance)) in REFUSED
    tree.sentinel.check()
