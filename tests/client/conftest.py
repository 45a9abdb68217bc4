"""The `lav` command against the server of the module, and a clip with time code."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from pathlib import Path
from uuid import uuid4

import av
import numpy as np
import pytest

from lav_client.cli import run


@dataclass(frozen=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def lav(server) -> Callable[..., Ran]:
    """Runs the command in this process, which spares each test the start of a Python."""

    def call(*argv: object) -> Ran:
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([str(word) for word in ("--home", server.home, *argv)])
        return Ran(code, out.getvalue(), err.getvalue())

    return call


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
