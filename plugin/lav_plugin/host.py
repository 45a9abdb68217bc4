"""What an editor can be asked for; Blender and Resolve answer, each in its own way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from .messages import Problem, TimelineItem
from .model import RenderRecord, Takes, TimelineClip


@dataclass(frozen=True)
class Unfit:
    """A chosen clip that cannot be relit as it is."""

    id: str
    name: str
    why: str  # a sentence
    can_bake: bool  # the editor can render it alone into a file that can


@dataclass(frozen=True)
class Chosen:
    clips: tuple[TimelineClip, ...] = ()
    unfit: tuple[Unfit, ...] = ()


class Host(Protocol):
    """All on the editor's main thread. Raises model.Refusal; then nothing was changed."""

    name: str  # "blender", "resolve"
    version: str

    def chosen(self) -> Chosen:
        """What the user has selected, or what is under the playhead."""
        ...

    def clip(self, id: str) -> TimelineClip:
        """As it is now; it may have been moved or trimmed since. Its media are the original's,
        also while a take is shown. Refusal CLIP_GONE where there is none any more."""
        ...

    def takes(self, id: str) -> Takes: ...

    def keep_takes(self, id: str, takes: Takes) -> None:
        """With the project, so that they survive its closing."""
        ...

    def show(self, id: str, takes: Takes) -> None:
        """Puts the active take, or the original, in the clip's place; one undo step. Reads the
        timeline again and puts things back where it is not as it should be. Refusal TAKE_SHORT
        where the take does not hold all that is visible."""
        ...

    def place_above(self, id: str, takes: Takes) -> str:
        """Puts the active take on a free track right above; the new clip's id. One undo step."""
        ...

    def bake(self, id: str, then: Callable[[Problem | None], None]) -> None:
        """Renders an unfit clip alone into a file; `clip` then tells of that. `then` is called
        when it is done."""
        ...

    def folder(self) -> str:
        """Of the saved project; empty while it has never been saved."""
        ...

    def renders(self) -> tuple[RenderRecord, ...]:
        """What `keep_renders` was last given, also when the project was closed since."""
        ...

    def keep_renders(self, renders: Sequence[RenderRecord]) -> None:
        """With the project. No undo step."""
        ...

    def placed(self) -> Sequence[TimelineItem]:
        """Every clip that has takes, as OpenTimelineIO is told of it."""
        ...
