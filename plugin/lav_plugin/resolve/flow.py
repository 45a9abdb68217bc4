"""From the menu entry to a take on the timeline: choose, look at the file, relight, place.

A walk that is taken a step at a time while the session is pumped. What stops it is said in
Resolve's console; renders that were sent go on in the server, and are taken up by the next run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .. import VERSION, record
from ..bridge_client import Bridge
from ..connection import CONNECTED, LOST
from ..host import Chosen, Unfit
from ..messages import PROTOCOL, Greeting
from ..model import Refusal, TimelineClip
from ..renders import RUNNING, WAITING
from ..session import Session
from ..settings import Settings
from .choosing import Scope
from .host import ResolveHost
from .looking import Fit, look
from .page import HostPage

PAUSE = 0.02  # seconds between two steps
BAKE_PAUSE = 0.3  # seconds while Resolve renders, which is asked at each step
STEP = 0.1  # of a render, between two words about it
CHIPS = {LOST: "The server has gone; it is being started again.", CONNECTED: "Connected."}

Say = Callable[[str], None]
Steps = Iterator[None]


class Page(Protocol):
    """Where the light is chosen, and what becomes of each take."""

    def walk(self, flow: Flow, clips: Sequence[TimelineClip]) -> Steps: ...


@dataclass(frozen=True)
class Wanted:
    scope: Scope = Scope()
    settings: Settings | None = None  # None: chosen on the page
    bakes: bool = True  # clips that are not frame for frame are rendered to files; else refused


class Flow:
    def __init__(
        self, host: ResolveHost, session: Session, say: Say, wanted: Wanted, page: Page | None
    ) -> None:
        self.host, self.session, self.say = host, session, say
        self._wanted, self._page = wanted, page
        self._said: dict[str, str] = {}  # by render, what was last said of it
        self._chip = session.connection.chip
        self._told: object = None  # the notice that was said last

    def run(self) -> None:
        for _ in self._walk():
            self.session.pump()
            self._speak()
            time.sleep(BAKE_PAUSE if self.session.bakes else PAUSE)

    def asked(self, name: str, message: Any) -> Any:
        """`yield from` this: the answer, when it is there."""
        answers: list[Any] = []
        self.session.connection.ask(name, message, answers.append)
        while not answers:
            yield
        return answers[0]

    def followed(self) -> Steps:
        """Until every render has its take, or has failed."""
        while self.session.renders.open:
            yield

    def note(self) -> None:
        """What the host has to say of what it placed."""
        while self.host.notes:
            self.say(self.host.notes.pop(0))

    def _walk(self) -> Steps:
        yield from self._taken_up()
        clips = yield from self._fit()
        settings = self._wanted.settings
        if clips and settings is not None:
            self.session.orders.relight(Chosen(tuple(clips)), lambda _: settings)
            self.say(f"{_count(clips)} of {self.host.project} sent.")
        elif clips and self._page is not None:
            yield from self._page.walk(self, clips)
        yield from self.followed()
        self._speak()

    def _taken_up(self) -> Steps:
        """Renders that Resolve was closed over, or that another run left."""
        self.session.reopened()
        if self.session.unfinished:
            count = len(self.session.unfinished)
            self.say(f"{count} unfinished {'render' if count == 1 else 'renders'} taken up again.")
            self.session.resume()
            yield

    def _fit(self) -> Any:
        """Clips that can be sent as they are, some of them baked just now."""
        chosen = self.host.chosen(self._wanted.scope)
        fits: list[Fit] = [*chosen.unfit]
        for clip in chosen.clips:
            fits.append((yield from look(self, clip)))
        if not fits:
            self.say(
                "No video clip is under the playhead on a track that is switched on. Park the "
                "playhead on one, then start Light-A-Video again."
            )
        clips: list[TimelineClip] = []
        for one in fits:
            if isinstance(one, Unfit):
                one = yield from self._baked(one)
            if isinstance(one, TimelineClip):
                clips.append(one)
        return clips

    def _baked(self, unfit: Unfit) -> Any:
        """The clip by its bake, or None where that cannot be."""
        self.say(unfit.why)
        if not (unfit.can_bake and self._wanted.bakes):
            return None
        self.say(f"{unfit.name} is rendered to a file first.")
        self.session.bakes.start(unfit.id)
        while unfit.id in self.session.bakes.all:
            yield
        try:
            clip = self.host.clip(unfit.id)
        except Refusal:
            return None  # why is in the session's notice
        found = yield from look(self, clip)
        if isinstance(found, Unfit):
            self.say(found.why)
            return None
        return found

    def _speak(self) -> None:
        if self.session.connection.chip != self._chip:
            self._chip = self.session.connection.chip
            if self._chip in CHIPS:
                self.say(CHIPS[self._chip])
        notice = self.session.board.notice
        if notice is not None and notice is not self._told:
            self._told = notice
            if notice.problem.code not in ("BAKED", "UNFINISHED"):
                self.say(f"{notice.problem.message} {notice.problem.hint}".strip())
        self.note()
        self._progress()

    def _progress(self) -> None:
        all_now = self.session.renders.all
        for key, render in all_now.items():
            said = ""
            if render.state == WAITING:
                said = f"waiting, number {render.position}" if render.position else "waiting"
            elif render.state == RUNNING:
                said = f"{int(render.fraction / STEP) * STEP:.0%}"
            if said and self._said.get(key) != said:
                self._said[key] = said
                self.say(f"{render.record.name}: {said}")
        for key in [key for key in self._said if key not in all_now]:
            del self._said[key]
            self.say("Done: the take is on the timeline, or why not is said above.")


def run(resolve: Any, command: Sequence[str], say: Say, wanted: Wanted | None = None) -> None:
    """One run of the menu entry. `command` starts the bridge. Raises Refusal; renders go on."""
    folder = os.path.join(os.path.dirname(str(record.path())), "resolve")
    host = ResolveHost(resolve, folder)
    greeting = Greeting(PROTOCOL, host.name, host.version, VERSION)
    session = Session(host, lambda news: Bridge(command, greeting, news))
    try:
        Flow(host, session, say, wanted or Wanted(), HostPage()).run()
    finally:
        session.close()


def remove(resolve: Any, say: Say, scope: Scope | None = None) -> None:
    """Takes the take of each chosen clip away again; the originals come back."""
    host = ResolveHost(resolve, os.path.join(os.path.dirname(str(record.path())), "resolve"))
    chosen = host.chosen(scope)
    for one in (*chosen.clips, *chosen.unfit):
        say(f"{host.remove_take(one.id)}: the original is shown again.")


def _count(clips: Sequence[TimelineClip]) -> str:
    return "1 clip" if len(clips) == 1 else f"{len(clips)} clips"
