"""For engine tests: a clip of a shaded ball that drifts past a wall, and takes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lav_engine.mapstore import MapStore
from lav_engine.spec import ClipRange, Codec, LampPatch, LightRequest, Output, RelightRequest

WIDTH, HEIGHT = 320, 180
MakeClip = Callable[..., Path]


def ball(frame: int) -> NDArray[np.uint8]:
    """(H, W, 3) RGB: frontally lit, slightly textured, no pixel near black or white."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    wall = 110 + 12 * np.sin(x / 9) * np.sin(y / 7)
    picture = np.stack([wall + 8, wall, wall - 10], axis=-1)
    u, v = (x - 130 - frame) / 55, (y - 95) / 55
    inside = u * u + v * v < 1
    height = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    skin = np.array([190, 140, 115], np.float32) * (0.55 + 0.45 * height[..., None])
    picture[inside] = skin[inside]
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    def make(
        name: str = "clip.mkv",
        frames: int = 12,
        start: int = 0,
        rotation: int = 0,  # degrees: stored so that this turns it upright, and flagged
        pixel_format: str = "yuv422p10le",
    ) -> Path:
        path = tmp_path / name
        with av.open(path, "w") as container:
            stream = container.add_stream("ffv1", rate=Fraction(24000, 1001))
            stream.width, stream.height = (HEIGHT, WIDTH) if rotation % 180 else (WIDTH, HEIGHT)
            stream.pix_fmt = pixel_format
            if rotation:
                stream.set_display_rotation(rotation)
            for index in range(frames):
                stored = np.ascontiguousarray(np.rot90(ball(start + index), -rotation // 90))
                frame = av.VideoFrame.from_ndarray(stored, format="rgb24")
                frame = frame.reformat(
                    format=pixel_format,
                    dst_colorspace="itu709",
                    dst_color_range="MPEG",
                    threads=1,  # swscale's threads give other codes from run to run at some widths
                )
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return make


@pytest.fixture
def maps(tmp_path: Path) -> MapStore:
    return MapStore(tmp_path / "maps")


@pytest.fixture
def toy_request(make_clip: MakeClip, tmp_path: Path) -> Callable[..., RelightRequest]:
    """For takes by toy_engine of one clip, 30 frames long."""
    clip = make_clip(frames=30)

    def make(
        name: str, first: int = 0, count: int = 24, codec: Codec | None = None, **more: object
    ) -> RelightRequest:
        request = RelightRequest(
            ClipRange(clip, first, count, Fraction(0)),
            LightRequest(lamp=LampPatch(azimuth=-60.0)),
            Output(tmp_path / name, codec, audio=False),
            engine="toy",
        )
        return replace(request, **more)  # pyright: ignore[reportArgumentType]

    return make
