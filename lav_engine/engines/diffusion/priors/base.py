"""The seam between fusion and a video diffusion model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

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
