"""A clip and a take of it, for tests of the adapter: no picture is needed for either."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from resolve.fake.stage import Stage, stage
from resolve.fake.world import File, Item, PoolItem, seen

from lav_plugin.messages import Light
from lav_plugin.model import Media, Refusal, Span, TakeRecord, Takes
from lav_plugin.resolve.host import ResolveHost


@dataclass
class Act:
    """One clip of 48 frames, from frame 30 of a file of 120, ten frames into the timeline."""

    scene: Stage
    host: ResolveHost
    folder: Path
    media: PoolItem
    item: Item

    @property
    def id(self) -> str:
        assert self.item.id is not None
        return self.item.id

    def take(self, name: str = "a_lav_v001.mov", handles: int = 12, **about: Any) -> TakeRecord:
        """Its file, with handles, at the rate of the source."""
        span = Span(30 - handles, 48 + 2 * handles)
        path = str(self.folder / name)
        self.scene.files[path] = File(span.count, self.media.file.rate, **about)
        Path(path).write_bytes(b"take")
        return TakeRecord(path, "Window", f"job-{name}", span, Light(), "draft", 1.0)

    def takes(self, take: TakeRecord) -> Takes:
        file = self.media.file
        return Takes(Media(self.media.path, file.frames, self.media.rate), (take,), 0)

    def shown(self) -> list[tuple[str, int]]:
        """All along the timeline, as names of files and frames of the original."""
        return [(Path(path).name, frame) for path, frame in seen(self.scene.timeline)]

    def tracks(self) -> list[list[str]]:
        return [[item.name for item in track.items] for track in self.scene.timeline.video]

    def refused(self, way: Any, *given: Any) -> str:
        """The code of the refusal, and that nothing was changed for it."""
        before = self.shown(), self.tracks()
        try:
            way(*given)
        except Refusal as refusal:
            assert (self.shown(), self.tracks()) == before
            return refusal.problem.code
        raise AssertionError("it was not refused")


def act(
    folder: Path,
    profile: str = "21.1-studio",
    rate: Fraction = Fraction(24),
    media_rate: Fraction | None = None,
    **about: Any,
) -> Act:
    scene = stage(profile, rate, name=about.pop("project", "Film"))
    media = scene.media(folder / "a.mov", File(120, media_rate or rate))
    item = scene.clip(media, at=10, left=30, count=about.pop("count", 48), **about)
    scene.timeline.playhead = item.start + 5
    return Act(scene, ResolveHost(scene.resolve, str(folder / "ours")), folder, media, item)
