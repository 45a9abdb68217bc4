"""Resizing and coordinates, shared by everything that works on pictures here."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import LUMA_709, decode_bt1886

Field = NDArray[np.floating]  # float32; numpy's stubs widen arithmetic

BLACK = 0.004  # linear; log luma stays finite below


def shrink(image: Field, side: int) -> Field:
    """To at most `side` pixels on the long side."""
    scale = side / max(image.shape[:2])
    if scale >= 1:
        return image
    height, width = (max(2, round(n * scale)) for n in image.shape[:2])
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def enlarge(image: Field, width: int, height: int) -> Field:
    if image.shape[:2] == (height, width):
        return image
    size = (width, height)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.float32)


def log_luma(display: Field) -> Field:
    """(H, W) natural log of scene-linear luma."""
    return np.log(np.maximum(decode_bt1886(display) @ LUMA_709, 0) + np.float32(BLACK))


@lru_cache(maxsize=8)
def places(height: int, width: int) -> tuple[Field, Field]:
    """x right and y up of every pixel, in half-frames from the middle."""
    half = max(height, width) / 2
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return (x - (width - 1) / 2) / half, ((height - 1) / 2 - y) / half


@lru_cache(maxsize=8)
def pixels(height: int, width: int) -> tuple[Field, Field]:
    """x right and y down of every pixel."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return np.ascontiguousarray(x), np.ascontiguousarray(y)
