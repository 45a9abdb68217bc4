"""What an editor and `lav bridge` say to each other: one JSON object a line. Standard library only.

    editor    {"id": 7, "ask": "Preview", "message": {...}}
    bridge    {"id": 7, "answer": {...}}
              {"id": 7, "problem": {"code": "...", "message": "...", "hint": "..."}}
    unasked   {"news": "JobEvent", "about": JOB, "message": {...}}

An ask is named after a call of lav.v1 and carries that call's message, as protobuf's JSON mapping
writes it with the proto's own field names; `relight.proto` documents both. Beside those there are
the asks and news named here. Every ask gets one answer or one problem, in any order.

The classes are as much of lav.v1 as editors use: the proto's names, numbers and enum names. What is
None, empty or as in the proto's defaults is not sent. Fields that are not known here are passed
over, so an older editor reads a newer bridge.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, TypeVar

PROTOCOL = 1

HELLO = "Hello"  # Greeting -> Greeted; the first ask of all
CONNECT = "Connect"  # Connecting -> ServerInfo; finds the server, or starts one
WATCH = "WatchJob"  # Watching -> {}; the job's events are news from then on
WRITE_TIMELINE = "WriteTimeline"  # Timeline -> {}; a new OpenTimelineIO file
WATCH_HOST = "WatchHostSession"  # -> {}; what the page does with offers is news from then on
READ_TIMELINE = "ReadTimeline"  # Timeline, of which only the path is read -> Timeline

JOB_EVENT = "JobEvent"  # news: a JobEvent about a job
JOB_LOST = "JobLost"  # news: a Problem; the watch has ended, the job itself may go on
HOST_EVENT = "HostEvent"  # news: a HostEvent about a host session
HOST_LOST = "HostLost"  # news: a Problem; the session has ended, renders go on

ENDED = ("JOB_STATE_DONE", "JOB_STATE_CANCELLED", "JOB_STATE_FAILED")

Kind = TypeVar("Kind")


def to_json(message: Any) -> dict[str, Any]:
    """A message as JSON's own types, without what is unset."""
    said = {one.name: _plain(getattr(message, one.name)) for one in fields(message)}
    return {name: value for name, value in said.items() if value not in (None, "", (), [], {})}


def from_json(kind: type[Kind], said: dict[str, Any]) -> Kind:
    """A message of this kind. Raises ValueError where a value cannot be what it should."""
    known: dict[str, Any] = {}
    for one in fields(kind):  # type: ignore[arg-type]
        if said.get(one.name) is not None:
            known[one.name] = _read(one.metadata.get("of"), one.default, said[one.name])
    return kind(**known)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return to_json(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _read(kind: Any, default: Any, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_read(kind, None, one) for one in value)
    if kind is not None:
        return from_json(globals()[kind], value)
    if isinstance(default, int) and isinstance(value, str):  # protobuf's JSON writes int64 so
        return int(value)
    return value


def _one(kind: str) -> Any:
    """A field that holds one of the classes below, or None."""
    return field(default=None, metadata={"of": kind})


def _many(kind: str) -> Any:
    return field(default=(), metadata={"of": kind})


# --- the bridge's own ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Greeting:
    protocol: int = 0
    host: str = ""  # "blender", "resolve"
    host_version: str = ""
    plugin: str = ""  # its version


@dataclass(frozen=True)
class Greeted:
    protocol: int = 0
    version: str = ""  # of the bridge


@dataclass(frozen=True)
class Connecting:
    start: bool = False  # one where none runs; else that is a Problem, SERVER_DOWN


@dataclass(frozen=True)
class Watching:
    id: str = ""
    after_seq: int = 0


@dataclass(frozen=True)
class Problem:
    code: str = ""  # stable, e.g. MEDIA_UNREADABLE
    message: str = ""  # what happened and what it means for the clip
    hint: str = ""  # what to do
    retryable: bool = False


# --- clips --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rational:
    numerator: int = 0
    denominator: int = 1


@dataclass(frozen=True)
class ClipRange:
    """Media frames [first, first + count) of a file."""

    path: str = ""
    first: int = 0
    count: int = 0
    rate: Rational | None = _one("Rational")


@dataclass(frozen=True)
class Image:
    data: str = ""  # base64
    mime_type: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class MediaFacts:
    path: str = ""
    frames: int = 0
    rate: Rational | None = _one("Rational")
    width: int = 0
    height: int = 0
    rotation: int = 0
    is_variable_rate: bool = False
    is_interlaced: bool = False
    timecode: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProbeRequest:
    path: str = ""
    poster_frame: int = 0
    poster_width: int = 0


@dataclass(frozen=True)
class ProbeResponse:
    facts: MediaFacts | None = _one("MediaFacts")
    poster: Image | None = _one("Image")


# --- light --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Color:
    """Linear Rec.709; only the ratio matters."""

    red: float = 0.0
    green: float = 0.0
    blue: float = 0.0


@dataclass(frozen=True)
class Point:
    """0..1 from the top left of the picture."""

    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True)
class Lamp:
    """Degrees, kelvin, stops; None is the proto's default."""

    role: str = ""  # ROLE_KEY, ...
    azimuth: float | None = None
    elevation: float | None = None
    kelvin: float | None = None
    tint: float | None = None
    color: Color | None = _one("Color")
    stops: float | None = None
    size: float | None = None
    at: Point | None = _one("Point")
    radius: float | None = None


@dataclass(frozen=True)
class Ambient:
    stops: float | None = None
    kelvin: float | None = None
    tint: float | None = None
    color: Color | None = _one("Color")


@dataclass(frozen=True)
class Light:
    prompt: str = ""
    lamps: tuple[Lamp, ...] = _many("Lamp")
    ambient: Ambient | None = _one("Ambient")
    exposure: float | None = None
    haze: float | None = None
    source_white: float | None = None
    keys: tuple[LightKey, ...] = _many("LightKey")
    bias: float | None = None


@dataclass(frozen=True)
class LightKey:
    media_frame: int = 0
    light: Light | None = _one("Light")  # without keys of its own


@dataclass(frozen=True)
class LightRequest:
    """Words and a preset make a light, numbers override its first lamp; a whole light wins."""

    prompt: str = ""
    preset: str = ""
    light: Light | None = _one("Light")
    lamp: Lamp | None = _one("Lamp")
    key_fill: float | None = None
    exposure: float | None = None
    haze: float | None = None


# --- what a server can do -----------------------------------------------------------------------


@dataclass(frozen=True)
class Preset:
    name: str = ""
    title: str = ""
    group: str = ""
    summary: str = ""
    light: Light | None = _one("Light")


@dataclass(frozen=True)
class EngineLimits:
    scopes: tuple[str, ...] = ()
    deliveries: tuple[str, ...] = ()
    needs_device: bool = False


@dataclass(frozen=True)
class Engine:
    name: str = ""
    title: str = ""
    summary: str = ""
    licence: str = ""
    limits: EngineLimits | None = _one("EngineLimits")
    reads_words: bool = False


@dataclass(frozen=True)
class ServerInfo:
    protocol: int = 0
    version: str = ""
    server_id: str = ""
    engines: tuple[Engine, ...] = _many("Engine")
    presets: tuple[Preset, ...] = _many("Preset")
    device: str = ""


# --- previews and jobs --------------------------------------------------------------------------


@dataclass(frozen=True)
class PreviewRequest:
    path: str = ""
    media_frame: int = 0
    light: LightRequest | None = _one("LightRequest")
    engine: str = ""
    width: int = 0
    format: str = ""  # IMAGE_FORMAT_PNG; else JPEG
    amount: float | None = None
    scope: str = ""
    mask: str = ""


@dataclass(frozen=True)
class PreviewResponse:
    image: Image | None = _one("Image")
    light: Light | None = _one("Light")
    unmatched_words: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Output:
    path: str = ""
    codec: str = ""
    no_audio: bool = False
    for_host: bool = False
    sheet: str = ""


@dataclass(frozen=True)
class RelightRequest:
    clip: ClipRange | None = _one("ClipRange")
    light: LightRequest | None = _one("LightRequest")
    engine: str = ""
    scope: str = ""
    amount: float | None = None
    mask: str = ""
    output: Output | None = _one("Output")


@dataclass(frozen=True)
class PlanJobRequest:
    request: RelightRequest | None = _one("RelightRequest")


@dataclass(frozen=True)
class JobPlan:
    windows: int = 0
    disk_bytes: int = 0
    memory_bytes: int = 0
    seconds: float = 0.0
    light: Light | None = _one("Light")
    warnings: tuple[str, ...] = ()
    unmatched_words: tuple[str, ...] = ()
    device: str = ""


@dataclass(frozen=True)
class SubmitJobRequest:
    request: RelightRequest | None = _one("RelightRequest")
    idempotency_key: str = ""
    parent_job: str = ""


@dataclass(frozen=True)
class JobName:
    """Of GetJob, CancelJob, PauseJob and ResumeJob; with a key also of RetryJob."""

    id: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True)
class ListJobsRequest:
    limit: int = 0
    only_open: bool = False


@dataclass(frozen=True)
class Progress:
    stage: str = ""
    done: int = 0
    total: int = 0
    fraction: float = 0.0
    eta_seconds: float | None = None


@dataclass(frozen=True)
class Take:
    path: str = ""
    clip: ClipRange | None = _one("ClipRange")  # of the source
    width: int = 0
    height: int = 0
    engine: str = ""
    light: Light | None = _one("Light")  # exposure filled in
    amount: float = 0.0
    timecode: str = ""
    reel: str = ""
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    unmatched_words: tuple[str, ...] = ()
    source_timecode: str = ""
    source_frames: int = 0


@dataclass(frozen=True)
class Job:
    id: str = ""
    state: str = ""  # JOB_STATE_QUEUED, ...
    request: RelightRequest | None = _one("RelightRequest")
    progress: Progress | None = _one("Progress")
    take: Take | None = _one("Take")
    problem: Problem | None = _one("Problem")
    seq: int = 0
    parent_job: str = ""
    position: int = 0
    is_paused: bool = False


@dataclass(frozen=True)
class Jobs:
    """The answer of ListJobs, newest first."""

    jobs: tuple[Job, ...] = _many("Job")
    is_queue_paused: bool = False


@dataclass(frozen=True)
class JobEvent:
    """One of: a state with the job as it is, progress, a warning."""

    seq: int = 0
    state: str = ""
    progress: Progress | None = _one("Progress")
    warning: str = ""
    job: Job | None = _one("Job")


# --- the local page -----------------------------------------------------------------------------


@dataclass(frozen=True)
class OpenHostSessionRequest:
    host: str = ""
    host_version: str = ""
    project: str = ""


@dataclass(frozen=True)
class HostSession:
    id: str = ""
    page_url: str = ""


@dataclass(frozen=True)
class TimelineClip:
    host_id: str = ""
    name: str = ""
    clip: ClipRange | None = _one("ClipRange")
    timeline_frame: int = 0
    timeline_count: int = 0
    timeline_rate: Rational | None = _one("Rational")
    track: int = 0


@dataclass(frozen=True)
class OfferClipRequest:
    session: str = ""
    clip: TimelineClip | None = _one("TimelineClip")


@dataclass(frozen=True)
class OfferClipResponse:
    offer: str = ""


@dataclass(frozen=True)
class WatchHostSessionRequest:
    session: str = ""
    after_seq: int = 0


@dataclass(frozen=True)
class JobStarted:
    job: str = ""


@dataclass(frozen=True)
class Discarded:
    pass


@dataclass(frozen=True)
class HostEvent:
    """One of: the page started a render, hands back its take, gives it up, or it failed."""

    seq: int = 0
    offer: str = ""
    started: JobStarted | None = _one("JobStarted")
    result: Take | None = _one("Take")
    place: str = ""  # PLACE_ABOVE; else as a take
    problem: Problem | None = _one("Problem")
    discarded: Discarded | None = _one("Discarded")


@dataclass(frozen=True)
class ResolveResultRequest:
    session: str = ""
    offer: str = ""
    verdict: str = ""  # VERDICT_TAKEN, VERDICT_DISCARDED
    problem: Problem | None = _one("Problem")


# --- timelines as OpenTimelineIO ----------------------------------------------------------------


@dataclass(frozen=True)
class TimelineItem:
    """A clip where it sits, and the media frames it shows: of a take where it has one."""

    name: str = ""
    track: int = 1
    start: int = 0  # timeline frame
    shown: ClipRange | None = _one("ClipRange")
    source: ClipRange | None = _one("ClipRange")  # the same frames of the original
    source_frames: int = 0  # in the original's whole file
    take_frames: int = 0  # in the take's
    job: str = ""


@dataclass(frozen=True)
class Timeline:
    path: str = ""  # of the .otio file
    name: str = ""
    rate: Rational | None = _one("Rational")
    start: int = 0  # the timeline frame it begins at
    items: tuple[TimelineItem, ...] = _many("TimelineItem")
