"""AnimateDiff with a new background: keeps the masked subject, generates the rest, relights."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from lav_engine.engines.diffusion.priors.animatediff import MotionModel
from lav_engine.engines.diffusion.priors.base import Conditioning, Course, State
from lav_engine.engines.diffusion.schedule import Steps

WHOLE = 0.9995  # subject and nothing else: above 254 of 255, below what resizing rounds


@dataclass(frozen=True, slots=True)
class Painting:
    motion: State
    lead: int  # steps before relighting
    subject: Tensor  # (F, 4, h, w) latents
    mask: Tensor  # (1, 1, F, h, w), 1 or 0
    noise: Tensor  # (1, 4, F, h, w): the same for the subject at every step


class Paint:
    """Generates with the subject put back before each step, then relights like AnimateDiff."""

    def __init__(self, model: MotionModel, *, parity: bool = False) -> None:
        self._model, self._parity = model, parity

    def course(self, steps: Steps) -> Course:
        times = self._model.scheduler(steps, 0).timesteps.tolist()
        return Course(tuple(times), lead=steps.start)

    @torch.no_grad()
    def begin(self, given: Conditioning, steps: Steps) -> Painting:
        assert given.initial is not None
        assert given.mask is not None
        scheduler = self._model.scheduler(steps, 0)
        initial = self._model.vae.encode(given.initial)
        shape = (1, initial.shape[1], len(initial), *initial.shape[2:])
        if self._parity:  # the reference draws once more than it uses
            given.noise.draw(shape, frames=2)
        noise = given.noise.draw(shape, frames=2).to(initial)
        motion = State(self._model.noised(scheduler, initial, noise, 0), 0, scheduler, given)
        subject = self._model.vae.encode(given.source)
        return Painting(motion, steps.start, subject, _latent_mask(given.mask, initial), noise)

    @torch.no_grad()
    def clean(self, state: Painting) -> Tensor:
        return self._model.clean(state.motion, self._predict(state))

    @torch.no_grad()
    def step(self, state: Painting, target: Tensor | None) -> Painting:
        if state.motion.index < state.lead:
            state = self.with_subject(state)
        model, motion = self._model, state.motion
        output = self._predict(state) if target is None else model.toward(motion, target)
        return replace(state, motion=model.stepped(motion, output))

    @torch.no_grad()
    def finish(self, state: Painting) -> Tensor:
        return self._model.decode(state.motion.latents)

    @torch.no_grad()
    def with_subject(self, state: Painting) -> Painting:
        """The state with the subject put back, under the noise of its timestep."""
        motion = state.motion
        subject = self._model.noised(motion.scheduler, state.subject, state.noise, motion.index)
        latents = motion.latents * (1 - state.mask) + state.mask * subject
        return replace(state, motion=replace(motion, latents=latents))

    def _predict(self, state: Painting) -> Tensor:
        if self._parity and state.motion.index >= state.lead:
            return self._model.predict(state.motion, state.motion.given.text)  # no guidance there
        return self._model.guided(state.motion)


def foreground(source: Tensor, mask: Tensor) -> Tensor:
    """The subject alone on neutral grey: what the relighter sees before there is a background.

    In IC-Light's own scale, where code 127 is exactly 0 and 255 a little over 1.
    """
    return torch.where(mask >= WHOLE, (source + 1) * (127.5 / 127) - 1, torch.zeros_like(source))


def _latent_mask(mask: Tensor, latents: Tensor) -> Tensor:
    """Only where the whole neighbourhood is subject, so that the edge is generated."""
    small = F.interpolate(mask, latents.shape[2:], mode="bilinear")
    return (small >= WHOLE).to(latents).movedim(1, 0).unsqueeze(0)
