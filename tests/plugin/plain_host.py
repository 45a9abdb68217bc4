"""An editor without an editor: a timeline in memory, as session.py asks of any."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from lav_plugin.host import Chosen, Unfit
from lav_plugin.messages import ClipRange, Rational, TimelineItem
from lav_plugin.model import Media, Refusal, Takes, TimelineClip


@dataclass
class PlainBake:
    """Done when it has been asked for the third time."""

    clip_id: str
    path: str
    polls: int = 0
    is_cancelled: bool = False

    def poll(self) -> float | None:
        self.polls += 1
        return None if self.polls > 2 else self.polls / 3

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class PlainHost:
    project: str = ""  # its folder
    clips: dict[str, TimelineClip] = field(default_factory=dict)
    unfit: list[Unfit] = field(default_factory=list)
    kept: dict[str, Takes] = field(default_factory=dict)
    above: list[str] = field(default_factory=list)  # paths placed above
    steps: list[str] = field(default_factory=list)  # undo steps
    saved: str = "[]"  # renders, as a file would hold them
    bakes: list[PlainBake] = field(default_factory=list)
    bake_to: str = "baked.mov"
    name: str = "plain"
    version: str = "1"

    def put(self, id: str, path: Path, first: int, count: int, frames: int = 24) -> TimelineClip:
        media = Media(str(path), frames, Fraction(24))
        clip = TimelineClip(id, f"Clip {id}", media, first, count, 100, Fraction(24), 1)
        self.clips[id] = clip
        return clip

    def chosen(self) -> Chosen:
        return Chosen(tuple(self.clips.values()), tuple(self.unfit))

    def clip(self, id: str) -> TimelineClip:
        if id not in self.clips:
            raise Refusal("The clip is no longer on the timeline.", "", "CLIP_GONE")
        return self.clips[id]

    def takes(self, id: str) -> Takes:
        return self.kept.get(id) or Takes(self.clip(id).media)

    def keep_takes(self, id: str, takes: Takes) -> None:
        self.kept[id] = takes

    def show(self, id: str, takes: Takes) -> None:
        clip = self.clip(id)
        if takes.active >= 0 and not takes.takes[takes.active].span.holds(clip.first, clip.end):
            raise Refusal("The take is shorter than the clip.", "Extend it.", "TAKE_SHORT")
        self.kept[id] = takes
        self.steps.append(f"show {takes.active}")

    def place_above(self, id: str, takes: Takes) -> str:
        self.above.append(takes.takes[takes.active].path)
        self.keep_takes(id, replace(takes, active=-1))
        self.steps.append("above")
        return f"{id} above"

    def bake(self, id: str) -> PlainBake:
        self.bakes.append(PlainBake(id, self.bake_to))
        return self.bakes[-1]

    def baked(self, bake: Any) -> TimelineClip:
        return self.put(bake.clip_id, Path(bake.path), 0, 24)

    def is_baked(self, id: str) -> bool:
        return any(one.clip_id == id for one in self.bakes)

    def folder(self) -> str:
        return self.project

    def renders(self) -> tuple[dict[str, Any], ...]:
        return tuple(json.loads(self.saved))

    def keep_renders(self, renders: Sequence[dict[str, Any]]) -> None:
        self.saved = json.dumps(list(renders))

    def placed(self) -> Sequence[TimelineItem]:
        return [self._item(id, takes) for id, takes in self.kept.items() if takes.active >= 0]

    def _item(self, id: str, takes: Takes) -> TimelineItem:
        clip, take = self.clips[id], takes.takes[takes.active]
        rate = Rational(24, 1)
        return TimelineItem(
            name=clip.name,
            track=clip.track,
            start=clip.start,
            shown=ClipRange(take.path, clip.first - take.span.first, clip.count, rate),
            source=ClipRange(clip.media.path, clip.first, clip.count, rate),
            source_frames=clip.media.frames,
            take_frames=take.span.count,
            job=take.job,
        )
