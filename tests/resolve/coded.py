"""Videos whose every frame says its number, in stripes that outlive lossy codecs."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

BITS = 10
STRIPE = 16
WIDTH, HEIGHT = (BITS + 2) * STRIPE, 96
DARK, LIGHT = 40, 200


def coded(
    path: Path, numbers: Iterable[int], rate: Fraction = Fraction(24), timecode: str = ""
) -> Path:
    """H.264, tagged Rec.709: a dark and a light stripe, then the bits of the number."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"crf": "12", "g": "12", "preset": "veryfast"}
        if timecode:
            stream.metadata["timecode"] = timecode
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        for number in numbers:
            bits = [0, 1, *((number >> bit) & 1 for bit in range(BITS))]
            row = np.repeat(np.array([LIGHT if bit else DARK for bit in bits], np.uint8), STRIPE)
            planes = np.vstack([np.tile(row, (HEIGHT, 1)), np.full((HEIGHT // 2, WIDTH), 128)])
            frame = av.VideoFrame.from_ndarray(planes.astype(np.uint8), "yuv420p")
            frame.color_primaries = frame.color_trc = frame.colorspace = 1
            frame.color_range = 1
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def codes(path: Path) -> list[int]:
    """Of each frame its number; -1 where none can be read."""
    with av.open(str(path)) as container:
        return [_code(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]


def _code(picture: np.ndarray) -> int:
    stripes = np.array_split(picture[HEIGHT // 4 : -HEIGHT // 4], BITS + 2, axis=1)
    dark, light, *levels = [float(np.median(stripe)) for stripe in stripes]
    if light - dark < 60:
        return -1
    shares = [(level - dark) / (light - dark) for level in levels]
    if any(0.25 < share < 0.75 for share in shares):
        return -1
    return sum((share > 0.5) << place for place, share in enumerate(shares))
