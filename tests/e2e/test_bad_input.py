"""Whatever people give it: one sentence with what to do, and nothing left behind or changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest


def video(path: Path, size: tuple[int, int], frames: int = 3, codec: str = "ffv1") -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = *size, "yuv444p"
        for index in range(frames):
            picture = np.full((size[1], size[0], 3), 80 + index, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())
    return path


def audio_only(path: Path) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), "s16", "mono")
        frame.rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def no_frames(path: Path) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv444p"
        container.start_encoding()
    return path


def truncated(path: Path) -> Path:
    whole = video(path.with_name("whole.mp4"), (64, 64), 40, "libx264")
    path.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return path


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def directory(path: Path) -> Path:
    path.mkdir()
    return path


PLAYLIST = "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"
MEDIA: dict[str, Callable[[Path], Path]] = {
    "missing": lambda folder: folder / "missing.mp4",
    "empty": lambda folder: written(folder / "empty.mp4", b""),
    "truncated": lambda folder: truncated(folder / "cut.mp4"),
    "text": lambda folder: written(folder / "text.mp4", "not a film\n" * 40),
    "noise": lambda folder: written(folder / "noise.mov", os.urandom(4096)),
    "audio only": lambda folder: audio_only(folder / "sound.wav"),
    "no frames": lambda folder: no_frames(folder / "none.mkv"),
    "one pixel": lambda folder: video(folder / "dot.mkv", (1, 1)),
    "16k wide": lambda folder: video(folder / "wide.mkv", (17000, 20), 1),
    "fifo": lambda folder: fifo(folder / "pipe.mp4"),
    "directory": lambda folder: directory(folder / "folder.mp4"),
    "playlist": lambda folder: written(folder / "list.mp4", PLAYLIST),
    "concat script": lambda folder: written(folder / "cat.mp4", "ffconcat version 1.0\nfile a"),
    "device": lambda folder: Path("/dev/zero"),
    "network": lambda folder: Path("http://127.0.0.1:9/clip.mp4"),
    "concat protocol": lambda folder: Path("concat:a.mp4|b.mp4"),
    "outside the roots": lambda folder: Path("/etc/hostname"),
}


def state_of(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.lstat().st_size, path.lstat().st_mtime_ns) for path in folder.rglob("*")}


def assert_refused(ran, *, codes: tuple[int, ...] = (1, 2)) -> None:
    assert ran.returncode in codes, (ran.returncode, ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stderr + ran.stdout
    said = ran.stderr.strip()
    assert said, "it said nothing"
    assert len(said) < 600, said
    assert said.rstrip("│╯─ \n").endswith((".", "?", "!", "'", ")", "]")), said
    assert ran.stdout == ""


@pytest.mark.parametrize("kind", MEDIA)
def test_media_that_cannot_be_relit(lav, folder: Path, kind: str):
    clip = MEDIA[kind](folder)
    before = state_of(folder)
    ran = lav("relight", clip, "--from", "left", "-o", folder / "take.mp4")
    assert_refused(ran)
    assert state_of(folder) == before


OPTIONS: dict[str, tuple[str, ...]] = {
    "range past the end": ("--range", "20:10"),
    "range before the start": ("--range=-3:5",),
    "empty range": ("--range", "5:0"),
    "no range at all": ("--range", "abc"),
    "not a number": ("--kelvin", "nan"),
    "infinite": ("--stops", "inf"),
    "negative kelvin": ("--kelvin=-100",),
    "amount above 1": ("--amount", "1.5"),
    "negative size": ("--size=-1",),
    "unknown engine": ("--engine", "magic"),
    "unknown preset": ("--preset", "nope"),
    "unknown codec": ("--codec", "divx"),
    "unknown direction": ("--from", "sideways"),
    "missing light": ("--light", "missing.json"),
    "missing mask": ("--mask", "missing.png"),
    "unknown option": ("--frobnicate",),
    "codec against the name": ("--codec", "prores"),
}


@pytest.mark.parametrize("kind", OPTIONS)
def test_options_that_mean_nothing(lav, folder: Path, clip: Path, kind: str):
    ran = lav("relight", clip, "--from", "left", "-o", folder / "take.mp4", *OPTIONS[kind])
    assert_refused(ran)
    assert state_of(folder) == {}


def test_no_light_at_all_is_asked_for(lav, folder: Path, clip: Path):
    ran = lav("relight", clip, "-o", folder / "take.mp4")
    assert_refused(ran)
    assert "light" in ran.stderr


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_an_existing_output_stays_as_it_is(lav, folder: Path, clip: Path, suffix: str):
    output = written(folder / f"take.{suffix}", "mine")
    ran = lav("relight", clip, "--from", "left", "-o", output)
    assert_refused(ran)
    assert output.read_text() == "mine"


def test_a_folder_that_is_not_there(lav, folder: Path, clip: Path):
    assert_refused(lav("relight", clip, "--from", "left", "-o", folder / "no" / "take.mp4"))
    assert state_of(folder) == {}


def test_an_output_that_is_the_source(lav, clip: Path):
    before = clip.read_bytes()
    assert_refused(lav("relight", clip, "--from", "left", "-o", clip))
    assert clip.read_bytes() == before


def test_a_damaged_light_file(lav, folder: Path, clip: Path):
    light = written(folder / "light.json", '{"lav_light": 1, "lamps": [')
    assert_refused(lav("relight", clip, "--light", light, "-o", folder / "take.mp4"))


def test_an_odd_sized_clip_keeps_its_size(lav, folder: Path):
    clip = video(folder / "odd.mkv", (161, 91), 4)
    ran = lav("relight", clip, "--from", "left", "-o", folder / "take.mkv")
    assert ran.returncode == 0, ran.stderr
    with av.open(folder / "take.mkv") as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (161, 91)
