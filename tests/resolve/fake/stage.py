"""A Resolve set up for a test: one project, one timeline, clips where they are wanted."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from resolve.fake.profiles import BY_NAME
from resolve.fake.resolve import Resolve
from resolve.fake.world import File, Item, PoolItem, Project, Timeline, Track, World

RATE = Fraction(24)
LEFT_BEHIND = {  # of the last thing that was delivered
    "format": "wav", "codec": "", "ExportVideo": False, "ExportAudio": True,
    "SelectAllFrames": True, "FormatWidth": 640, "FormatHeight": 360,
    "AddFrameHandles": 24, "CustomName": "sound",
    "TargetDir": "/nowhere", "mode": 0,
}  # fmt: skip
PRESETS = {
    "H.264 Master": {"format": "mp4", "codec": "H264", "ExportVideo": True, "mode": 1},
    "Audio Only": {"format": "wav", "codec": "", "ExportVideo": False, "mode": 1},
}


@dataclass
class Stage:
    """`files` answers for paths that hold no real video."""

    world: World
    resolve: Any
    project: Project
    timeline: Timeline
    files: dict[str, File] = field(default_factory=dict)

    def media(self, path: Path | str, file: File | None = None, **about: Any) -> PoolItem:
        """In the pool's first folder. With `file` given, no real video is needed."""
        name = str(path)
        if file is not None:
            self.files[name] = file
            if not os.path.exists(name):
                Path(name).write_bytes(b"footage")
        read = self.world.look(name)
        assert read is not None, f"{name} is no video"
        made = PoolItem(os.path.basename(name), name, read, **about)
        self.project.root.clips.append(made)
        return made

    def clip(
        self,
        media: PoolItem,
        at: int = 0,
        left: int = 0,
        count: int = 24,
        track: int = 1,
        **about: Any,
    ) -> Item:
        """`at` counts from the timeline's start."""
        item = Item(media.name, self.timeline.start + at, count, media, left, **about)
        return self.put(item, track)

    def other(self, kind: str, name: str, at: int = 0, count: int = 24, track: int = 1) -> Item:
        """A transition, a title, a generator and the like; compounds have media without a file."""
        media = None
        if kind in ("compound", "multicam"):
            media = PoolItem(name, "", File(count, self.timeline.rate), kind.title())
            self.project.root.clips.append(media)
        item = Item(name, self.timeline.start + at, count, media, kind=kind)
        return self.put(item, track)

    def put(self, item: Item, track: int) -> Item:
        while len(self.timeline.video) < track:
            self.timeline.video.append(Track(f"Video {len(self.timeline.video) + 1}"))
        self.timeline.video[track - 1].items.append(item)
        self.timeline.video[track - 1].items.sort(key=lambda one: one.start)
        return item

    def called(self, name: str) -> list[tuple[Any, ...]]:
        """The arguments of each such call so far."""
        return [given for called, given in self.world.calls if called == name]


def stage(
    profile: str = "21.1-studio",
    rate: Fraction = RATE,
    start: int | None = None,
    is_drop: bool = False,
    name: str = "Film",
) -> Stage:
    files: dict[str, File] = {}
    world = World(BY_NAME[profile], lambda path: files.get(path) or probe(path))
    project = world.project = Project(name, deliver=dict(LEFT_BEHIND))
    project.presets = {key: dict(value) for key, value in PRESETS.items()}
    shown = f"{float(rate):.3f}".rstrip("0").rstrip(".")
    project.settings = {
        "timelineFrameRate": shown + (" DF" if is_drop else ""),
        "timelineResolutionWidth": "1920",
        "timelineResolutionHeight": "1080",
    }
    begin = round(rate) * 3600 if start is None else start
    timeline = Timeline("Cut 1", rate, begin, is_drop)
    project.timelines.append(timeline)
    project.timeline = timeline
    return Stage(world, Resolve(world), project, timeline, files)


def probe(path: str) -> File | None:
    """As it lies on disk; None for what is no video."""
    try:
        with av.open(path) as container:
            stream = container.streams.video[0]
            rate = stream.average_rate
            assert rate is not None
            frames = stream.frames or sum(1 for _ in container.decode(video=0))
            return File(frames, rate, stream.width, stream.height, _start(container, rate))
    except (OSError, av.FFmpegError, IndexError):
        return None


def _start(container: Any, rate: Fraction) -> int:
    from lav_engine.media.timecode import parse

    data = [stream for stream in container.streams if "timecode" in stream.metadata]
    said = data[0].metadata["timecode"] if data else container.metadata.get("timecode", "")
    return parse(said, rate) if said else 0
