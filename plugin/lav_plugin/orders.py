"""What a user orders of clips: renders, longer takes, other amounts. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import uuid4

from .bakes import Bakes
from .board import Board
from .host import Chosen, Host, Unfit
from .messages import LightRequest, Problem
from .model import RenderRecord, Span, TakeRecord, TimelineClip, with_handles
from .notices import BAKE_AND_RELIGHT, Notice
from .renders import Renders
from .settings import HANDLES, Settings, relight_request
from .take_files import look_of, new_take, take_folder
from .take_list import take_at

ABOVE = "It is rendered to a file first, and its takes lie above it."

Wish = Callable[[TimelineClip], Settings]  # what a clip is to be lit with


class Orders:
    def __init__(self, host: Host, renders: Renders, bakes: Bakes, board: Board) -> None:
        self._host = host
        self._renders = renders
        self._bakes = bakes
        self._board = board
        self._wish: Wish | None = None  # for what could not be relit without a bake
        self._to_bake: tuple[str, ...] = ()  # clips that were refused together

    def relight(self, chosen: Chosen, wish: Wish) -> None:
        """One render each; those that cannot be relit as they are do not keep the others."""
        self._board.clear()
        for clip in chosen.clips:
            self._relight(clip, wish)
        if chosen.unfit or not chosen.clips:
            self.refuse(chosen.unfit, wish)

    def _relight(self, clip: TimelineClip, wish: Wish) -> None:
        with self._board.boundary(clip.id):
            settings = wish(clip)
            self._order(clip, with_handles(clip, settings.handles), settings)

    def refuse(self, unfit: Sequence[Unfit], wish: Wish | None = None) -> None:
        """Says why a clip cannot be relit as it is, or that none is chosen. With a wish, what can
        be baked can be relit as well in one go."""
        if not unfit:
            said = "No video clip is selected, and none is under the playhead."
            self._board.tell(Problem("NO_CLIP", said, "Select a clip."))
            return
        self._wish = wish
        self._to_bake = tuple(one.id for one in unfit if one.can_bake)
        first, *others = sorted(unfit, key=lambda one: not one.can_bake)
        code, hint = ("NEEDS_BAKE", ABOVE) if first.can_bake else ("UNFIT", "")
        problem = Problem(code, first.why + _of_others(others, first.can_bake), hint)
        if first.can_bake and wish:
            self._board.show(Notice(problem, BAKE_AND_RELIGHT, first.id))
        else:
            self._board.tell(problem, first.id)

    def bake_and_relight(self, id: str) -> None:
        """As it was asked for when it was refused, with those that were refused with it."""
        wish, ids = self._wish, self._to_bake if id in self._to_bake else (id,)
        self._bakes.start_each(ids, (lambda clip: self._relight(clip, wish)) if wish else None)

    def extend(self, id: str) -> None:
        """The active take over what is visible by now; only frames it lacks are lit."""
        with self._board.boundary(id):
            clip = self._host.clip(id)
            take = take_at(self._host, id, self._short(clip))
            seen = with_handles(clip, HANDLES)
            first = min(take.span.first, seen.first)
            span = Span(first, max(take.span.end, seen.end) - first)
            self._order(clip, span, _settings(take, take.amount), take.job)

    def vary(self, id: str, index: int, amount: float) -> None:
        """A take once more with another amount: delivered from the light that is kept."""
        with self._board.boundary(id):
            take = take_at(self._host, id, index)
            self._order(self._host.clip(id), take.span, _settings(take, amount), take.job)

    def title(self, id: str, title: str) -> str:
        """As wished, with a number where the clip has a take of that name."""
        under_way = [r.record.title for r in self._renders.all.values() if r.record.clip == id]
        names = {one.name for one in self._host.takes(id).takes} | set(under_way)
        number, name = 1, title
        while name in names:
            number += 1
            name = f"{title} {number}"
        return name

    def _order(self, clip: TimelineClip, span: Span, settings: Settings, parent: str = "") -> None:
        source = clip.media.path
        folder = take_folder(source, self._host.folder())
        take = new_take(source, settings.look, folder, self._renders.paths())
        record = RenderRecord(
            key=uuid4().hex,
            clip=clip.id,
            name=clip.name,
            title=self.title(clip.id, settings.title),
            original=clip.media,
            request=relight_request(source, span, settings, take),
            above=settings.above,
            parent=parent,
        )
        self._renders.order(record)
        self._board.changed()

    def _short(self, clip: TimelineClip) -> int:
        """The active take, or the newest that lacks frames of the clip."""
        takes = self._host.takes(clip.id)
        lacking = [
            at for at, one in enumerate(takes.takes) if not one.span.holds(clip.first, clip.end)
        ]
        return takes.active if takes.active >= 0 or not lacking else lacking[-1]


def _of_others(unfit: Sequence[Unfit], is_baking: bool) -> str:
    """Refused with one that can be baked, or not."""
    alike = [one for one in unfit if one.can_bake]
    if not is_baking:
        return f" So it is with {len(unfit)} more." if unfit else ""
    said = f" So it is with {len(alike)} more, which follow one by one." if alike else ""
    return " ".join([said, *(one.why for one in unfit if not one.can_bake)])


def _settings(take: TakeRecord, amount: float) -> Settings:
    """As the take was made."""
    asked = take.asked or LightRequest(light=take.light)
    return Settings(asked, look_of(take.path), take.name, take.engine, amount, take.mask)
