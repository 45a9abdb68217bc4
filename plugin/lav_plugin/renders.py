"""The renders under way: sent, watched, and their takes placed. Standard library only.

What the server knows is never guessed at: a render is its job as last heard of. Each is kept with
the project under a key of its own, so that it can be sent again at any time and is still one job.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from .connection import GONE
from .fitting import fitted
from .host import Host
from .messages import (
    WATCH,
    Job,
    JobEvent,
    JobName,
    ProbeRequest,
    ProbeResponse,
    Problem,
    RelightRequest,
    SubmitJobRequest,
    Take,
    Watching,
)
from .messages import from_json as read
from .model import Refusal, RenderRecord
from .notices import RETRY
from .placing import TAKE_GONE, place
from .render_records import record_json, renewed

SENDING, WAITING, RUNNING, FAILED = "sending", "waiting", "running", "failed"

UNHEARD = (*GONE, "BRIDGE_MISSING", "VERSION_SKEW")  # nobody was asked
SENT_AGAIN = {"OUTPUT_EXISTS": 50, "JOB_UNKNOWN": 2}  # times in all, by what was wrong

Ask = Callable[[str, Any, Callable[[Any], None]], None]
Tell = Callable[..., None]  # (problem, about, otherwise)


@dataclass
class Render:
    """A render as last heard of."""

    record: RenderRecord
    state: str = SENDING
    stage: str = ""  # STAGE_LIGHTING, ...
    fraction: float = 0.0
    eta: float | None = None  # seconds; None: not known yet
    position: int = 0  # 1: the next to run
    problem: Problem | None = None  # of a failed one
    seq: int = 0
    is_watched: bool = False
    is_unwanted: bool = False  # cancelled by the user
    times_sent: int = 1


class Renders:
    def __init__(self, host: Host, ask: Ask, tell: Tell) -> None:
        self._host = host
        self._ask = ask
        self._tell = tell
        self.all: dict[str, Render] = {}  # by key, oldest first
        self._refused: set[str] = set()  # names for takes that others had

    # --- what the user does ---------------------------------------------------------------------

    def order(self, record: RenderRecord) -> None:
        """Kept before it is sent: whatever happens then, it can be found again."""
        self.all[record.key] = Render(record)
        self.keep()
        self._send(self.all[record.key])

    def cancel(self, key: str) -> None:
        render = self.all[key]
        render.is_unwanted = True
        if render.state == FAILED:
            self.forget(key)
        elif render.record.job:
            self._ask("CancelJob", JobName(render.record.job), lambda a: self._answered(render, a))

    def retry(self, key: str) -> None:
        """What failed is asked for again: as a new job that goes on where it had come to, or, where
        its file's name is taken by now, under another name."""
        old = self.all[key]
        if old.record.job and not _is_taken(old):
            record = replace(old.record, key=uuid4().hex, job="")
            render = self._replace(old, record)
            again = JobName(old.record.job, record.key)
            self._ask("RetryJob", again, lambda a: self._answered(render, a))
        else:
            self._send(self._replace(old, self._renewed(old.record)))

    def forget(self, key: str) -> None:
        """The job, if there is one, goes on."""
        self.all.pop(key, None)
        self.keep()

    def resume(self, records: tuple[RenderRecord, ...]) -> None:
        """Those of a project that was closed; what finished since is placed."""
        for record in records:
            render = self.all.setdefault(record.key, Render(record))
            if record.job:
                self._watch(render)
            else:
                self._send(render)

    # --- what is heard --------------------------------------------------------------------------

    @property
    def open(self) -> list[Render]:
        return [one for one in self.all.values() if one.state != FAILED]

    @property
    def is_waiting(self) -> bool:
        """For something of the server."""
        return bool(self.open)

    def on_event(self, job: str, message: dict[str, Any]) -> None:
        event = read(JobEvent, message)
        for render in self._of(job):
            render.seq = max(render.seq, event.seq)
            if event.progress:
                render.state, render.stage = RUNNING, event.progress.stage
                render.fraction = event.progress.fraction
                render.eta = event.progress.eta_seconds
            if event.job:
                self._as_job(render, event.job)

    def on_lost(self, job: str, problem: Problem) -> None:
        """The watch has ended before the job."""
        for render in self._of(job):
            render.is_watched = False
            if problem.code not in GONE:
                self._failed(render, problem)

    def watch_all(self) -> None:
        """Again, those whose watch was lost."""
        for render in self.open:
            if render.record.job and not render.is_watched:
                self._watch(render)

    def unwatched(self) -> None:
        """The bridge has gone, and every watch with it."""
        for render in self.open:
            render.is_watched = False

    # --- inside ---------------------------------------------------------------------------------

    def _send(self, render: Render) -> None:
        """Looks at the file first: the server counts frames that an editor only believes in."""
        clip = render.record.request.clip
        question = ProbeRequest(clip.path if clip else "")
        self._ask("Probe", question, lambda answer: self._looked(render, answer))

    def _looked(self, render: Render, answer: Any) -> None:
        if render.record.key not in self.all:
            return
        if answer.problem and answer.problem.code in UNHEARD:
            self._failed(render, answer.problem)
            return
        try:
            if not answer.problem:  # else the answer to the job says it, or that it is done already
                found = read(ProbeResponse, answer.message)
                render.record = fitted(self._host, render.record, found)
        except Refusal as refusal:
            self.forget(render.record.key)
            self._tell(refusal.problem, render.record.clip)
            return
        self._submit(render)

    def _submit(self, render: Render) -> None:
        record = render.record
        message = SubmitJobRequest(record.request, record.key, record.parent)
        self._ask("SubmitJob", message, lambda answer: self._answered(render, answer))

    def _watch(self, render: Render) -> None:
        render.is_watched = True
        watching = Watching(render.record.job, render.seq)

        def then(answer: Any) -> None:
            if answer.problem:
                self.on_lost(watching.id, answer.problem)

        self._ask(WATCH, watching, then)

    def _answered(self, render: Render, answer: Any) -> None:
        """A job, or why there is none."""
        if render.record.key not in self.all:
            return  # forgotten, or another project was opened
        if answer.problem:
            self._failed(render, answer.problem)
            return
        job = read(Job, answer.message)
        if job.id != render.record.job:
            render.record = replace(render.record, job=job.id)
            self.keep()
            if render.is_unwanted:
                self.cancel(render.record.key)
        self._as_job(render, job)
        if render.record.key in self.all and render.state != FAILED and not render.is_watched:
            self._watch(render)

    def _as_job(self, render: Render, job: Job) -> None:
        if render.record.key not in self.all:
            return
        if job.state == "JOB_STATE_DONE" and job.take:
            self._place(render, job.take, job.request or render.record.request)
        elif job.state == "JOB_STATE_CANCELLED":
            self._cancelled(render)
        elif job.state == "JOB_STATE_FAILED":
            self._failed(render, job.problem or Problem("INTERNAL", "The render failed."))
        else:
            render.state = WAITING if job.state == "JOB_STATE_QUEUED" else RUNNING
            render.position = job.position

    def _cancelled(self, render: Render) -> None:
        if render.is_unwanted:
            self.forget(render.record.key)
            return
        said = f"The render of {render.record.name} was cancelled elsewhere; the clip is as it was."
        self._failed(render, Problem("CANCELLED", said, "Try again if you still want it."))

    def _failed(self, render: Render, problem: Problem) -> None:
        """Said, or where that may help sent again in another way."""
        if render.is_unwanted:
            self.forget(render.record.key)
            return
        if render.times_sent < SENT_AGAIN.get(problem.code, 0):
            self._refused.add(_path(render.record))
            again = self._replace(render, replace(self._renewed(render.record), parent=""))
            again.times_sent = render.times_sent + 1
            self._send(again)
            return
        render.state, render.problem, render.is_watched = FAILED, problem, False
        self._tell(problem, render.record.key, RETRY)

    def _place(self, render: Render, take: Take, asked: RelightRequest) -> None:
        try:
            place(self._host, render.record, take, asked)
        except Refusal as refusal:
            if refusal.problem.code == TAKE_GONE:
                self._failed(render, refusal.problem)
                return
            self._tell(refusal.problem, render.record.clip)
        self.forget(render.record.key)

    def _renewed(self, record: RenderRecord) -> RenderRecord:
        return renewed(record, self._host, self.paths())

    def paths(self) -> set[str]:
        """Of takes that are not there yet, here or, as the server said, elsewhere."""
        return {_path(one.record) for one in self.all.values()} | self._refused

    def _replace(self, old: Render, record: RenderRecord) -> Render:
        del self.all[old.record.key]
        render = self.all[record.key] = Render(record)
        self.keep()
        return render

    def _of(self, job: str) -> list[Render]:
        return [one for one in self.all.values() if job and one.record.job == job]

    def keep(self) -> None:
        self._host.keep_renders([record_json(one.record) for one in self.all.values()])


def _path(record: RenderRecord) -> str:
    """Of its take."""
    return record.request.output.path if record.request.output else ""


def _is_taken(render: Render) -> bool:
    return bool(render.problem and render.problem.code in ("OUTPUT_EXISTS", "MEDIA_MISSING"))
