"""A still picture: its size is looked at first, for a small file can hold a huge one."""

from __future__ import annotations

from pathlib import Path

import av
import av.error
import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.errors import MediaError
from lav_engine.media.container import LONGEST_SIDE, MOST_PIXELS, check_file

FORMATS = "png_pipe,jpeg_pipe,tiff_pipe,webp_pipe,bmp_pipe,exr_pipe"
LIMITS = f"at most {LONGEST_SIDE} a side and {MOST_PIXELS // 1_000_000} million in all"


def read_still(path: Path, mode: int) -> NDArray[np.uint8]:
    """As OpenCV decodes it by `mode`, one of its IMREAD_*. Raises MediaError."""
    check_file(path)
    width, height = _size(path)
    if max(width, height) > LONGEST_SIDE:
        raise MediaError(
            f"{path.name} is {width} × {height} pixels; {LIMITS} can be used.", "Scale it down."
        )
    image = cv2.imdecode(np.fromfile(path, np.uint8), mode) if width and height else None
    if image is None:
        raise MediaError(
            f"{path.name} cannot be read as a picture, or is a far too large one.",
            f"Give an 8- or 16-bit PNG or TIFF, or a JPEG, of {LIMITS}.",
        )
    return np.asarray(image, np.uint8)


def _size(path: Path) -> tuple[int, int]:
    """Width and height as the file's header has them; zeros where it has none that may be."""
    containing = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
    decoding = {"max_pixels": str(MOST_PIXELS)}
    try:
        with av.open(
            str(path.absolute()), options=decoding, container_options=containing
        ) as container:
            picture = container.streams.video[0].codec_context
            return picture.width, picture.height
    except (av.error.FFmpegError, ValueError, IndexError):
        return 0, 0
