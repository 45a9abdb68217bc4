"""What an editor may ask of `lav bridge`, whatever carries its lines: each ask gets one answer or
one problem. `lav_plugin.messages` owns the protocol."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from importlib.metadata import version
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from lav_client import timeline
from lav_client.bridge_watches import Watches
from lav_client.bridge_wire import from_wire, plain, problem, to_wire
from lav_client.client import Client, connect
from lav_client.remote import Remote
from lav_engine.errors import Code, LavError
from lav_plugin import messages
from lav_proto.v1 import relight_pb2 as pb
from lav_server.problem import from_surprise

CALLS: dict[str, type[Message]] = {
    "GetServerInfo": pb.GetServerInfoRequest,
    "Probe": pb.ProbeRequest,
    "Preview": pb.PreviewRequest,
    "PlanJob": pb.PlanJobRequest,
    "SubmitJob": pb.SubmitJobRequest,
    "GetJob": pb.GetJobRequest,
    "ListJobs": pb.ListJobsRequest,
    "CancelJob": pb.CancelJobRequest,
    "RetryJob": pb.RetryJobRequest,
    "PauseJob": pb.PauseJobRequest,
    "ResumeJob": pb.ResumeJobRequest,
    "MoveJob": pb.MoveJobRequest,
    "OpenHostSession": pb.OpenHostSessionRequest,
    "OfferClip": pb.OfferClipRequest,
    "ResolveResult": pb.ResolveResultRequest,
}
AT_ONCE = 16  # asks; the rest wait their turn
WAITING = 500  # asks; more is not an editor

Say = Callable[[dict[str, Any]], None]

log = logging.getLogger(__name__)


class Asks:
    """Answers from threads of its own, through `say`, in the order things are done."""

    def __init__(self, where: Path | Remote, say: Say) -> None:
        self._where = where
        self._say = say
        self._client: Client | None = None
        self._connecting = threading.Lock()
        self._watches = Watches(say)
        self._pool = ThreadPoolExecutor(AT_ONCE, "ask")
        self._open: set[Future[None]] = set()
        self._newest_connect: Future[None] | None = None  # what is asked after it waits for it
        self._refusal: LavError | None = LavError(
            f"The first ask of all is {messages.HELLO}.",
            "It says who asks, and how.",
            Code.bad_value,
        )

    def take(self, line: dict[str, Any]) -> None:
        """One ask; returns at once."""
        number, name, message = line.get("id"), line.get("ask"), line.get("message", {})
        if not isinstance(name, str) or not isinstance(message, dict):
            return self.refuse(number, _not_an_ask())
        if name == messages.HELLO:  # not on a thread: what follows it must find it answered
            return self._answer(number, self._greeted, message)
        if self._refusal is not None:
            return self.refuse(number, self._refusal)
        self._open = {asked for asked in self._open if not asked.done()}
        if len(self._open) >= WAITING:
            return self.refuse(number, _busy())
        asked = self._pool.submit(
            self._answer, number, self._way(name), message, self._newest_connect
        )
        self._open.add(asked)
        if name == messages.CONNECT:
            self._newest_connect = asked

    def refuse(self, number: Any, error: LavError) -> None:
        self._say({"id": number, "problem": problem(error)})

    def finish(self, seconds: float) -> None:
        """Lets what was asked last come to its end, such as a job that was just sent."""
        wait(self._open, seconds)

    def _answer(
        self,
        number: Any,
        way: Callable[[dict[str, Any]], Any],
        message: Any,
        after: Future[None] | None = None,
    ) -> None:
        if after is not None:
            wait([after])  # it was given its thread before, so it comes to its end
        try:
            answer = way(message)
        except LavError as error:
            self.refuse(number, error)
        except Exception as error:
            log.exception("An ask failed")
            self.refuse(number, from_surprise(error, "the bridge was at it").error())
        else:
            self._say({"id": number, "answer": answer})

    def _way(self, name: str) -> Callable[[dict[str, Any]], Any]:
        own = {
            messages.CONNECT: self._connected,
            messages.WATCH: self._watched,
            messages.WATCH_HOST: self._host_watched,
            messages.WRITE_TIMELINE: _written,
            messages.READ_TIMELINE: _read,
        }
        if name in CALLS:
            return lambda message: self._called(name, message)
        return own.get(name) or (lambda message: _unknown(name))

    def _greeted(self, message: dict[str, Any]) -> dict[str, Any]:
        theirs = plain(messages.Greeting, message).protocol
        self._refusal = _skew(theirs) if theirs != messages.PROTOCOL else None
        if self._refusal is not None:
            raise self._refusal
        return messages.to_json(messages.Greeted(messages.PROTOCOL, version("lav-bridge")))

    def _connected(self, message: dict[str, Any]) -> dict[str, Any]:
        """Always anew: a server that took another's place may be of another version."""
        start = plain(messages.Connecting, message).start
        with self._connecting:
            self._client = connect(self._where, start=start)
        return from_wire(self._client.call("GetServerInfo", pb.GetServerInfoRequest()))

    def _server(self) -> Client:
        """A bridge that was started again finds the server by itself; it starts none."""
        with self._connecting:
            if self._client is None:
                self._client = connect(self._where, start=False)
            return self._client

    def _called(self, name: str, message: dict[str, Any]) -> dict[str, Any]:
        return from_wire(self._server().call(name, to_wire(name, CALLS[name](), message)))

    def _watched(self, message: dict[str, Any]) -> dict[str, Any]:
        asked = plain(messages.Watching, message)
        client = self._server()
        client.call("GetJob", pb.GetJobRequest(id=asked.id))  # is there such a job?
        self._watches.start(client, asked.id, asked.after_seq)
        return {}

    def _host_watched(self, message: dict[str, Any]) -> dict[str, Any]:
        asked = plain(messages.WatchHostSessionRequest, message)
        self._watches.start_host(self._server(), asked.session, asked.after_seq)
        return {}


def _written(message: dict[str, Any]) -> dict[str, Any]:
    timeline.write(plain(messages.Timeline, message))
    return {}


def _read(message: dict[str, Any]) -> dict[str, Any]:
    return messages.to_json(timeline.read(Path(plain(messages.Timeline, message).path)))


def _unknown(name: str) -> None:
    raise LavError(
        f"The bridge does not know what {name[:60]!r} asks for.",
        "Update lav-bridge, or the add-on.",
        Code.version_skew,
    )


def _skew(theirs: int) -> LavError:
    older = "`lav install` again" if theirs < messages.PROTOCOL else "`pip install -U lav-bridge`"
    which = "the add-on" if theirs < messages.PROTOCOL else "lav-bridge"
    return LavError(
        f"This add-on speaks protocol {theirs} of the bridge, and LAV Bridge on this computer "
        f"protocol {messages.PROTOCOL}, so nothing can be relit.",
        f"Update {which} with {older}, then start the editor anew.",
        Code.version_skew,
    )


def _not_an_ask() -> LavError:
    return LavError(
        "The bridge was sent a line that asks for nothing.",
        'Each line is {"id": 1, "ask": "NAME", "message": {...}}.',
        Code.bad_value,
    )


def _busy() -> LavError:
    return LavError(
        f"The bridge has {WAITING} asks to answer and takes no more.", "Wait.", Code.queue_full
    )
