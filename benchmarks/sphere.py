"""An analytic scene: a Lambert sphere before a plain wall, under ambient light and one far lamp."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import encode_bt1886
from lav_engine.metrics.shape import light_vector

RADIUS = 0.32  # of the picture's height
ALBEDO, WALL = 0.5, 0.25


def normals(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """(H, W, 3) normals, x right, y up, z toward the camera, and the sphere's antialiased matte."""
    rows, columns = np.indices((height, width)) + 0.5
    x = (columns - width / 2) / (RADIUS * height)
    y = (height / 2 - rows) / (RADIUS * height)
    r2 = x * x + y * y
    z = np.sqrt(np.maximum(1 - r2, 0))
    edge = (1 - np.sqrt(r2)) * RADIUS * height
    matte = np.clip(edge + 0.5, 0, 1).astype(np.float32)
    shrink = np.maximum(np.sqrt(r2), 1)
    return np.stack([x / shrink, y / shrink, z], axis=-1), matte


def render(
    height: int,
    width: int,
    azimuth: float = 0.0,
    elevation: float = 0.0,
    strength: float = 0.7,
    ambient: float = 0.3,
) -> NDArray[np.float32]:
    """(H, W, 3) display-referred. A white card facing the lamp has strength + ambient."""
    normal, matte = normals(height, width)
    lamp = light_vector(azimuth, elevation)
    ball = ALBEDO * (ambient + strength * np.maximum(normal @ lamp, 0))
    wall = WALL * (ambient + strength * max(float(lamp[2]), 0))
    linear = (wall + (ball - wall) * matte).astype(np.float32)
    return np.repeat(encode_bt1886(linear)[..., None], 3, axis=-1)
