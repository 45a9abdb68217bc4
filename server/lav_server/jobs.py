"""Jobs: one request being worked on, the states it passes through and what is told about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lav_engine.spec import RelightRequest, Stage, Take
from lav_server.problem import Problem


class JobState(StrEnum):
    queued = "queued"
    running = "running"
    publishing = "publishing"  # the take is being checked and put in its place
    done = "done"
    cancelling = "cancelling"
    cancelled = "cancelled"
    failed = "failed"


ENDED = frozenset({JobState.done, JobState.cancelled, JobState.failed})

# From where a job may get to each state. Ended jobs stay as they are. A take that was already in
# its place when the cancel arrived is done: delivered takes stay.
REACHED_FROM = {
    JobState.queued: {JobState.running, JobState.publishing},  # the server stopped under it
    JobState.running: {JobState.queued},
    JobState.publishing: {JobState.running},
    JobState.done: {JobState.running, JobState.publishing, JobState.cancelling},
    JobState.cancelling: {JobState.running, JobState.publishing},
    JobState.cancelled: {JobState.queued, JobState.cancelling},
    JobState.failed: {JobState.running, JobState.publishing, JobState.cancelling},
}


@dataclass(frozen=True, slots=True)
class Progress:
    stage: Stage
    done: int
    total: int
    fraction: float  # of the whole job, 0..1
    eta_seconds: float | None = None  # None: not known yet


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where a job that waits stands now; as in `Job`."""

    position: int
    eta_seconds: float | None


@dataclass(frozen=True, slots=True)
class Notice:
    """What holds the whole queue up: told to those who watch, and not stored."""

    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded image."""

    data: bytes
    mime_type: str  # image/jpeg or image/png
    width: int  # pixels
    height: int


@dataclass(frozen=True, slots=True)
class Job:
    id: str
    state: JobState
    request: RelightRequest
    seq: int  # of the newest event
    epoch: int  # grows with every claim; what an older claim still says is not listened to
    created: float  # seconds since 1970
    updated: float
    parent: str = ""  # the job this one extends or repeats
    position: int = 0  # 1: the next to run; 0: not waiting
    eta_seconds: float | None = None  # waiting: until it has ended; None: paused or not known
    priority: int = 0  # higher ones run first
    is_paused: bool = False  # waits until it is resumed
    take: Take | None = None  # when done
    problem: Problem | None = None  # when failed


@dataclass(frozen=True, slots=True)
class Event:
    """A stored thing that happened to a job: a new state or a warning."""

    seq: int  # grows by one within a job
    state: JobState | None = None
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where jobs keep what is not their take. Both exist."""

    jobs: Path  # a folder for each job that is open
    maps: Path  # the store of windows, shared by all

    def of(self, job_id: str) -> Path:
        return self.jobs / job_id


@dataclass(frozen=True, slots=True)
class Task:
    """A claimed job on its way to a worker."""

    job: str
    epoch: int
    request: RelightRequest
    maps: Path  # the store of windows
    folder: Path  # the job's own: its claim and its journal
    mount: Path | None = None  # where the disk of the take's folder is mounted; None: not known


@dataclass(frozen=True, slots=True)
class Window:
    """A window of light that is in the store now."""

    index: int  # within the job
    key: str  # in the store
    is_reused: bool = False  # it was there before


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker says about its task. The last one has a take, a problem or `cancelled`."""

    progress: Progress | None = None
    preview: Picture | None = None
    warning: str | None = None
    window: Window | None = None
    take: Take | None = None
    problem: Problem | None = None
    cancelled: bool = False
    is_leaving: bool = False  # with the last one: the worker ends and takes no other task

    @property
    def is_last(self) -> bool:
        return self.cancelled or self.take is not None or self.problem is not None
