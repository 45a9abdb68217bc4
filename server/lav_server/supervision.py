"""Supervision of workers: whether one still gets anywhere, and how one has ended, in words."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable
from statistics import median

from lav_engine.errors import Code
from lav_engine.spec import Lane, Stage
from lav_server.jobs import Progress, Report
from lav_server.problem import Problem

PATIENCE = 60.0  # seconds without a sign of life
STARTING = 60.0  # seconds from a process's start to its first one: Python loads its modules
# Times the patience: how long there may be no step while clips are looked at, models loaded, takes
# checked.
LOADING = {Lane.cpu: 3.0, Lane.device: 10.0}
STEPS = 10.0  # times the usual step
LONGEST = 3.0  # times the longest step so far: some, like a VAE's, are long by nature
BEAT = 1.0  # seconds between a worker's signs of life

FENCED = 9  # exit code of a worker
ACCESS_VIOLATION = 0xC0000005  # how Windows says SIGSEGV

MEMORY = "Close other programs or render a shorter range, then try again."
AGAIN = "Try again; if it happens again, render a shorter range."


class Watchdog:
    """Watches one task. A process that lives sends beats; one that gets on reports steps.

    A process that is stopped is noticed within the patience, or the time it has to start. One that
    beats and yet hangs before the engine has lit anything has as long as a model may take to load:
    reading a mask, solving an exposure and loading are silent alike.
    """

    def __init__(
        self,
        patience: float = PATIENCE,
        lane: Lane = Lane.cpu,
        starting: float = STARTING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience
        self._loading = LOADING[lane] * patience
        self._clock = clock
        self._heard = self._moved = clock()
        self._silence = starting  # seconds; the patience from the first beat on
        self._reached: float | None = 0.0  # as last reported; None: not by the engine alone
        self._has_lit = False
        self._is_stepping = False
        self._steps: deque[float] = deque(maxlen=100)  # seconds

    def beat(self) -> None:
        self._heard = self._clock()
        self._silence = self._patience

    def report(self, report: Report) -> None:
        """Any report is a step; where the engine or the delivery is at work it has a usual time.

        Not before the engine has lit something: until then it may still load its models, although
        windows that were stored before are delivered already.
        """
        now = self._clock()
        if self._is_stepping:
            self._steps.append(now - self._moved)
        self._moved = now
        if report.window is not None:
            self._reached = None
            self._has_lit |= not report.window.is_reused
        if report.progress is not None:
            self._follow(report.progress)

    def _follow(self, progress: Progress) -> None:
        """From one word of lighting to the next only the engine can have brought the job on."""
        is_lighting = progress.stage == Stage.lighting
        if is_lighting and self._reached is not None:
            self._has_lit |= progress.fraction > self._reached
        is_delivering = progress.stage == Stage.delivering
        self._reached = None if is_delivering else progress.fraction
        self._is_stepping = self._has_lit and (is_lighting or is_delivering)

    def left(self) -> float:
        """Seconds it may still be silent; 0 or less: it hangs."""
        return min(since + limit for since, limit in self._limits()) - self._clock()

    @property
    def limit(self) -> float:
        """How long that silence is in all, in seconds."""
        _, limit = min(self._limits(), key=sum)
        return limit

    def _limits(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Since when there has been no beat, and no step, and how long that may last."""
        return (self._heard, self._silence), (self._moved, self._step_limit())

    def _step_limit(self) -> float:
        if not self._is_stepping:
            return self._loading
        if not self._steps:
            return self._patience
        usual, longest = median(self._steps), max(self._steps)
        return max(self._patience, STEPS * usual, LONGEST * longest)


def hung(seconds: float) -> Problem:
    said = f"The worker stood still for {seconds:.0f} seconds and was ended."
    return Problem(Code.worker_lost, said, AGAIN, retryable=True)


def ended(code: int) -> Problem:
    """Of a worker that ended by itself with this exit code; negative: by a signal."""
    if code == -9:
        said, hint = "The worker was killed, perhaps by the system for lack of memory.", MEMORY
    elif code == FENCED:
        said, hint = "The worker had been replaced by a newer one and stopped.", "Try again."
    elif code < 0 or code == ACCESS_VIOLATION:
        said, hint = f"The worker crashed ({_signal(code)}).", AGAIN
    else:
        said, hint = f"The worker ended unexpectedly (exit code {code}).", AGAIN
    return Problem(Code.worker_lost, said, hint, retryable=True)


def _signal(code: int) -> str:
    if code == ACCESS_VIOLATION:
        return "access violation"
    try:
        return signal.Signals(-code).name
    except ValueError:  # a real-time signal has no name
        return f"signal {-code}"
