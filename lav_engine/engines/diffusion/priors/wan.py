"""Wan text-to-video models as priors: flow matching, Euler, a causal video VAE."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from diffusers import AutoencoderKLWan, FlowMatchEulerDiscreteScheduler, WanTransformer3DModel
from torch import Tensor

from lav_engine.engines.diffusion.priors.base import Conditioning, Course
from lav_engine.engines.diffusion.schedule import Steps

SHIFT = 3.0  # of the noise levels toward the noisy end, for 480p (Wan's own setting)


@dataclass(frozen=True, slots=True)
class State:
    latents: Tensor  # (1, 16, f, h, w)
    index: int  # into the scheduler's timesteps
    scheduler: Any
    given: Conditioning


class Wan:
    """Takes 4k + 1 frames; width and height are multiples of 16."""

    def __init__(self, transformer: WanTransformer3DModel, vae: AutoencoderKLWan) -> None:
        # Outputs of both are typed as one of several.
        self._transformer: Any = transformer
        self._vae: Any = vae
        shape = (1, -1, 1, 1, 1)
        self._mean = torch.tensor(self._vae.config["latents_mean"]).view(shape)
        self._deviation = torch.tensor(self._vae.config["latents_std"]).view(shape)

    def course(self, steps: Steps) -> Course:
        return Course(tuple(self._scheduler(steps).timesteps[steps.start :].tolist()))

    @torch.no_grad()
    def begin(self, given: Conditioning, steps: Steps) -> State:
        scheduler = self._scheduler(steps)
        posterior = self._posterior(given.source)
        drawn = given.noise.draw(posterior.mean.shape, frames=2).to(posterior.mean)
        clean = self._scaled(posterior.mean + posterior.std * drawn)
        noise = given.noise.draw(clean.shape, frames=2).to(clean)
        time = scheduler.timesteps[steps.start : steps.start + 1]
        return State(scheduler.scale_noise(clean, time, noise), steps.start, scheduler, given)

    @torch.no_grad()
    def clean(self, state: State) -> Tensor:
        return self._decode(state.latents - self._sigma(state) * self._guided(state))

    @torch.no_grad()
    def step(self, state: State, target: Tensor | None) -> State:
        output = self._guided(state) if target is None else self._toward(state, target)
        time = state.scheduler.timesteps[state.index]
        stepped = state.scheduler.step(output, time, state.latents).prev_sample
        return replace(state, latents=stepped, index=state.index + 1)

    @torch.no_grad()
    def finish(self, state: State) -> Tensor:
        return self._decode(state.latents)

    def _scheduler(self, steps: Steps) -> Any:
        made: Any = FlowMatchEulerDiscreteScheduler(shift=SHIFT)
        made.set_timesteps(steps.total)
        made.set_begin_index(steps.start)
        return made

    def _sigma(self, state: State) -> Tensor:
        return state.scheduler.sigmas[state.index]

    def _toward(self, state: State, target: Tensor) -> Tensor:
        """The velocity whose clean estimate is `target` pixels."""
        clean = self._scaled(self._posterior(target).mode())
        return (state.latents - clean) / self._sigma(state)

    def _guided(self, state: State) -> Tensor:
        given = state.given
        wanted = self._predict(state, given.text)
        if given.guidance <= 1:
            return wanted
        unwanted = self._predict(state, given.negative)
        return unwanted + given.guidance * (wanted - unwanted)

    def _predict(self, state: State, text: Tensor) -> Tensor:
        dtype = self._transformer.dtype
        time = state.scheduler.timesteps[state.index : state.index + 1]
        return self._transformer(
            hidden_states=state.latents.to(dtype),
            timestep=time.to(state.latents.device),
            encoder_hidden_states=text.to(dtype),
            return_dict=False,
        )[0].float()

    def _posterior(self, pixels: Tensor) -> Any:
        """Over (1, 16, f, h, w)"""
        video = pixels.movedim(1, 0).unsqueeze(0).to(self._vae.device, self._vae.dtype)
        return self._vae.encode(video).latent_dist

    def _scaled(self, latents: Tensor) -> Tensor:
        latents = latents.float()
        return (latents - self._mean.to(latents)) / self._deviation.to(latents)

    def _decode(self, latents: Tensor) -> Tensor:
        raw = latents * self._deviation.to(latents) + self._mean.to(latents)
        return self._vae.decode(raw.to(self._vae.dtype)).sample[0].movedim(1, 0).float()
