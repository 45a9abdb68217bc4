"""What an editor can be asked for; Blender and Resolve answer, each in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .messages import TimelineItem
from .model import Takes, TimelineClip


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


class Bake(Protocol):
    """A clip being rendered into a file, by its editor and beside it."""

    clip_id: str
    path: str

    def poll(self) -> float | None:
        """How far it is, 0..1; None once it is done. Raises Refusal; then nothing is left of it."""
        ...

    def cancel(self) -> None: ...


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

    def bake(self, id: str) -> Bake:
        """Begins to render an unfit clip alone into a file, and returns at once."""
        ...

    def baked(self, bake: Bake) -> TimelineClip:
        """The clip by its finished file, as `clip` tells of it from now on."""
        ...

    def is_baked(self, id: str) -> bool:
        """Its takes can then only be placed above."""
        ...

    def folder(self) -> str:
        """Of the saved project; empty while it has never been saved."""
        ...

    def renders(self) -> tuple[dict[str, Any], ...]:
        """What `keep_renders` was last given, also when the project was closed since."""
        ...

    def keep_renders(self, renders: Sequence[dict[str, Any]]) -> None:
        """JSON, with the project. No undo step."""
        ...

    def placed(self) -> Sequence[TimelineItem]:
        """Every clip that has takes, as OpenTimelineIO is told of it."""
        ...
