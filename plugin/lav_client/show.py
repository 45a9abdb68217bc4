"""What people see on stderr while a job runs: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bars

from lav_client.client import Client
from lav_client.companions import Companions
from lav_client.report import clock, say
from lav_engine.errors import Code, LavError, counted
from lav_proto.v1 import relight_pb2 as pb

STAGES = {
    pb.STAGE_UNSPECIFIED: "Working",
    pb.STAGE_PLANNING: "Looking at the clip",
    pb.STAGE_LIGHTING: "Lighting",
    pb.STAGE_DELIVERING: "Rendering",
    pb.STAGE_PUBLISHING: "Checking the take",
}
LINE_EVERY = 10  # per cent
PATIENCE = 5.0  # seconds that a server may take to come back


class Display(Protocol):
    """Shows one job. A context manager, so that a terminal is left tidy."""

    def say(self, text: str) -> None: ...
    def wait(self, waiting: pb.Waiting) -> None: ...
    def show(self, progress: pb.Progress) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...


class Bar:
    """One live line on a terminal."""

    def __init__(self, console: Console) -> None:
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rest]}"),
            console=console,
            transient=True,
        )
        self._task = self._bars.add_task("Waiting", total=1.0, rest="")

    def say(self, text: str) -> None:
        self._bars.console.print(text, markup=False, highlight=False)

    def wait(self, waiting: pb.Waiting) -> None:
        self._bars.update(self._task, description="Waiting", rest=", ".join(_place(waiting)))

    def show(self, progress: pb.Progress) -> None:
        self._bars.update(
            self._task,
            description=STAGES[progress.stage],
            completed=progress.fraction,
            rest=", ".join(_rest(progress)),
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()


class Lines:
    """A line per place in the queue, per stage and per ten per cent, for logs and pipes."""

    def __init__(self) -> None:
        self._shown: tuple[int, int] | None = None
        self._position = 0

    def say(self, text: str) -> None:
        say(text)

    def wait(self, waiting: pb.Waiting) -> None:
        if waiting.position and waiting.position != self._position:
            say(f"Waiting: {', '.join(_place(waiting))}")
        self._position = waiting.position

    def show(self, progress: pb.Progress) -> None:
        percent = int(progress.fraction * 100)
        step = (progress.stage, percent // LINE_EVERY)
        if step != self._shown:
            self._shown = step
            say(f"{STAGES[progress.stage]}: {', '.join((f'{percent} %', *_rest(progress)))}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def follow(client: Client, job: pb.Job, companions: Companions) -> pb.Job:
    """Shows the job until it has ended; returns it as it ended, whichever way."""
    console = Console(stderr=True)
    display: Display = Bar(console) if console.is_terminal else Lines()
    try:
        with display:
            for event in client.watch(job.id, patience=PATIENCE):
                _tell(event, display)
        return client.job(job.id)
    except LavError as error:
        if error.code != Code.server_down:
            raise
        raise LavError(
            f"{error.message} Job {job.id} is not lost.",
            f"{error.hint} Then `{companions.watch_command(job.id)}` follows it.",
            Code.server_down,
        ) from None


def _tell(event: pb.JobEvent, display: Display) -> None:
    kind = event.WhichOneof("event")
    if kind == "warning":
        display.say(f"Note: {event.warning}")
    elif kind == "progress":
        display.show(event.progress)
    elif kind == "state" and event.job.state == pb.JOB_STATE_QUEUED:
        place = ", ".join(_place(event.job)) or "in the queue"
        display.say(f"Job {event.job.id} is {place}.")
    elif kind == "waiting":
        display.wait(event.waiting)


def ended(client: Client, job: pb.Job) -> pb.Job:
    """Waits without a word; the job's temporary files are gone by then."""
    for _ in client.watch(job.id):
        pass
    return client.job(job.id)


def _rest(progress: pb.Progress) -> list[str]:
    """Frames done and time left, as far as they are known."""
    frames = [f"{progress.done}/{counted(progress.total)}"] if progress.total else []
    return frames + _left(progress)


def _place(waiting: pb.Waiting | pb.Job) -> list[str]:
    """The place in the queue and the time left, as far as they are known."""
    place = [f"number {waiting.position} in the queue"] if waiting.position else []
    return place + _left(waiting)


def _left(told: pb.Progress | pb.Waiting | pb.Job) -> list[str]:
    return [f"{clock(told.eta_seconds)} left"] if told.HasField("eta_seconds") else []
