"""Editors that have the page open for them: the clips they offered, and what they are handed back.

In memory, and bounded: an editor whose session has gone opens another one.
"""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb

MOST = 20  # sessions; the one that was silent longest goes
MOST_OFFERS = 200  # of a session; those that are done with go first
MOST_EVENTS = 1000
MOST_WATCHERS = 8  # of a session; an editor is one
LONGEST_OFFER = 20_000  # bytes
LONGEST_NAME = 200  # characters
SILENCE = 24 * 3600.0  # seconds after which a session goes


@dataclass(slots=True)
class Offer:
    id: str
    clip: pb.TimelineClip
    job: str = ""  # the render the page started for it
    place: pb.Place = pb.PLACE_UNSPECIFIED  # where the page wants the result
    verdict: pb.Verdict = pb.VERDICT_UNSPECIFIED  # the editor's; a discarding may be the page's
    problem: pb.Problem | None = None  # of the render, or of placing its result
    failed: str = ""  # the job whose failure the editor was told

    @property
    def is_closed(self) -> bool:
        return self.verdict != pb.VERDICT_UNSPECIFIED


@dataclass(slots=True)
class Session:
    id: str
    opened: pb.OpenHostSessionRequest
    used: float = 0.0
    offers: dict[str, Offer] = field(default_factory=dict)
    _events: deque[pb.HostEvent] = field(default_factory=lambda: deque(maxlen=MOST_EVENTS))
    _seq: int = 0
    _watchers: int = 0

    def add(self, clip: pb.TimelineClip) -> Offer:
        if clip.ByteSize() > LONGEST_OFFER:
            raise LavError("The clip's names are too long to be offered.", "Rename it.")
        if len(self.offers) >= MOST_OFFERS:
            self._drop_closed()
        offer = Offer(secrets.token_hex(6), clip)
        self.offers[offer.id] = offer
        return offer

    def offer(self, offer_id: str) -> Offer:
        """Raises LavError(JOB_UNKNOWN)."""
        if offer_id not in self.offers:
            raise LavError(
                "The editor offers this clip no more.",
                "Send it again from there.",
                Code.job_unknown,
            )
        return self.offers[offer_id]

    def start(self, offer: Offer, job: str) -> None:
        """The page has started a render for the offer."""
        if offer.job != job:
            offer.job, offer.problem = job, None
            offer.place, offer.verdict = pb.PLACE_UNSPECIFIED, pb.VERDICT_UNSPECIFIED
            self._tell(offer, started=pb.JobStarted(job=job))

    def hand_back(self, offer: Offer, take: pb.Take, place: pb.Place) -> None:
        offer.place, offer.verdict, offer.problem = place, pb.VERDICT_UNSPECIFIED, None
        self._tell(offer, result=take, place=place)

    def discard(self, offer: Offer) -> None:
        offer.verdict = pb.VERDICT_DISCARDED
        self._tell(offer, discarded=pb.Discarded())

    def fail(self, offer: Offer, problem: pb.Problem) -> None:
        """The offer's render failed; told once for each."""
        if offer.failed != offer.job:
            offer.failed, offer.problem = offer.job, problem
            self._tell(offer, problem=problem)

    def resolve(self, offer: Offer, verdict: pb.Verdict, problem: pb.Problem | None) -> None:
        """What the editor did; with a problem the choice is open again. Raises LavError."""
        if verdict not in (pb.VERDICT_TAKEN, pb.VERDICT_DISCARDED):
            raise LavError(
                f"There is no verdict number {verdict}.", "Say taken (1) or discarded (2)."
            )
        offer.verdict = pb.VERDICT_UNSPECIFIED if problem else verdict
        offer.problem = problem

    @contextmanager
    def watched(self) -> Iterator[None]:
        """By an editor. Raises LavError(QUEUE_FULL) where too many do."""
        if self._watchers >= MOST_WATCHERS:
            raise LavError(
                f"{MOST_WATCHERS} others watch this session already.",
                "Close one of the editor's windows.",
                Code.queue_full,
            )
        self._watchers += 1
        try:
            yield
        finally:
            self._watchers -= 1

    def since(self, seq: int) -> list[pb.HostEvent]:
        return [event for event in self._events if event.seq > seq]

    def _tell(self, offer: Offer, **event: object) -> None:
        self._seq += 1
        self._events.append(pb.HostEvent(seq=self._seq, offer=offer.id, **event))  # type: ignore[arg-type]

    def _drop_closed(self) -> None:
        closed = [offer.id for offer in self.offers.values() if offer.is_closed]
        if not closed:
            raise LavError(
                f"The editor offers {MOST_OFFERS} clips already.",
                "Place or discard some on the page first.",
                Code.queue_full,
            )
        del self.offers[closed[0]]


class HostSessions:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def open(self, request: pb.OpenHostSessionRequest) -> Session:
        if max(map(len, (request.host, request.host_version, request.project))) > LONGEST_NAME:
            raise LavError(
                "The editor's or the project's name is too long.",
                f"Shorten it to {LONGEST_NAME} characters.",
            )
        self._tidy()
        session = Session(secrets.token_hex(8), request, self._clock())
        self._sessions[session.id] = session
        return session

    def session(self, session_id: str) -> Session:
        """It counts as used now. Raises LavError(JOB_UNKNOWN)."""
        session = self._sessions.get(session_id)
        if session is None:
            raise LavError(
                "The editor's session has ended.",
                "Send the clip again from the editor.",
                Code.job_unknown,
            )
        session.used = self._clock()
        return session

    def _tidy(self) -> None:
        """By silence: those that anybody watches are used all the time."""
        oldest = self._clock() - SILENCE
        by_use = sorted(self._sessions.values(), key=lambda one: -one.used)
        kept = [one for one in by_use[: MOST - 1] if one.used > oldest]
        self._sessions = {one.id: one for one in kept}
