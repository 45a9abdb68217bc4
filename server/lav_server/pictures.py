"""Arrays as JPEG and PNG, for posters and previews. Children only: this loads OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_server.jobs import Picture

JPEG_QUALITY = 85


def encoded(image: NDArray[np.uint8], *, is_png: bool = False) -> Picture:
    """`image` is (H, W, 3) RGB."""
    suffix, options = (".png", []) if is_png else (".jpg", [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    _, data = cv2.imencode(suffix, np.ascontiguousarray(image[..., ::-1]), options)
    height, width, _ = image.shape
    return Picture(data.tobytes(), "image/png" if is_png else "image/jpeg", width, height)
