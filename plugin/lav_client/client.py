"""The client: finds or starts the server and speaks to it; every failure is a LavError."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lav_engine.spec import Plan, RelightRequest
from lav_server.calls import Previewed, PreviewRequest, Probed, ServerInfo
from lav_server.jobs import Job, JobEvent


def connect(
    home: Path | None = None, *, start: bool = True, roots: Sequence[Path] = ()
) -> Client:
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

    def server_info(self) -> ServerInfo: ...
    def probe(self, path: Path, *, poster_frame: int = 0, poster_width: int = 0) -> Probed: ...
    def preview(self, request: PreviewRequest) -> Previewed: ...
    def plan(self, request: RelightRequest) -> Plan:
        """`request.clip`: count 0 is to the end of the file, rate Fraction(0) the file's own."""
        ...

    def submit(self, request: RelightRequest, *, key: str = "", parent: str = "") -> Job:
        """The same `key` gives the same job; empty: a new one."""
        ...

    def job(self, job_id: str) -> Job: ...
    def jobs(self, *, limit: int = 50, only_open: bool = False) -> tuple[Job, ...]: ...
    def watch(
        self, job_id: str, *, after_seq: int = 0, previews: bool = False, patience: float = 15.0
    ) -> Iterator[JobEvent]:
        """Events until the job has ended; ends by itself. A dropped stream, or a server that
        restarts within `patience` seconds, is resumed where it broke. Closing it cancels nothing.
        """
        ...

    def cancel(self, job_id: str) -> Job: ...
    def close(self) -> None: ...
    def __enter__(self) -> Client: ...
    def __exit__(self, *_: object) -> None: ...
