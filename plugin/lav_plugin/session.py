"""An editor's side of the work: the server as seen from here, previews, estimates and renders.

Nothing here blocks; all of it runs on the editor's main thread, answers arrive in `pump`. This is
where refusals are caught and become what the user is told. Standard library only.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from . import notices
from .host import Bake, Chosen, Host, Unfit
from .messages import (
    CONNECT,
    JOB_EVENT,
    JOB_LOST,
    READ_TIMELINE,
    WRITE_TIMELINE,
    Connecting,
    Job,
    JobName,
    JobPlan,
    Light,
    LightRequest,
    PlanJobRequest,
    PreviewResponse,
    Problem,
    RelightRequest,
    ServerInfo,
    Timeline,
    TimelineItem,
    from_json,
)
from .model import Refusal, RenderRecord, Span, TimelineClip, with_handles
from .notices import Notice
from .render_records import record_from_json
from .renders import GONE, Renders
from .settings import HANDLES, Settings, preview_request, relight_request
from .take_files import new_take, take_folder

BRIDGE_LOST = "BridgeLost"
OFF, STARTING, CONNECTED = "off", "starting", "connected"
LOST, RESTARTING = "lost", "restarting"  # it was connected
SILENCE = 5.0  # seconds without a word of a render, after which the server is asked for
PAUSE = 20.0  # seconds between two starts of a server that nobody asked for

Then = Callable[[Any], None]


@dataclass(frozen=True)
class Preview:
    """One frame relit, as last asked for."""

    image: bytes  # PNG
    clip: str
    media_frame: int
    light: Light  # exposure filled in
    unmatched_words: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Estimate:
    clip: str
    plan: JobPlan


class Session:
    def __init__(
        self,
        host: Host,
        open_bridge: Callable[[Callable[[str, str, dict[str, Any]], None]], Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`open_bridge` makes the bridge_client.Bridge, given what to call with news."""
        self.host = host
        self.info: ServerInfo | None = None  # as last heard
        self.chip = OFF
        self.notice: Notice | None = None
        self.preview: Preview | None = None
        self.is_previewing = False
        self.estimate: Estimate | None = None
        self.unfinished: tuple[RenderRecord, ...] = ()  # found in the project, not yet resumed
        self.bakes: dict[str, tuple[Bake, float]] = {}  # by clip; how far each is, 0..1
        self.revision = 0  # another number whenever there is something new to show
        self.renders = Renders(host, self.ask, self.tell)
        self._clock = clock
        self._waiting: list[tuple[str, Any, Then, bool]] = []  # for a connection
        self._next_look: tuple[TimelineClip, int, Settings] | None = None
        self._asked_estimates = 0
        self._heard_at = self._restarted_at = -PAUSE
        self._is_probing = False
        self._compared: dict[str, int] = {}  # the take shown before the original, by clip
        self._bridge = open_bridge(self._news)

    def pump(self, seconds: float = 0.004) -> bool:
        """To be called often. True if more is waiting already."""
        more = self._bridge.pump(seconds)
        self._listen()
        self._poll_bakes()
        return more

    def close(self) -> None:
        """Renders go on in the server."""
        for bake, _ in self.bakes.values():
            bake.cancel()
        self._bridge.close()

    # --- server ---------------------------------------------------------------------------------

    def connect(self, start: bool = True) -> None:
        """Finds the server; starts one where none runs and `start` is set."""
        if not self.is_connecting:
            self._set_chip(RESTARTING if self.chip == LOST else STARTING)
            self._bridge.ask(CONNECT, Connecting(start), self._connected)

    @property
    def is_connecting(self) -> bool:
        return self.chip in (STARTING, RESTARTING)

    def ask(self, name: str, message: Any, then: Then, is_again: bool = False) -> None:
        """Connects first where that is needed, and again, once, where the server went away: every
        call may be repeated."""
        if self.chip != CONNECTED:
            self._waiting.append((name, message, then, is_again))
            self.connect()
            return

        def heard(answer: Any) -> None:
            self.revision += 1
            if answer.problem and answer.problem.code in GONE and not is_again:
                self._set_chip(LOST)
                self.ask(name, message, then, is_again=True)
            else:
                then(answer)

        self._bridge.ask(name, message, heard)

    def tell(self, problem: Problem, about: str = "", otherwise: str = notices.DISMISS) -> None:
        self.notice = notices.notice(problem, about, otherwise)
        self.revision += 1

    def warn(self, said: str, about: str = "") -> None:
        self.tell(Problem("WARNING", said), about)

    def dismiss(self) -> None:
        """The notice; renders that were found and not resumed go with it."""
        if self.notice and self.notice.action == notices.RESUME:
            self.forget_unfinished()
        self.notice = None
        self.revision += 1

    @contextmanager
    def boundary(self, about: str = "") -> Iterator[None]:
        """What is refused inside becomes a notice."""
        try:
            yield
        except Refusal as refusal:
            self.tell(refusal.problem, about)

    # --- previews and estimates -----------------------------------------------------------------

    def look(self, clip: TimelineClip, media_frame: int, settings: Settings) -> None:
        """A preview. One at a time is asked for, and of those that wait only the newest."""
        if self.is_previewing:
            self._next_look = clip, media_frame, settings
            return
        self.is_previewing = True

        def then(answer: Any) -> None:
            self.is_previewing = False
            self._previewed(clip.id, media_frame, answer)
            waiting, self._next_look = self._next_look, None
            if waiting:
                self.look(*waiting)

        self.ask("Preview", preview_request(clip, media_frame, settings), then)

    def plan(self, clip: TimelineClip, settings: Settings) -> None:
        """What a render would take; problems are told when it is ordered."""
        self._asked_estimates += 1
        number = self._asked_estimates
        folder = os.path.dirname(clip.media.path)
        take = new_take(clip.media.path, settings.look, folder, ())
        span = with_handles(clip, settings.handles)
        request = relight_request(clip.media.path, span, settings, take)

        def then(answer: Any) -> None:
            if number == self._asked_estimates:
                plan = None if answer.problem else from_json(JobPlan, answer.message)
                self.estimate = Estimate(clip.id, plan) if plan else None

        self.ask("PlanJob", PlanJobRequest(request), then)

    # --- renders --------------------------------------------------------------------------------

    def relight(self, chosen: Chosen, settings: Callable[[TimelineClip], Settings]) -> None:
        """One render each; those that cannot be relit as they are do not keep the others."""
        self.notice = None
        for clip in chosen.clips:
            with self.boundary(clip.id):
                wanted = settings(clip)
                self._order(clip, with_handles(clip, wanted.handles), wanted)
        if chosen.unfit or not chosen.clips:
            self.refuse(chosen.unfit)

    def refuse(self, unfit: Sequence[Unfit]) -> None:
        """Says why a clip cannot be relit as it is, or that none is chosen."""
        if not unfit:
            said = "No video clip is selected, and none is under the playhead."
            self.tell(Problem("NO_CLIP", said, "Select a clip."))
            return
        first, more = unfit[0], len(unfit) - 1
        others = f" So it is with {more} more." if more else ""
        code = "NEEDS_BAKE" if first.can_bake else "UNFIT"
        self.tell(Problem(code, first.why + others), first.id)

    def bake(self, id: str) -> None:
        """Renders a clip that is not fit into a file, so that it can be relit."""
        with self.boundary(id):
            self.bakes[id] = self.host.bake(id), 0.0
        self.revision += 1

    def extend(self, id: str) -> None:
        """The active take over what is visible by now; only frames it lacks are lit."""
        with self.boundary(id):
            clip = self.host.clip(id)
            take = self._take(id, self._short(clip))
            seen = with_handles(clip, HANDLES)
            first = min(take.span.first, seen.first)
            span = Span(first, max(take.span.end, seen.end) - first)
            self._order(clip, span, self._settings(take, take.amount), take.job)

    def vary(self, id: str, index: int, amount: float) -> None:
        """A take once more with another amount: delivered from the light that is kept."""
        with self.boundary(id):
            take = self._take(id, index)
            self._order(self.host.clip(id), take.span, self._settings(take, amount), take.job)

    def reopened(self) -> None:
        """A project was opened: renders of the one before are its own, those found are offered."""
        self.renders.all.clear()
        self.estimate = self.notice = None
        self.unfinished = tuple(self._records())
        if self.unfinished:
            count = len(self.unfinished)
            found = "1 unfinished render" if count == 1 else f"{count} unfinished renders"
            hint = "Resume to place what is finished and to watch the rest."
            self.tell(Problem("UNFINISHED", f"Found {found} of this project.", hint))
        self.revision += 1

    def resume(self) -> None:
        records, self.unfinished, self.notice = self.unfinished, (), None
        self.renders.resume(records)
        self.revision += 1

    def forget_unfinished(self) -> None:
        self.unfinished = ()
        self.renders.keep()

    # --- timelines ------------------------------------------------------------------------------

    def write_timeline(self, timeline: Timeline) -> None:
        """What the host has placed, as a new OpenTimelineIO file of that path, rate and start."""
        with self.boundary():
            whole = replace(timeline, items=tuple(self.host.placed()))
            self.ask(WRITE_TIMELINE, whole, self._written)

    def read_takes(self, path: str) -> None:
        """Places the takes of an OpenTimelineIO file on those chosen clips that they are of."""
        self.ask(READ_TIMELINE, Timeline(path), self._read)

    # --- takes ----------------------------------------------------------------------------------

    def show(self, id: str, index: int) -> None:
        """One of a clip's takes; -1 is the original."""
        with self.boundary(id):
            if index >= 0:
                self._take(id, index)
            self.host.show(id, replace(self.host.takes(id), active=index))
        self.revision += 1

    def compare(self, id: str) -> None:
        """Between the original and the take shown last, else the newest."""
        with self.boundary(id):
            takes = self.host.takes(id)
            if takes.active >= 0:
                self._compared[id] = takes.active
            last = min(self._compared.get(id, len(takes.takes)), len(takes.takes) - 1)
            self.host.show(id, replace(takes, active=-1 if takes.active >= 0 else last))
        self.revision += 1

    def rename(self, id: str, index: int, name: str) -> None:
        with self.boundary(id):
            takes = self.host.takes(id)
            named = tuple(
                replace(one, name=name) if at == index else one
                for at, one in enumerate(takes.takes)
            )
            self.host.keep_takes(id, replace(takes, takes=named))
        self.revision += 1

    def remove(self, id: str, index: int) -> None:
        """From the list; the file stays. The original is shown where this one was."""
        with self.boundary(id):
            takes = self.host.takes(id)
            left = takes.takes[:index] + takes.takes[index + 1 :]
            if takes.active == index:
                self.host.show(id, replace(takes, active=-1))
            active = -1 if takes.active == index else takes.active - (takes.active > index)
            self.host.keep_takes(id, replace(takes, takes=left, active=active))
        self.revision += 1

    # --- inside ---------------------------------------------------------------------------------

    def _records(self) -> Iterator[RenderRecord]:
        """Of the project; what another version wrote is passed over."""
        for said in self.host.renders():
            with suppress(KeyError, TypeError, ValueError):
                yield record_from_json(said)

    def _order(self, clip: TimelineClip, span: Span, settings: Settings, parent: str = "") -> None:
        source = clip.media.path
        folder = take_folder(source, self.host.folder())
        take = new_take(source, settings.look, folder, self.renders.paths())
        record = RenderRecord(
            key=uuid4().hex,
            clip=clip.id,
            name=clip.name,
            title=self._title(clip.id, settings.title),
            original=clip.media,
            request=relight_request(source, span, settings, take),
            above=settings.above,
            parent=parent,
        )
        self.renders.order(record)
        self.revision += 1

    def _title(self, id: str, title: str) -> str:
        """As wished, with a number where the clip has a take of that name."""
        under_way = [r.record.title for r in self.renders.all.values() if r.record.clip == id]
        names = {one.name for one in self.host.takes(id).takes} | set(under_way)
        number, name = 1, title
        while name in names:
            number += 1
            name = f"{title} {number}"
        return name

    def _take(self, id: str, index: int) -> Any:
        takes = self.host.takes(id).takes
        if not 0 <= index < len(takes):
            raise Refusal("This clip has no such take any more.", "Choose one of the list.")
        return takes[index]

    def _short(self, clip: TimelineClip) -> int:
        """The active take, or the newest that lacks frames of the clip."""
        takes = self.host.takes(clip.id)
        lacking = [
            at for at, one in enumerate(takes.takes) if not one.span.holds(clip.first, clip.end)
        ]
        return takes.active if takes.active >= 0 or not lacking else lacking[-1]

    def _settings(self, take: Any, amount: float) -> Settings:
        look = os.path.basename(take.path).rpartition("_lav_")[2].rpartition("_v")[0]
        asked = take.asked or LightRequest(light=take.light)
        return Settings(asked, look, take.name, take.engine, amount, take.mask)

    def _written(self, answer: Any) -> None:
        if answer.problem:
            self.tell(answer.problem)

    def _read(self, answer: Any) -> None:
        if answer.problem:
            self.tell(answer.problem)
            return
        with self.boundary():
            clips = self.host.chosen().clips
            items = from_json(Timeline, answer.message).items
            for item in items:
                found = [clip for clip in clips if _is_of(item, clip)]
                if item.job and found:
                    self._take_over(found[0], item.job)

    def _take_over(self, clip: TimelineClip, job: str) -> None:
        """The take of a job that was rendered for another project, or before it was lost."""

        def then(answer: Any) -> None:
            if answer.problem:
                self.tell(answer.problem, clip.id)
                return
            request = from_json(Job, answer.message).request or RelightRequest()
            title = self._title(clip.id, _look(request))
            record = RenderRecord(
                uuid4().hex, clip.id, clip.name, title, clip.media, request, job=job
            )
            self.renders.resume((record,))

        self.ask("GetJob", JobName(job), then)

    def _previewed(self, clip: str, media_frame: int, answer: Any) -> None:
        if answer.problem:
            if answer.problem.code != "SUPERSEDED":
                self.tell(answer.problem, clip)
            return
        said = from_json(PreviewResponse, answer.message)
        if said.image and said.light:
            image = base64.b64decode(said.image.data)
            words = said.unmatched_words
            self.preview = Preview(image, clip, media_frame, said.light, words, said.seconds)

    def _set_chip(self, chip: str) -> None:
        self.chip = chip
        self.revision += 1

    def _connected(self, answer: Any) -> None:
        waiting, self._waiting = self._waiting, []
        if answer.problem:
            self._set_chip(OFF)
            if answer.problem.code != "SERVER_DOWN" or waiting or self.renders.open:
                self.tell(answer.problem)
            for _, _, then, _ in waiting:
                then(answer)
            return
        self._is_here(answer)
        for name, message, then, is_again in waiting:
            self.ask(name, message, then, is_again)

    def _is_here(self, answer: Any) -> None:
        self.info = from_json(ServerInfo, answer.message)
        self._heard_at = self._clock()
        self._set_chip(CONNECTED)
        if self.notice and self.notice.action == notices.CONNECT:
            self.notice = None
        self.renders.watch_all()

    def _news(self, kind: str, about: str, message: dict[str, Any]) -> None:
        self.revision += 1
        self._heard_at = self._clock()
        if kind == JOB_EVENT:
            self.renders.on_event(about, message)
        elif kind == JOB_LOST:
            problem = from_json(Problem, message)
            self.renders.on_lost(about, problem)
            if problem.code in GONE:
                self._lost()
        elif kind == BRIDGE_LOST:
            self.renders.unwatched()
            self._lost()

    def _poll_bakes(self) -> None:
        for id, (bake, before) in list(self.bakes.items()):
            with self.boundary(id):
                del self.bakes[id]
                done = bake.poll()
                if done is None:
                    clip = self.host.baked(bake)
                    self.tell(Problem("BAKED", f"{clip.name} can be relit now.", ""))
                else:
                    self.bakes[id] = bake, done
            is_same = id in self.bakes and self.bakes[id][1] == before
            self.revision += not is_same

    def _listen(self) -> None:
        """A server that dies says nothing: while renders are under way it is asked for."""
        silent = self._clock() - self._heard_at > SILENCE
        if self.chip == CONNECTED and self.renders.open and silent and not self._is_probing:
            self._is_probing = True
            self._bridge.ask(CONNECT, Connecting(start=False), self._probed)

    def _probed(self, answer: Any) -> None:
        self._is_probing = False
        self._heard_at = self._clock()
        if answer.problem:
            self._lost()
        elif not self.is_connecting:
            self._is_here(answer)

    def _lost(self) -> None:
        """Started again by itself while renders are under way, but not over and over."""
        if self.is_connecting:
            return
        self._set_chip(LOST)
        now = self._clock()
        if not self.renders.open:
            return
        if now - self._restarted_at > PAUSE:
            self._restarted_at = now
            self.connect()
        else:
            self.tell(
                Problem(
                    "SERVER_DOWN",
                    "The server stopped again while it was rendering. The timeline is as it was.",
                    "Start it to go on where it stopped.",
                )
            )


def _is_of(item: TimelineItem, clip: TimelineClip) -> bool:
    """The same file at the same place of the timeline."""
    return (
        item.source is not None
        and (item.track, item.start) == (clip.track, clip.start)
        and os.path.basename(item.source.path) == os.path.basename(clip.media.path)
    )


def _look(request: RelightRequest) -> str:
    return (request.light.preset if request.light else "") or "Light"
