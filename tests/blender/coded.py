"""Videos whose every frame says its number in stripes, readable after lossy codecs and renders.

A frame is 13 full-height stripes: dark, light, whether it is of a take, and ten bits of its number.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

BITS = 10
STRIPE = 16  # pixels
WIDTH, HEIGHT = (BITS + 3) * STRIPE, 96
DARK, LIGHT = 40, 200
TAKE = 1 << BITS


def write(
    path: Path,
    codes: Iterable[int],
    rate: Fraction = Fraction(24),
    *,
    is_take: bool = False,
    streams: int = 1,
) -> Path:
    """H.264, tagged Rec.709, a key frame every twelve; several streams are alike."""
    with av.open(path, "w") as container:
        made = [_stream(container, rate) for _ in range(streams)]
        for code in codes:
            planes = np.vstack([_stripes(code, is_take), np.full((HEIGHT // 2, WIDTH), 128)])
            frame = av.VideoFrame.from_ndarray(planes.astype(np.uint8), "yuv420p")
            frame.color_primaries = frame.color_trc = frame.colorspace = 1
            frame.color_range = 1
            for stream in made:
                container.mux(stream.encode(frame))
        for stream in made:
            container.mux(stream.encode())
    return path


def _stream(container: OutputContainer, rate: Fraction) -> VideoStream:
    stream = container.add_stream("libx264", rate=rate)
    stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    stream.options = {"crf": "12", "g": "12", "preset": "veryfast"}
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = 1
    context.color_range = 1
    return stream


def read(path: Path, crop: tuple[int, int, int, int] | None = None) -> list[int | str]:
    """Of each frame its number, with TAKE added where it is of a take; a word where none is seen.

    The crop (left, top, width, height) is where the coded picture lies in the frame.
    """
    left, top, width, height = crop or (0, 0, WIDTH, HEIGHT)
    with av.open(path) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    return [_code(frame[top : top + height, left : left + width]) for frame in frames]


def pictures(path: Path) -> NDArray[Any]:
    """(F, H, W, 3) RGB, as FFmpeg converts it."""
    with av.open(path) as container:
        return np.stack([one.to_ndarray(format="rgb24") for one in container.decode(video=0)])


def _stripes(code: int, is_take: bool) -> NDArray[np.uint8]:
    assert 0 <= code < TAKE
    bits = [0, 1, int(is_take), *((code >> bit) & 1 for bit in range(BITS))]
    row = np.repeat(np.array([LIGHT if bit else DARK for bit in bits], np.uint8), STRIPE)
    return np.tile(row, (HEIGHT, 1))


def _code(picture: NDArray[Any]) -> int | str:
    height = picture.shape[0]
    stripes = np.array_split(picture[height // 4 : -height // 4], BITS + 3, axis=1)
    levels = [float(np.median(stripe)) for stripe in stripes]
    dark, light = levels[:2]
    if light - dark < 60:
        return "no code"
    shares = [(level - dark) / (light - dark) for level in levels[2:]]
    if any(0.25 < share < 0.75 for share in shares):
        return "two frames mixed"
    is_take, *bits = (share > 0.5 for share in shares)
    return sum(bit << place for place, bit in enumerate(bits)) + TAKE * is_take
