"""Supervision of workers: whether one still gets anywhere, and how one has ended, in words."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable
from statistics import median

from lav_engine.errors import Code
from lav_engine.spec import Lane, Stage
from lav_server.jobs import Report
from lav_server.problem import Problem

PATIENCE = 60.0  # seconds without a sign of life
# Times that: how long there may be no step while clips are looked at, models loaded, takes checked.
LOADING = {Lane.cpu: 3.0, Lane.device: 10.0}
STEPS = 10.0  # times the usual step
LONGEST = 3.0  # times the longest step so far: some, like a VAE's, are long by nature
BEAT = 1.0  # seconds between a worker's signs of life

FENCED = 9  # exit code of a worker
ACCESS_VIOLATION = 0xC0000005  # how Windows says SIGSEGV

MEMORY = "Close other programs or render a shorter range, then try again."
AGAIN = "Try again; if it happens again, render a shorter range."


class Watchdog:
    """Watches one task. A process that lives sends beats; one that gets on reports steps."""

    def __init__(
        self,
        patience: float = PATIENCE,
        lane: Lane = Lane.cpu,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._patience = patience
        self._loading = LOADING[lane] * patience
        self._clock = clock
        self._heard: float | None = None  # nothing while it starts
        self._moved = clock()
        self._is_stepping = False
        self._steps: deque[float] = deque(maxlen=100)  # seconds

    def beat(self) -> None:
        self._heard = self._clock()

    def report(self, report: Report) -> None:
        """Any report is a step; where the engine or the delivery is at work it has a usual time.

        Before anything is lit an engine that says it has begun may still load its models.
        """
        now = self._clock()
        if self._is_stepping:
            self._steps.append(now - self._moved)
        self._moved = now
        if report.progress is not None:
            is_at_work = report.progress.stage in (Stage.lighting, Stage.delivering)
            self._is_stepping = is_at_work and report.progress.fraction > 0

    def left(self) -> float:
        """Seconds it may still be silent; 0 or less: it hangs."""
        until = self._moved + self._step_limit()
        if self._heard is not None:
            until = min(until, self._heard + self._patience)
        return until - self._clock()

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
