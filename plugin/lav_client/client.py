"""The client: finds or starts the server and speaks lav.v1 to it; every failure is a LavError."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lav_proto.v1 import relight_pb2 as pb


def connect(home: Path | None = None, *, start: bool = True, roots: Sequence[Path] = ()) -> Client:
    """A client of the server of `home` (None: LAV_HOME or the user's data folder).

    Starts a server that outlives this process where none runs and `start` is set; `roots` are
    further folders that server may read and write. Blocks for up to 15 s.
    Raises LavError: SERVER_DOWN, VERSION_SKEW.
    """
    raise NotImplementedError


def stop(home: Path | None = None) -> bool:
    """Stops the server of `home` and waits for its end (up to 15 s); False where none ran."""
    raise NotImplementedError


class Client:
    """Calls block; safe to use from several threads. A context manager that closes the channel."""

    def server_info(self) -> pb.ServerInfo:
        raise NotImplementedError

    def probe(
        self, path: Path, *, poster_frame: int = 0, poster_width: int = 0
    ) -> pb.ProbeResponse:
        raise NotImplementedError

    def preview(self, request: pb.PreviewRequest) -> pb.PreviewResponse:
        raise NotImplementedError

    def plan(self, request: pb.RelightRequest) -> pb.JobPlan:
        raise NotImplementedError

    def submit(self, request: pb.RelightRequest, *, key: str = "", parent: str = "") -> pb.Job:
        """The same `key` gives the same job; empty: a new one."""
        raise NotImplementedError

    def job(self, job_id: str) -> pb.Job:
        raise NotImplementedError

    def jobs(self, *, limit: int = 50, only_open: bool = False) -> tuple[pb.Job, ...]:
        raise NotImplementedError

    def watch(
        self, job_id: str, *, after_seq: int = 0, previews: bool = False, patience: float = 15.0
    ) -> Iterator[pb.JobEvent]:
        """Events until the job has ended; ends by itself. A dropped stream, or a server that
        restarts within `patience` seconds, is resumed where it broke. Closing it cancels nothing.
        """
        raise NotImplementedError

    def cancel(self, job_id: str) -> pb.Job:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
