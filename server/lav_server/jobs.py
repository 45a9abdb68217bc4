"""Jobs: one request being worked on, the states it passes through and what is told about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lav_engine.spec import RelightRequest, Stage, Take
from lav_server.calls import Picture
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
class Job:
    id: str
    state: JobState
    request: RelightRequest
    seq: int  # of the newest event
    created: float  # seconds since 1970
    updated: float
    parent: str = ""  # the job this one extends or repeats
    progress: Progress | None = None
    take: Take | None = None  # when done
    problem: Problem | None = None  # when failed


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One thing that happened to a job; exactly one of state, progress, warning, preview is set."""

    seq: int  # grows by one per stored event; live events repeat the last stored one
    state: JobState | None = None
    progress: Progress | None = None  # live only
    warning: str | None = None
    preview: Picture | None = None  # live only; older ones may be skipped
    job: Job | None = None  # the job as it is when the event is sent; with every state
