"""Fixtures every suite may use: small clips made on the spot, a real server on a free port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from lav_client.client import Client, connect
from lav_proto.v1 import relight_pb2 as pb
from lav_server import discovery

FAULT_ENGINE = Path(__file__).parent / "fault_engine"
SEEDS = count(1)
START_LIMIT = 20.0  # seconds; test machines are shared


def pytest_configure() -> None:
    """A run in the background inherits ignored signals, and so would everything it starts."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in ("SIGHUP", "SIGTERM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


@dataclass
class Server:
    """A daemon of its own with the fault engine installed, allowed to use `folder`."""

    home: Path
    folder: Path
    process: subprocess.Popen[bytes]
    client: Client

    def request(
        self, clip: Path, name: str, *, fault: str = "", **fields: object
    ) -> pb.RelightRequest:
        """The fault engine over the whole clip, written to `name` in the server's folder.

        Unlike all others, by its seed: nothing of an earlier request is used again.
        """
        fields.setdefault("seed", next(SEEDS))
        return pb.RelightRequest(
            clip=pb.ClipRange(path=str(clip)),
            engine="fault",
            light=pb.LightRequest(lamp=pb.Lamp(azimuth=-60)),
            prompts=pb.Prompts(relight=fault),
            output=pb.Output(path=str(self.folder / name)),
            **fields,  # pyright: ignore[reportArgumentType]
        )

    def until_lit(self, job: pb.Job) -> int:
        """The last sequence number seen once the worker is inside the engine."""
        for event in self.client.watch(job.id):
            is_progress = event.WhichOneof("event") == "progress"
            if is_progress and event.progress.stage == pb.STAGE_LIGHTING:
                return event.seq
        raise AssertionError("the job ended before it was lit")

    def worker(self) -> psutil.Process | None:
        """The child that renders, while there is one."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # also of one that has just ended
                if "lav_server.worker" in child.cmdline():
                    return child
        return None

    def left_behind(self) -> list[Path]:
        """Temporary files in the folder takes are written to."""
        return [path for path in self.folder.iterdir() if ".lav-part" in path.name]


@contextmanager
def running_server(home: Path, folder: Path, *options: object) -> Iterator[Server]:
    """Stopped as a user would, and killed with its children if that does not help."""
    process = start_server(home, folder, *options)
    try:
        wait_until_ready(home, process)
        with connect(home, start=False) as client:
            yield Server(home, folder, process, client)
    finally:
        process.terminate()
        try:
            process.wait(15)
        finally:
            process.kill()
            process.wait()


def start_server(home: Path, folder: Path, *options: object) -> subprocess.Popen[bytes]:
    home.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join([str(FAULT_ENGINE), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-P", "-m", "lav_server.cli", "--home", home, "--root", folder]
    with (home / "output.log").open("ab") as output:
        return subprocess.Popen(
            [*command, *map(str, options)],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


def wait_until_ready(home: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT
    while (found := discovery.read(home)) is None or found.pid != process.pid:
        assert process.poll() is None, (home / "output.log").read_text()
        assert time.monotonic() < deadline, "the server did not come up"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for a whole module: tests write takes with names of their own."""
    base = tmp_path_factory.mktemp("server")
    (base / "media").mkdir()
    with running_server(base / "home", base / "media") as server:
        yield server


@pytest.fixture(scope="session")
def make_clip() -> Callable[..., Path]:
    return make_h264


def make_h264(path: Path, frames: int = 24, size: tuple[int, int] = (160, 90)) -> Path:
    """A grey gradient that moves, 24 fps, tagged Rec.709."""
    width, height = size
    ramp = np.linspace(40, 200, width, dtype=np.uint8)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(24))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1
        context.color_range = 1
        for index in range(frames):
            luma = np.tile(np.roll(ramp, 2 * index), (height, 1))
            chroma = np.full((height // 2, width), 128, np.uint8)
            frame = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), "yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.fixture(scope="module")
def clip(server: Server) -> Path:
    """24 frames in the server's folder."""
    return make_h264(server.folder / "clip.mp4")


@pytest.fixture(name="running_server", scope="session")
def running_server_fixture() -> Callable[..., AbstractContextManager[Server]]:
    """For tests that stop and kill: `with running_server(home, folder, *options) as server`."""
    return running_server
