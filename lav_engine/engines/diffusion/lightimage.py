"""The picture that tells IC-Light where the light comes from: the lamps', or the editor's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.errors import LavError, MediaError
from lav_engine.light.background import light_image
from lav_engine.light.keyframes import light_at
from lav_engine.media.still import read_still
from lav_engine.spec import Light

Image = NDArray[np.uint8]  # (H, W, 3) RGB


def light_images(
    light: Light, media_frames: Sequence[int], size: tuple[int, int], own: Path | None
) -> list[Image]:
    """One for all frames, or one for each of a light that changes. `size` is width, height."""
    if own is not None:
        return [fitted(read(own), size)]
    if not light.keys:
        return [light_image(light, *size)]
    return [light_image(light_at(light, n), *size) for n in media_frames]


def read(path: Path) -> Image:
    """Raises LavError for what is no picture."""
    try:
        image = read_still(path, cv2.IMREAD_COLOR)
    except MediaError as error:
        raise LavError(
            f"The light image cannot be used. {error.message}", error.hint, error.code
        ) from error
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def fitted(image: Image, size: tuple[int, int]) -> Image:
    """Scaled to cover `size` (width, height), its middle kept."""
    width, height = size
    scale = max(width / image.shape[1], height / image.shape[0])
    wide, tall = (max(round(side * scale), 1) for side in (image.shape[1], image.shape[0]))
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    large = cv2.resize(image, (wide, tall), interpolation=interpolation)
    left, top = (wide - width) // 2, (tall - height) // 2
    return np.asarray(large[top : top + height, left : left + width], np.uint8)
