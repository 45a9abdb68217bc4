"""Wan text-to-video models as priors: flow matching, Euler, a causal video VAE."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderKLWan, FlowMatchEulerDiscreteScheduler, WanTransformer3DModel
from torch import Tensor

from lav_engine.engines.diffusion.priors.base import Conditioning, Course, State, guided
from lav_engine.engines.diffusion.priors.videovae import VideoVAE
from lav_engine.engines.diffusion.schedule import Steps

SHIFT = 3.0  # of the noise levels toward the noisy end, for 480p (Wan's own setting)


class Wan:
    """Takes 4k + 1 frames; width and height are multiples of 16."""

    def __init__(self, transformer: WanTransformer3DModel, vae: AutoencoderKLWan) -> None:
        self._transformer: Any = transformer  # its outputs are typed as one of several
        mean, deviation = (
            torch.tensor(vae.config[name]).view(1, -1, 1, 1, 1)
            for name in ("latents_mean", "latents_std")
        )
        self.vae = VideoVAE(vae, mean, deviation)

    def course(self, steps: Steps) -> Course:
        return Course(tuple(self._scheduler(steps).timesteps[steps.start :].tolist()))

    @torch.no_grad()
    def begin(self, given: Conditioning, steps: Steps) -> State:
        scheduler = self._scheduler(steps)
        clean = self.vae.sample(given.source, given.noise)
        noise = given.noise.draw(clean.shape, frames=2).to(clean)
        time = scheduler.timesteps[steps.start : steps.start + 1]
        return State(scheduler.scale_noise(clean, time, noise), steps.start, scheduler, given)

    @torch.no_grad()
    def clean(self, state: State) -> Tensor:
        return self.vae.decode(state.latents - self._sigma(state) * guided(self._predict, state))

    @torch.no_grad()
    def step(self, state: State, target: Tensor | None) -> State:
        output = guided(self._predict, state) if target is None else self._toward(state, target)
        return state.moved(state.scheduler.step(output, state.time, state.latents).prev_sample)

    @torch.no_grad()
    def finish(self, state: State) -> Tensor:
        return self.vae.decode(state.latents)

    def _scheduler(self, steps: Steps) -> Any:
        made: Any = FlowMatchEulerDiscreteScheduler(shift=SHIFT)
        made.set_timesteps(steps.total)
        made.set_begin_index(steps.start)
        return made

    def _sigma(self, state: State) -> Tensor:
        return state.scheduler.sigmas[state.index]

    def _toward(self, state: State, target: Tensor) -> Tensor:
        """The velocity whose clean estimate is `target` pixels."""
        return (state.latents - self.vae.encode(target)) / self._sigma(state)

    def _predict(self, state: State, text: Tensor) -> Tensor:
        dtype = self._transformer.dtype
        return self._transformer(
            hidden_states=state.latents.to(dtype),
            timestep=state.time[None].to(state.latents.device),
            encoder_hidden_states=text.to(dtype),
            return_dict=False,
        )[0].float()
