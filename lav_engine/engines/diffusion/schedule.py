"""When Progressive Light Fusion relights, and how much: schedules as data.

Light-A-Video (arXiv 2502.08590) pulls the video model's clean estimate toward relit frames with a
weight that falls from 1 to 0 over the steps; the four modes of its code (commit 1b44482) differ in
how it falls and where the relighter stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Steps:
    """A sampler's steps: `total` in its table, of which those from `start` on are run."""

    total: int
    start: int

    @property
    def kept(self) -> int:
        return self.total - self.start


@dataclass(frozen=True, slots=True)
class Weights:
    fusion: float  # lambda: share of the relit frames in the target
    detail: float  # share of the source's detail given back before relighting


@dataclass(frozen=True, slots=True)
class Schedule:
    """lambda = 1 - s**power, where s runs from 0 to 1 over the kept steps."""

    cutoff: float  # relit while lambda is above; below, the video model finishes alone
    fusion_power: float = 1.0
    detail_power: float = 1.0
    in_time: bool = False  # s counts diffusion time rather than steps

    def weights(self, times: Sequence[float]) -> tuple[Weights | None, ...]:
        """One per timestep of the kept steps; None where the sampler's own step is taken."""
        return tuple(self._at(s) for s in self._progress(times))

    def _progress(self, times: Sequence[float]) -> list[float]:
        if self.in_time:
            return [1 - time / times[0] if times[0] else 0.0 for time in times]
        last = max(len(times) - 1, 1)
        return [index / last for index in range(len(times))]

    def _at(self, s: float) -> Weights | None:
        fusion = 1 - s**self.fusion_power
        return Weights(fusion, 1 - s**self.detail_power) if fusion > self.cutoff else None


LEVELS = 1000  # of noise that the models were trained on: a longer table has no steps left between

ANIMATEDIFF = Schedule(cutoff=0.15)
PAINT = Schedule(cutoff=0.15, in_time=True)
COGVIDEOX = Schedule(cutoff=0.2, fusion_power=2.0)
WAN = Schedule(cutoff=0.2)


def relighting(count: int, strength: float, *, parity: bool) -> Steps:
    """`count` steps from the noise level `strength` (0..1] of a longer table.

    The reference rounds twice and may run one step less (25 at strength .4: 24 of 62); where it
    would run none, one is run.
    """
    total = max(round(count / strength), 1)
    kept = min(int(total * strength), total) if parity else min(count, total)
    return Steps(total, total - max(kept, 1))


def generating(count: int, strength: float, *, parity: bool) -> Steps:
    """`count` steps in all, the last `strength` of them relit, a background made before."""
    share = count * strength
    kept = min(int(share) if parity else round(share), count)
    return Steps(count, count - max(kept, 1))
