"""Progressive Light Fusion (arXiv 2502.08590, section 3.3), once for every video model.

At each step the model's clean estimate gets the source's detail back, is relit, and the mix of both
becomes the estimate that the stock scheduler steps with. At the first step the mix is exactly the
relit source.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from lav_engine.engines.diffusion.priors.base import Conditioning, S, VideoPrior
from lav_engine.engines.diffusion.schedule import Schedule, Steps, Weights


class ImageRelighter(Protocol):
    """Relights frames, (F, 3, H, W) nominally in [-1, 1] to the same; yields between its steps."""

    @property
    def steps(self) -> int:
        """How often it yields."""
        ...

    def __call__(self, frames: Tensor, /) -> Generator[None, None, Tensor]: ...


@dataclass(frozen=True, slots=True)
class Targets:
    """One relit step's pictures, each (F, 3, H, W)."""

    consistent: Tensor  # the clean estimate with the source's detail given back
    relit: Tensor
    fused: Tensor


@dataclass(frozen=True, slots=True)
class Fusing:
    """Where a run is. `done` counts relighter steps and plain steps alike."""

    done: int
    total: int
    state: Any = None  # after an outer step: the prior's next state
    targets: Targets | None = None  # after a relit outer step
    frames: Tensor | None = None  # with the last one


def fuse(
    prior: VideoPrior[S],
    relighter: ImageRelighter,
    given: Conditioning,
    schedule: Schedule,
    steps: Steps,
) -> Iterator[Fusing]:
    """Runs one window; closing the iterator stops it, also inside the relighter."""
    weights = _weights(prior, schedule, steps)
    total = length(prior, relighter, schedule, steps)
    done = 0
    state = prior.begin(given, steps)
    detail: Tensor | None = None
    for weight in weights:
        targets = None
        if weight is not None:
            estimate = prior.clean(state)
            detail = _detail(given, estimate) if detail is None else detail
            consistent = estimate + weight.detail * detail
            relighting = Returning(relighter(consistent))
            for _ in relighting:
                done += 1
                yield Fusing(done, total)
            targets = _targets(consistent, relighting.result, weight)
        state = prior.step(state, targets.fused if targets else None)
        done += 1
        yield Fusing(done, total, state, targets)
    yield Fusing(total, total, state, frames=prior.finish(state))


def length(
    prior: VideoPrior[Any], relighter: ImageRelighter, schedule: Schedule, steps: Steps
) -> int:
    """The `total` that a run will count to."""
    weights = _weights(prior, schedule, steps)
    return sum(1 if one is None else relighter.steps + 1 for one in weights) + 1


def _weights(
    prior: VideoPrior[Any], schedule: Schedule, steps: Steps
) -> tuple[Weights | None, ...]:
    course = prior.course(steps)
    return (None,) * course.lead + schedule.weights(course.times[course.lead :])


def _detail(given: Conditioning, estimate: Tensor) -> Tensor:
    """What the first estimate lacks of the source; of a masked one only the subject's."""
    missing = given.source - estimate
    return missing if given.mask is None else missing * given.mask


def _targets(consistent: Tensor, relit: Tensor, weight: Weights) -> Targets:
    return Targets(consistent, relit, torch.lerp(consistent, relit, weight.fusion))


class Returning:
    """Iterates a generator and keeps what it returns."""

    def __init__(self, running: Generator[None, None, Tensor]) -> None:
        self._running = running
        self.result: Tensor = torch.empty(0)

    def __iter__(self) -> Iterator[None]:
        self.result = yield from self._running
