"""The client: finds or starts a server, here or elsewhere, and speaks lav.v1 to it.

Every failure is a LavError.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import grpc
from grpc_status import rpc_status

from lav_client import daemon
from lav_client.pathmap import PathMap
from lav_client.remote import Remote, untrusted
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_proto.v1 import relight_pb2_grpc
from lav_server import discovery, hold
from lav_server.config import home_folder
from lav_server.wire import PROTOCOL, path_to_wire

HELLO = 5.0  # seconds for the first answer
SILENCE = 2.0  # seconds without an answer after which a server that went quiet hangs
QUICK, SLOW, PLANNING = 10.0, 75.0, 610.0  # seconds for an answer, a little more than the server's
LIMITS = {
    "Probe": SLOW,
    "Preview": SLOW,
    "PlanJob": PLANNING,
    "SubmitJob": SLOW,
    "RetryJob": SLOW,
    "ListCache": SLOW,
    "ClearCache": SLOW,
}  # the others are quick
ELSEWHERE = (Code.server_down, Code.unauthenticated)  # what a server says that is not ours any more
PASSING = (*ELSEWHERE, Code.queue_full)  # what a watch waits for the end of
ASK_THERE = (
    "Use one of them, or ask whoever runs that server to start it with --root for this folder too, "
    "by its name there."
)
OPTIONS = (
    ("grpc.enable_http_proxy", 0),  # the server is on this machine or beside it
    ("grpc.max_receive_message_length", 16 * 2**20),
    ("grpc.max_send_message_length", 16 * 2**20),
    ("grpc.keepalive_time_ms", 7_000),  # a frozen server is known of within 15 s
    ("grpc.keepalive_timeout_ms", 4_000),
    ("grpc.http2.ping_timeout_ms", 4_000),  # without it keepalive notices nothing for a minute
    ("grpc.use_local_subchannel_pool", 1),  # a new channel makes a new connection
)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server answers, and what it wants to see."""

    address: str
    token: str
    ca: bytes | None = None  # None: on this computer, without TLS
    home: Path | None = None  # of a server on this computer

    def open(self) -> grpc.Channel:
        if self.ca is None:
            return grpc.insecure_channel(self.address, OPTIONS)
        credentials = grpc.ssl_channel_credentials(self.ca)
        return grpc.secure_channel(self.address, credentials, OPTIONS)


def connect(
    where: Path | Remote | None = None, *, start: bool = True, options: Sequence[str] = ()
) -> Client:
    """A client of the server of a home (None: LAV_HOME or the user's data folder), or a remote one.

    Starts a server that outlives this process where none runs and `start` is set; `options` are
    lav-server's own, without any those of an earlier start. Blocks for up to 15 s.
    Raises LavError: SERVER_DOWN, UNAUTHENTICATED, VERSION_SKEW, or why a server cannot start.
    """
    if isinstance(where, Remote):
        return _reached(where)
    folder = home_folder(where, os.environ)
    client = _running(folder)
    if client is None and start:
        client = daemon.start(folder, options, lambda: _running(folder))
    if client is None:
        raise _down(f"No server is running for {folder}.")
    return client


class Client:
    """Calls block; safe to use from several threads. A context manager that closes the channel."""

    def __init__(
        self,
        door: Door,
        find: Callable[[], Door | None] = lambda: None,
        paths: PathMap = PathMap(),
    ) -> None:
        """`find` looks where the server is after it went away; None: not to be found."""
        self._find = find
        self._paths = paths
        self._lock = threading.Lock()
        self._open(door)

    def call(self, name: str, request: Any) -> Any:
        """A call of lav.v1 by its name."""
        return self._ask(name, request, LIMITS.get(name, QUICK))

    def server_info(self, limit: float = QUICK) -> pb.ServerInfo:
        return self._ask("GetServerInfo", pb.GetServerInfoRequest(), limit)

    def probe(
        self, path: Path, *, poster_frame: int = 0, poster_width: int = 0
    ) -> pb.ProbeResponse:
        request = pb.ProbeRequest(
            path=path_to_wire(path), poster_frame=poster_frame, poster_width=poster_width
        )
        return self.call("Probe", request)

    def preview(self, request: pb.PreviewRequest) -> pb.PreviewResponse:
        """Raises LavError(SUPERSEDED) where a newer preview of the clip overtook this one."""
        return self.call("Preview", request)

    def plan(self, request: pb.RelightRequest) -> pb.JobPlan:
        return self.call("PlanJob", pb.PlanJobRequest(request=request))

    def submit(self, request: pb.RelightRequest, *, key: str = "", parent: str = "") -> pb.Job:
        """The same `key` gives the same job; empty: a new one."""
        message = pb.SubmitJobRequest(
            request=request, idempotency_key=key or uuid4().hex, parent_job=parent
        )
        return self.call("SubmitJob", message)

    def job(self, job_id: str) -> pb.Job:
        return self.call("GetJob", pb.GetJobRequest(id=job_id))

    def jobs(self, *, limit: int = 50, only_open: bool = False) -> tuple[pb.Job, ...]:
        """Newest first."""
        request = pb.ListJobsRequest(limit=limit, only_open=only_open)
        return tuple(self.call("ListJobs", request).jobs)

    def promised(self) -> frozenset[Path]:
        """Takes that jobs waiting or running are going to write."""
        jobs = self.jobs(limit=1000, only_open=True)
        return frozenset(Path(job.request.output.path) for job in jobs)

    def open_page(self, clip: Path | None = None, *, host_session: str = "") -> str:
        """The address of the local page; it opens once, within two minutes."""
        request = pb.OpenPageRequest(
            clip=path_to_wire(clip) if clip else "", host_session=host_session
        )
        return self._ask("OpenPage", request, QUICK).url

    def measure(self, job_id: str) -> pb.Measures:
        """Of a finished take, beside its source."""
        return self._ask("MeasureTake", pb.MeasureTakeRequest(job=job_id), SLOW)

    def open_host_session(
        self, host: str, *, version: str = "", project: str = ""
    ) -> pb.HostSession:
        """With the address of a page where the light for an editor's clips is chosen."""
        request = pb.OpenHostSessionRequest(host=host, host_version=version, project=project)
        return self._ask("OpenHostSession", request, QUICK)

    def offer_clip(self, session: str, clip: pb.TimelineClip) -> str:
        """The offer's name in what the session tells."""
        request = pb.OfferClipRequest(session=session, clip=clip)
        return self._ask("OfferClip", request, QUICK).offer

    def watch_host_session(self, session: str, *, after_seq: int = 0) -> Iterator[pb.HostEvent]:
        """Without end. Raises LavError(JOB_UNKNOWN) where the server has forgotten the session."""
        request = pb.WatchHostSessionRequest(session=session, after_seq=after_seq)
        return self._stream("WatchHostSession", request)

    def resolve_result(
        self, session: str, offer: str, verdict: pb.Verdict, problem: pb.Problem | None = None
    ) -> None:
        """Tells the page what the editor did with a result."""
        request = pb.ResolveResultRequest(
            session=session, offer=offer, verdict=verdict, problem=problem
        )
        self._ask("ResolveResult", request, QUICK)

    def cancel(self, job_id: str) -> pb.Job:
        return self.call("CancelJob", pb.CancelJobRequest(id=job_id))

    def retry(self, job_id: str, *, key: str = "") -> pb.Job:
        """A new job that goes on where one that failed or was cancelled had come to."""
        request = pb.RetryJobRequest(id=job_id, idempotency_key=key or uuid4().hex)
        return self.call("RetryJob", request)

    def pause(self, job_id: str) -> pb.Job:
        return self.call("PauseJob", pb.PauseJobRequest(id=job_id))

    def resume(self, job_id: str) -> pb.Job:
        return self.call("ResumeJob", pb.ResumeJobRequest(id=job_id))

    def move(self, job_id: str, *, before: str = "") -> pb.Job:
        """A waiting job, before another one; empty: before all."""
        return self.call("MoveJob", pb.MoveJobRequest(id=job_id, before=before))

    def prioritize(self, job_id: str, priority: int) -> pb.Job:
        request = pb.PrioritizeJobRequest(id=job_id, priority=priority)
        return self.call("PrioritizeJob", request)

    def pause_queue(self) -> pb.QueueState:
        return self.call("PauseQueue", pb.PauseQueueRequest())

    def resume_queue(self) -> pb.QueueState:
        return self.call("ResumeQueue", pb.ResumeQueueRequest())

    def is_queue_paused(self) -> bool:
        return self.call("ListJobs", pb.ListJobsRequest(limit=1)).is_queue_paused

    def cache(self) -> pb.Cache:
        return self.call("ListCache", pb.ListCacheRequest())

    def clear_cache(self) -> pb.ClearCacheResponse:
        return self.call("ClearCache", pb.ClearCacheRequest())

    def watch(
        self, job_id: str, *, after_seq: int = 0, previews: bool = False, patience: float = 13.0
    ) -> Iterator[pb.JobEvent]:
        """Events until the job has ended; ends by itself. A dropped stream, or a server that
        restarts within `patience` seconds, is resumed where it broke. Closing it cancels nothing.
        A server that hangs is told within 15 s.
        """
        request = pb.WatchJobRequest(id=job_id, after_seq=after_seq, with_previews=previews)
        deadline = time.monotonic() + patience
        while True:
            try:
                for event in self._stream("WatchJob", request):
                    deadline = time.monotonic() + patience
                    request.after_seq = event.seq
                    if not event.HasField("heartbeat"):
                        yield event
                return
            except LavError as error:
                if error.code not in PASSING:
                    raise
                said = self._explained(error)
                if said is not error or time.monotonic() > deadline:
                    raise said from None
            time.sleep(0.2)
            self._find_again()

    def close(self) -> None:
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, door: Door) -> None:
        self._door = door
        self._channel = door.open()
        self._stub = relight_pb2_grpc.RelightStub(self._channel)

    def _find_again(self) -> bool:
        """Turns to the server that has taken the old one's place; whether there is one."""
        door = self._find()
        with self._lock:
            if door is None or door == self._door:
                return False
            self._channel.close()
            self._open(door)
            return True

    def _ask(self, name: str, request: Any, limit: float) -> Any:
        """Once more where the server was restarted in between: every call may be repeated."""
        try:
            return self._call(name, request, limit)
        except LavError as error:
            if error.code not in ELSEWHERE:
                raise
            if not self._find_again():
                raise self._explained(error) from None
        return self._call(name, request, limit)

    def _explained(self, error: LavError) -> LavError:
        """The error itself, or that the server hangs. A new connection tells, and tells soon."""
        with self._lock:
            door = self._door
        if error.code == Code.server_down and _hangs(door):
            return _hanging(door)
        return error

    def _call(self, name: str, request: Any, limit: float) -> Any:
        request = self._paths.to_server(request)
        answer = self._spoken(
            lambda: getattr(self._stub, name)(request, timeout=limit, metadata=self._token())
        )
        return self._paths.from_server(answer)

    def _stream(self, name: str, request: Any) -> Iterator[Any]:
        request = self._paths.to_server(request)
        call = self._spoken(lambda: getattr(self._stub, name)(request, metadata=self._token()))
        try:
            while (event := self._spoken(lambda: next(call, None))) is not None:
                yield self._paths.from_server(event)
        finally:
            call.cancel()

    def _token(self) -> tuple[tuple[str, str], ...]:
        return (("authorization", f"Bearer {self._door.token}"),)

    def _spoken(self, call: Callable[[], Answer]) -> Answer:
        """What gRPC raises, as the LavError the server sent or as the sentence nearest to it."""
        try:
            return call()
        except grpc.RpcError as error:
            said = _error(error)
            text = self._paths.text
            hint = text(said.hint)
            if said.code == Code.outside_roots and self._door.home is None:
                hint = ASK_THERE
            raise LavError(text(said.message), hint, said.code) from None
        except ValueError as error:  # the channel was closed by another thread
            raise _down(f"The connection to the server is closed ({error}).") from None


def _running(home: Path) -> Client | None:
    """A client of the server that holds the home; None where none does, or it comes or goes."""
    door = _found(home)
    if door is None:
        return None
    client = Client(door, lambda: _found(home))
    try:
        client.server_info(HELLO)
    except LavError as error:
        client.close()
        is_same = _found(home) == door
        if error.code == Code.unauthenticated and is_same:
            raise _locked_out(home) from None
        if error.code in ELSEWHERE and not (is_same and _hangs(door)):
            return None
        raise
    return client


def _found(home: Path) -> Door | None:
    """Where the server that holds the home says it is. LavError for one of another protocol."""
    found, holder = discovery.read(home), hold.holder(home)
    if found is None or holder is None or found.pid != holder.pid:
        return None
    _check_protocol(
        found.protocol, "Stop it with `lav server stop`, so that a matching one is started."
    )
    return Door(found.address, found.token, home=home)


def _hangs(door: Door) -> bool:
    """Whether it lets us in and then says nothing; a refusal would be an answer."""
    with door.open() as channel:
        try:
            stub = relight_pb2_grpc.RelightStub(channel)
            stub.GetServerInfo(pb.GetServerInfoRequest(), timeout=SILENCE)
        except grpc.RpcError as error:
            code: Any = error
            return code.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    return False


def _hanging(door: Door) -> LavError:
    if door.home is None:
        return LavError(
            f"The server {door.address} does not answer.",
            "Is its machine on, and the network? Ask whoever runs it to restart it.",
            Code.server_down,
        )
    holder = hold.holder(door.home)
    process = f" (process {holder.pid})" if holder else ""
    return LavError(
        f"The server of {door.home}{process} hangs: it takes calls and answers none.",
        "Run `lav server stop`, then `lav server start`; renders go on where they were.",
        Code.server_down,
    )


def _reached(remote: Remote) -> Client:
    client = Client(Door(remote.address, remote.token, remote.ca), paths=remote.paths)
    try:
        protocol = client.server_info(HELLO).protocol
        where = "here" if protocol > PROTOCOL else "on the server's machine"
        _check_protocol(protocol, f"Update lav-bridge {where}.")
    except LavError as error:
        client.close()
        if error.code == Code.server_down:
            raise LavError(
                f"The server {remote.address} can't be reached.",
                "Is it running there with --host and --tls, and is the way to its port open?",
                Code.server_down,
            ) from None
        raise
    return client


def _check_protocol(protocol: int, hint: str) -> None:
    if protocol != PROTOCOL:
        raise LavError(
            f"The running server speaks protocol {protocol}, this program {PROTOCOL}.",
            hint,
            Code.version_skew,
        )


def _locked_out(home: Path) -> LavError:
    return LavError(
        f"The server of {home} does not accept the token in its server.json.",
        "Run `lav server stop`, then `lav server start`.",
        Code.unauthenticated,
    )


def _down(what: str) -> LavError:
    return LavError(what, "Start it with `lav server start`.", Code.server_down)


def _error(error: Any) -> LavError:
    try:
        status = rpc_status.from_call(error)
    except ValueError:  # the details are not the status's own: it never reached us whole
        status = None
    for detail in status.details if status else ():
        problem = pb.Problem()
        if detail.Unpack(problem):
            code = Code(problem.code) if problem.code in set(Code) else Code.internal
            return LavError(problem.message, problem.hint, code)
    code, text = error.code(), error.details() or ""
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
        return untrusted(text) or _down("The server can't be reached.")
    if code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return LavError("The server did not answer in time.", "Try again.", Code.server_down)
    if code == grpc.StatusCode.UNIMPLEMENTED:
        return LavError("The running server is older.", "Restart it.", Code.version_skew)
    if "larger than max" in text:
        return LavError("The request is larger than a server takes.", "Shorten its texts.")
    if code == grpc.StatusCode.RESOURCE_EXHAUSTED:
        return LavError(
            "The server has as many calls to answer as it takes at once.",
            "Try again in a moment, and end watches that nobody needs.",
            Code.queue_full,
        )
    return LavError(f"The call failed: {text}", "The server's log may say more.", Code.internal)
