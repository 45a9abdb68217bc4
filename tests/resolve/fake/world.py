"""The state behind the fake: projects, timelines, media; plain, for tests to build and see."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from resolve.fake.profiles import Profile

NTSC = (24, 30, 60)
SIZING = {
    "Pan": 0.0, "Tilt": 0.0, "ZoomX": 1.0, "ZoomY": 1.0, "ZoomGang": True, "RotationAngle": 0.0,
    "AnchorPointX": 0.0, "AnchorPointY": 0.0, "Pitch": 0.0, "Yaw": 0.0, "FlipX": False,
    "FlipY": False, "CropLeft": 0.0, "CropRight": 0.0, "CropTop": 0.0, "CropBottom": 0.0,
    "CropSoftness": 0.0, "CropRetain": False, "DynamicZoomEase": 0, "CompositeMode": 0,
    "Opacity": 100.0, "Distortion": 0.0, "RetimeProcess": 0, "MotionEstimation": 0, "Scaling": 0,
    "ResizeFilter": 0,
}  # fmt: skip
COLOURS_ALL = (
    "Orange Apricot Yellow Lime Olive Green Teal Navy Blue Purple Violet Pink Tan Beige Brown "
    "Chocolate"
)
COLOURS = frozenset(COLOURS_ALL.split())

numbers = itertools.count(1)


def new_id() -> str:
    return f"id-{next(numbers)}"


@dataclass(frozen=True)
class File:
    """A file as Resolve reads it."""

    frames: int
    rate: Fraction
    width: int = 1920
    height: int = 1080
    start: int = 0  # its timecode, in frames


@dataclass(eq=False)
class PoolItem:
    name: str
    path: str  # empty: none, such as of a compound
    file: File
    kind: str = "Video"
    id: str = field(default_factory=new_id)
    properties: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    stubborn: set[str] = field(default_factory=set)  # properties that say True and stay
    inside: Timeline | None = None  # of a compound
    color: str = ""

    @property
    def rate(self) -> Fraction:
        said = self.properties.get("FPS")
        return exact(float(said)) if said else self.file.rate


@dataclass(eq=False)
class Take:
    media: PoolItem
    start: int
    end: int  # exclusive


@dataclass(eq=False)
class Item:
    """On a timeline; frames as the timeline counts them, `left` in frames of the media."""

    name: str
    start: int
    duration: int
    media: PoolItem | None = None
    left: int = 0
    speed: Fraction = Fraction(1)  # below 0: backwards
    kind: str = "clip"
    id: str | None = field(default_factory=new_id)
    is_enabled: bool = True
    color: str = ""
    sizing: dict[str, Any] = field(default_factory=lambda: dict(SIZING))
    nodes: list[str] = field(default_factory=lambda: ["", ""])
    group: str = ""
    markers: dict[int, dict[str, Any]] = field(default_factory=dict)
    takes: list[Take] = field(default_factory=list)
    selected: int = 0  # of the takes, from 1
    comps: int = 0
    is_off_by_one: bool = False  # GetSourceStartFrame
    is_fragile: bool = False  # gone with the next save

    @property
    def end(self) -> int:
        return self.start + self.duration


@dataclass(eq=False)
class Track:
    name: str
    items: list[Item] = field(default_factory=list)
    is_enabled: bool = True
    is_locked: bool = False


@dataclass(eq=False)
class Timeline:
    name: str
    rate: Fraction
    start: int
    is_drop: bool = False
    video: list[Track] = field(default_factory=list)
    audio: list[Track] = field(default_factory=list)
    playhead: int = 0
    marks: tuple[int, int] | None = None  # first and last frame, from the timeline's start
    markers: dict[int, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    selected: list[Item] = field(default_factory=list)
    id: str = field(default_factory=new_id)
    media: PoolItem | None = None

    def __post_init__(self) -> None:
        self.video = self.video or [Track("Video 1")]
        self.audio = self.audio or [Track("Audio 1")]
        self.playhead = self.playhead or self.start


@dataclass(eq=False)
class Folder:
    name: str
    id: str = field(default_factory=new_id)
    clips: list[PoolItem] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)

    def walk(self) -> list[Folder]:
        return [self, *(deep for one in self.folders for deep in one.walk())]


@dataclass(eq=False)
class Project:
    name: str = "Film"
    id: str = field(default_factory=new_id)
    settings: dict[str, str] = field(default_factory=dict)
    timelines: list[Timeline] = field(default_factory=list)
    timeline: Timeline | None = None
    root: Folder = field(default_factory=lambda: Folder("Master"))
    folder: Folder | None = None
    deliver: dict[str, Any] = field(default_factory=dict)  # as the Deliver page was left
    presets: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def pool(self) -> list[PoolItem]:
        return [clip for folder in self.root.walk() for clip in folder.clips]


@dataclass
class Traps:
    """What a Resolve may do without saying so; each is played where a test sets it."""

    fragile: int = 0  # this many placements are gone with the next save
    silent_takes: bool = False  # AddTake says True and adds nothing
    takes_end: int = 0  # the last frame of a take is read that much later
    takes_pick: bool = False  # SelectTakeByIndex says True and selects nothing
    shift: int = 0  # placements land that many frames later
    save_fails: bool = False
    delete_fails: int = 0  # the first calls of DeleteClips
    grades_fail: bool = False  # CopyGrades says True and copies nothing
    import_fails: bool = False
    render: str = ""  # "nothing", "stub", "short", "sound", "error", "stuck"
    language: str = "Complete"  # what a finished job says of itself
    tracks_fail: bool = False  # AddTrack says True and adds none
    start_fails: bool = False  # StartRendering


@dataclass
class World:
    profile: Profile
    look: Callable[[str], File | None]  # reads a file from disk
    project: Project | None = field(default_factory=Project)
    traps: Traps = field(default_factory=Traps)
    page: str = "edit"
    is_modal: bool = False  # the upsell dialog is open; only a human closes it
    calls: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    saves: int = 0
    _constants: dict[str, int] = field(default_factory=dict)

    def constant(self, name: str) -> int | None:
        """Live values that mean nothing elsewhere."""
        if not name.startswith(("EXPORT_", "AUDIO_SYNC_", "CLOUD_", "SUBTITLE_")):
            return None
        return self._constants.setdefault(name, 7000 + len(self._constants))

    def is_online(self, media: PoolItem) -> bool:
        return bool(media.path) and Path(media.path).exists()


def exact(rate: float) -> Fraction:
    for nominal in NTSC:
        ntsc = Fraction(nominal * 1000, 1001)
        if abs(rate - ntsc) < 0.005:
            return ntsc
    return Fraction(rate).limit_denominator(1001)


def source_frame(item: Item, frame: int, rate: Fraction) -> int:
    """Of the item's media, at a frame of a timeline of that rate."""
    assert item.media is not None
    step = item.media.rate / rate * item.speed
    offset = (frame - item.start) * step
    if item.speed < 0:
        span = item.duration * abs(step)
        return int(item.left + span - 1 + offset)
    return int(item.left + offset)


def visible(timeline: Timeline, frame: int) -> Item | None:
    """The uppermost enabled clip there; transitions, titles and the like are passed over."""
    for track in reversed(timeline.video):
        for item in track.items if track.is_enabled else ():
            has_picture = item.media is not None and item.is_enabled
            if has_picture and item.start <= frame < item.end:
                return item
    return None


def seen(timeline: Timeline) -> list[tuple[str, int]]:
    """File and frame in it, all along the timeline; ("", -1) is black."""
    end = max((item.end for track in timeline.video for item in track.items), default=0)
    shown = []
    for frame in range(timeline.start, end):
        item = visible(timeline, frame)
        if item is None or item.media is None:
            shown.append(("", -1))
        else:
            shown.append((item.media.path, source_frame(item, frame, timeline.rate)))
    return shown
