"""The seam between fusion and a video diffusion model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from torch import Tensor

from lav_engine.engines.diffusion.noise import Noise
from lav_engine.engines.diffusion.schedule import Steps


@dataclass(frozen=True, slots=True)
class Conditioning:
    """What a run is given. Pixels are (F, 3, H, W), nominally in [-1, 1]."""

    source: Tensor
    text: Tensor  # (1, tokens, width): what the video model's own text encoder made
    negative: Tensor
    noise: Noise
    guidance: float = 2.0
    mask: Tensor | None = None  # (F, 1, H, W), 1 on the subject: keep it, generate the rest
    initial: Tensor | None = None  # (F, 3, H, W) pixels a generated background starts from


@dataclass(frozen=True, slots=True)
class Course:
    """The timesteps a run visits; the first `lead` of them are never relit."""

    times: tuple[float, ...]
    lead: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Noisy latents, and where a stock scheduler is with them."""

    latents: Tensor
    index: int  # into the scheduler's timesteps
    scheduler: Any
    given: Conditioning

    @property
    def time(self) -> Tensor:
        return self.scheduler.timesteps[self.index]

    def moved(self, latents: Tensor) -> State:
        """One step on."""
        return replace(self, latents=latents, index=self.index + 1)


def guided(predict: Callable[[State, Tensor], Tensor], state: State) -> Tensor:
    """Classifier-free guidance. The halves run one after the other: half the memory."""
    given = state.given
    wanted = predict(state, given.text)
    if given.guidance <= 1:
        return wanted
    unwanted = predict(state, given.negative)
    return unwanted + given.guidance * (wanted - unwanted)


S = TypeVar("S")


class VideoPrior(Protocol[S]):
    """A video diffusion model as a noisy state, its clean estimate and a step toward a target.

    A state is used once: schedulers inside it move on.
    """

    def course(self, steps: Steps) -> Course: ...

    def begin(self, given: Conditioning, steps: Steps) -> S: ...

    def clean(self, state: S) -> Tensor:
        """The decoded estimate of x0, (F, 3, H, W), not clamped."""
        ...

    def step(self, state: S, target: Tensor | None) -> S:
        """One step of the stock scheduler, toward `target` pixels or (None) where it would go."""
        ...

    def finish(self, state: S) -> Tensor:
        """The decoded latents, (F, 3, H, W), not clamped."""
        ...
