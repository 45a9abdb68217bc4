"""How long a job still takes, judged by how fast it has been lately."""

from __future__ import annotations

import time
from collections.abc import Callable

SMOOTHING = 20.0  # seconds: about how far back "lately" reaches
WARM_UP = 0.02  # of the job: before that there is nothing to judge by


class Pace:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: float | None = None
        self._fraction = 0.0
        self._seconds = 0.0  # spent on `_fraction`, old times counting less and less
        self._weight = 0.0

    def eta(self, fraction: float) -> float | None:
        """Seconds until 1.0, now that `fraction` has been reached; None while it can't be told."""
        now = self._clock()
        if self._at is None or fraction < self._fraction:
            self._at, self._fraction = now, fraction
            return None
        spent, gained = now - self._at, fraction - self._fraction
        if spent > 0:
            keep = 0.5 ** (spent / SMOOTHING)
            self._seconds = self._seconds * keep + spent
            self._weight = self._weight * keep + gained
        self._at, self._fraction = now, fraction
        if fraction < WARM_UP or self._weight <= 0:
            return None
        return (1.0 - fraction) * self._seconds / self._weight
