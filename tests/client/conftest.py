"""The `lav` command against the server of the module, and a clip with time code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from uuid import uuid4

import av
import numpy as np
import pytest

LAV = Path(sys.executable).with_name("lav")


@pytest.fixture(scope="module")
def lav(server) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*argv: object, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        command = [LAV, "--home", server.home, *argv]
        return subprocess.run(
            [str(word) for word in command],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    return run


@pytest.fixture
def folder(server) -> Path:
    """An empty folder that the server may write to."""
    path = server.folder / uuid4().hex[:8]
    path.mkdir()
    return path


@pytest.fixture(scope="module")
def shot(server) -> Path:
    """24 frames of a ball that moves over a gradient, time code from 01:00:00:00."""
    path, width, height = server.folder / "shot.mov", 160, 96
    y, x = np.mgrid[0:height, 0:width]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", Fraction(24))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.metadata["timecode"] = "01:00:00:00"
        for n in range(24):
            picture = np.stack([x * 255 // width, y * 255 // height, 0 * x + 90], -1)
            ball = np.hypot(x - width * (0.3 + 0.4 * n / 24), y - height / 2) < height / 4
            picture[ball] = (200, 160, 130)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture.astype(np.uint8))))
        container.mux(stream.encode())
    return path
