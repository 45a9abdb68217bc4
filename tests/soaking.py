"""A server that may be killed at any moment, and what must be true of what it leaves.

Small numbers with the other tests; LAV_SOAK=1, as in `make soak`, for large ones.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil

from lav_client.client import Client, connect
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server import discovery
from lav_server.config import Config

FAULT_ENGINE = Path(__file__).parent / "fault_engine"
KILL_AT = "LAV_TEST_KILL_AT"
START_LIMIT = 30.0  # seconds; test machines are shared
PASSING = (Code.server_down, Code.worker_lost, Code.queue_full)
ENDED = (pb.JOB_STATE_DONE, pb.JOB_STATE_FAILED, pb.JOB_STATE_CANCELLED)

Number = TypeVar("Number")


def is_long() -> bool:
    return os.environ.get("LAV_SOAK", "") not in ("", "0")


def size(small: Number, large: Number) -> Number:
    return large if is_long() else small


def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.02)


@dataclass
class Ground:
    """A home, a folder for clips and takes, and a folder in which points are armed."""

    base: Path
    options: Sequence[str] = ()  # more of lav-server's own
    process: subprocess.Popen[bytes] | None = None
    seed: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        for folder in (self.home, self.media, self.armed):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def home(self) -> Path:
        return self.base / "home"

    @property
    def media(self) -> Path:
        return self.base / "media"

    @property
    def armed(self) -> Path:
        return self.base / "armed"

    # --- the server

    def start(self) -> None:
        path = os.pathsep.join([str(FAULT_ENGINE), *filter(None, [os.environ.get("PYTHONPATH")])])
        command = [sys.executable, "-P", "-m", "lav_server.cli", "--home", str(self.home)]
        with (self.base / "output.log").open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--root", str(self.media), *self.options],
                env={**os.environ, "PYTHONPATH": path, KILL_AT: str(self.armed)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        process = self.process
        until(lambda: process.poll() is not None or self._is_up(process.pid), START_LIMIT)

    def _is_up(self, pid: int) -> bool:
        found = discovery.read(self.home)
        return found is not None and found.pid == pid

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> float:
        """As a user would; how long it took, in seconds."""
        assert self.process is not None
        started = time.monotonic()
        self.process.terminate()
        try:
            self.process.wait(15)
        finally:
            self.process.kill()
            self.process.wait()
        return time.monotonic() - started

    @contextmanager
    def served(self) -> Iterator[Client]:
        self.start()
        try:
            with connect(self.home, start=False) as client:
                yield client
        finally:
            self.stop()

    def worker(self) -> psutil.Process | None:
        """The worker child, once there is one."""
        with suppress(psutil.Error):
            for child in psutil.Process(self.pid).children():
                if "lav_server.worker" in child.cmdline():
                    return child
        return None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    # --- harm

    def arm(self, point: str, victims: str = "") -> None:
        """The next process that gets there kills itself, and with "both" its parent."""
        (self.armed / point).write_text(victims)

    def is_armed(self, point: str) -> bool:
        return (self.armed / point).exists()

    def kill(self, victim: str) -> None:
        """ "server", "worker" or "both"; a victim that is not there is spared."""
        worker = self.worker()
        if victim in ("worker", "both") and worker is not None:
            with suppress(psutil.NoSuchProcess):
                worker.kill()
        if victim in ("server", "both"):
            os.kill(self.pid, signal.SIGKILL)

    def freeze(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)

    def thaw(self, pid: int) -> None:
        os.kill(pid, signal.SIGCONT)

    # --- jobs

    def request(
        self, clip: Path, name: str, words: str = "", **fields: object
    ) -> pb.RelightRequest:
        """The fault engine over the whole clip."""
        return pb.RelightRequest(
            clip=pb.ClipRange(path=str(clip)),
            engine="fault",
            light=pb.LightRequest(lamp=pb.Lamp(azimuth=-60)),
            prompts=pb.Prompts(relight=words),
            output=pb.Output(path=str(self.media / name)),
            **fields,  # pyright: ignore[reportArgumentType]
        )

    def submitted(self, request: pb.RelightRequest, key: str, seconds: float = 60.0) -> pb.Job:
        """As a client should: the same key again where the server was busy, full or gone."""
        deadline = time.monotonic() + seconds
        while True:
            if not self.is_running:
                self.start()
            try:
                with connect(self.home, start=False) as client:
                    return client.submit(request, key=key)
            except LavError as error:
                if error.code not in PASSING or time.monotonic() > deadline:
                    raise
            time.sleep(0.1)

    def ended(self, job_id: str, seconds: float = 120.0) -> pb.Job:
        """The job once it has ended, over as many servers as that takes."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.is_running:
                self.start()
            with suppress(LavError), connect(self.home, start=False) as client:
                if (job := client.job(job_id)).state in ENDED:
                    return job
            time.sleep(0.05)
        raise AssertionError(f"job {job_id} did not end in {seconds:.0f} s")

    # --- what must be true

    def has_ended(self, job_id: str) -> bool:
        with suppress(LavError), connect(self.home, start=False) as client:
            return client.job(job_id).state in ENDED
        return False

    def windows_lit(self) -> Counter[str]:
        """How often each window was begun, by its first frame."""
        notes = self.armed / "windows"
        return Counter(notes.read_text().split() if notes.exists() else ())

    def stored(self) -> int:
        """Windows whose light is safe."""
        return sum(1 for _ in Config(self.home).maps.rglob("*.npz"))

    def redone(self, jobs: int = 1) -> int:
        """Windows that were begun again, of so many jobs over the same frames."""
        lit = self.windows_lit()
        return sum(lit.values()) - jobs * len(lit)

    def left_behind(self) -> list[Path]:
        """Temporary files anywhere, and folders of jobs that have ended. The server has stopped."""
        found = [path for path in self.base.rglob("*") if "part" in path.name.split(".")[-2:]]
        found += [path for path in self.media.iterdir() if path.name.startswith(".")]
        jobs = Config(self.home).jobs
        return found + (list(jobs.iterdir()) if jobs.exists() else [])

    def check_database(self) -> None:
        with closing(sqlite3.connect(Config(self.home).database)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
