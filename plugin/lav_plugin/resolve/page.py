"""The light is chosen on the local page: clips are offered there, takes are handed back.

The page renders by itself; a take is placed when it says so. What was offered lives in the server's
memory: after a restart of it, a page is opened anew.
"""

from __future__ import annotations

import os
import time
import webbrowser
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ..messages import (
    HOST_EVENT,
    HOST_LOST,
    WATCH_HOST,
    ClipRange,
    HostEvent,
    HostSession,
    Job,
    JobName,
    OfferClipRequest,
    OfferClipResponse,
    OpenHostSessionRequest,
    Problem,
    Rational,
    RelightRequest,
    ResolveResultRequest,
    Take,
    WatchHostSessionRequest,
    from_json,
)
from ..messages import TimelineClip as Offered
from ..model import Refusal, RenderRecord, Span, TakeRecord, TimelineClip, with_handles
from ..settings import HANDLES

if TYPE_CHECKING:
    from .flow import Flow, Steps

QUIET = 1800.0  # seconds without a word from the page, after which it has been left
TAKEN, DISCARDED = "VERDICT_TAKEN", "VERDICT_DISCARDED"
ABOVE = "PLACE_ABOVE"
REOPENINGS = 3


class HostPage:
    """One opening of the page for the clips of one run."""

    def __init__(
        self,
        show: Callable[[str], Any] = webbrowser.open,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show, self._clock = show, clock
        self._session = HostSession()
        self._is_lost = False
        self._open: dict[str, TimelineClip] = {}  # by offer
        self._jobs: dict[str, str] = {}  # by offer

    def walk(self, flow: Flow, clips: Sequence[TimelineClip]) -> Steps:
        waiting = list(clips)
        for _ in range(REOPENINGS):
            yield from self._opened(flow, waiting)
            yield from self._heard(flow)
            waiting = list(self._open.values())
            if not waiting:
                return
            if not self._is_lost:
                break
            flow.say("The server was started again, and the page with it.")
        if waiting:
            flow.say("The page was left. What it is rendering goes on; start again to place it.")

    def _opened(self, flow: Flow, clips: Sequence[TimelineClip]) -> Steps:
        self._is_lost, self._open, self._jobs = False, {}, {}
        host = flow.host
        asked = OpenHostSessionRequest(host.name, host.version, host.project)
        answer = yield from flow.asked("OpenHostSession", asked)
        if answer.problem is not None:
            flow.say(f"{answer.problem.message} {answer.problem.hint}".strip())
            return
        self._session = from_json(HostSession, answer.message)
        for clip in clips:
            offer = OfferClipRequest(self._session.id, _offered(clip))
            answer = yield from flow.asked("OfferClip", offer)
            if answer.problem is not None:
                flow.say(f"{clip.name}: {answer.problem.message}")
            else:
                self._open[from_json(OfferClipResponse, answer.message).offer] = clip
        yield from flow.asked(WATCH_HOST, WatchHostSessionRequest(self._session.id))
        flow.say(f"Choose the light on the page: {self._session.page_url}")
        self._show(self._session.page_url)

    def _heard(self, flow: Flow) -> Steps:
        """Until every offer is done with, the server has forgotten them, or the page was left."""
        since = self._clock()
        while self._open and not self._is_lost and self._clock() - since < QUIET:
            yield
            while flow.session.connection.other_news:
                kind, about, message = flow.session.connection.other_news.popleft()
                since = self._clock()
                if about != self._session.id:
                    continue
                self._is_lost = kind == HOST_LOST
                if kind == HOST_EVENT:
                    yield from self._took(flow, from_json(HostEvent, message))

    def _took(self, flow: Flow, event: HostEvent) -> Steps:
        clip = self._open.get(event.offer)
        if clip is None:
            return
        if event.started is not None:
            self._jobs[event.offer] = event.started.job
            flow.host.keep_offered(self._records())
            flow.say(f"{clip.name}: relighting.")
        elif event.problem is not None:
            flow.say(f"{clip.name}: {event.problem.message} {event.problem.hint}".strip())
        elif event.discarded is not None:
            self._close(flow, event.offer)
            flow.say(f"{clip.name}: left as it is.")
        elif event.result is not None:
            problem = yield from self._placed(flow, event, clip, event.result)
            verdict = DISCARDED if problem else TAKEN
            said = ResolveResultRequest(self._session.id, event.offer, verdict, problem)
            yield from flow.asked("ResolveResult", said)
            self._close(flow, event.offer)

    def _placed(
        self, flow: Flow, event: HostEvent, clip: TimelineClip, take: Take
    ) -> Generator[None, None, Problem | None]:
        """What went wrong, or None."""
        job = self._jobs.get(event.offer, "")
        answer = yield from flow.asked("GetJob", JobName(job))
        request = from_json(Job, answer.message).request if answer.problem is None else None
        try:
            _place(flow, clip, _record(take, request or RelightRequest(), job), event.place)
        except Refusal as refusal:
            flow.say(f"{clip.name}: {refusal.problem.message} {refusal.problem.hint}".strip())
            return refusal.problem
        flow.say(f"{clip.name}: the take is on the timeline.")
        return None

    def _close(self, flow: Flow, offer: str) -> None:
        self._open.pop(offer, None)
        self._jobs.pop(offer, None)
        flow.host.keep_offered(self._records())

    def _records(self) -> list[RenderRecord]:
        """Renders that the next run takes up, should this one end before they are placed."""
        return [
            RenderRecord(
                key=uuid4().hex,
                clip=clip.id,
                name=clip.name,
                title="Light",
                original=clip.media,
                request=RelightRequest(clip=ClipRange(clip.media.path)),
                job=self._jobs[offer],
            )
            for offer, clip in self._open.items()
            if offer in self._jobs
        ]


def _place(flow: Flow, clip: TimelineClip, take: TakeRecord, place: str) -> None:
    """Raises Refusal; the take is then kept in the clip's list all the same."""
    host = flow.host
    takes = host.takes(clip.id)
    shown = takes if any(one.job == take.job for one in takes.takes) else takes.with_take(take)
    try:
        if place == ABOVE or host.is_baked(clip.id):
            host.place_above(clip.id, shown)
        else:
            host.show(clip.id, shown)
    except Refusal:
        host.keep_takes(clip.id, shown)
        raise


def _record(take: Take, request: RelightRequest, job: str) -> TakeRecord:
    if take.clip is None or take.light is None or not os.path.exists(take.path):
        raise Refusal(
            f"The finished take {take.path} cannot be seen from this computer.",
            "Look at the path map in the settings.",
            "TAKE_MISSING",
        )
    return TakeRecord(
        path=take.path,
        name=(request.light.preset if request.light else "") or "Light",
        job=job,
        span=Span(take.clip.first, take.clip.count),
        light=take.light,
        engine=take.engine,
        amount=take.amount,
        asked=request.light,
        mask=request.mask,
    )


def _offered(clip: TimelineClip) -> Offered:
    """With handles, so that the clip can be trimmed after it was relit."""
    media, rate, span = clip.media, clip.rate, with_handles(clip, HANDLES)
    return Offered(
        host_id=clip.id,
        name=clip.name,
        clip=ClipRange(
            media.path,
            span.first,
            span.count,
            Rational(media.rate.numerator, media.rate.denominator),
        ),
        timeline_frame=clip.start,
        timeline_count=clip.count,
        timeline_rate=Rational(rate.numerator, rate.denominator),
        track=clip.track,
    )
