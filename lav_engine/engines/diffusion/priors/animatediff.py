"""AnimateDiff: Stable Diffusion 1.5 with a motion adapter, for windows of up to 32 frames."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import EulerAncestralDiscreteScheduler, UNetMotionModel
from torch import Tensor

from lav_engine.engines.diffusion.imagevae import ImageVAE
from lav_engine.engines.diffusion.noise import Noise
from lav_engine.engines.diffusion.priors.base import Conditioning, Course, State, guided
from lav_engine.engines.diffusion.schedule import Steps

BETAS = {"beta_schedule": "linear"}  # the motion adapter was trained with these


class MotionModel:
    """The network and its latents, whatever is done with them."""

    def __init__(self, unet: UNetMotionModel, vae: ImageVAE, scheduler: dict[str, Any]) -> None:
        """`scheduler` is the config found beside the SD 1.5 weights."""
        self._unet: Any = unet  # its outputs are typed as one of several
        self.vae = vae
        self._config = {**scheduler, **BETAS}

    def scheduler(self, steps: Steps, start: int) -> Any:
        made: Any = EulerAncestralDiscreteScheduler.from_config(self._config)
        made.set_timesteps(steps.total)
        made.set_begin_index(start)
        return made

    def predict(self, state: State, text: Tensor) -> Tensor:
        """Noise (1, 4, F, h, w) for texts (1 or F, tokens, width)."""
        scaled = state.scheduler.scale_model_input(state.latents, state.time)
        texts = text.expand(state.latents.shape[2], -1, -1)
        dtype = self._unet.dtype
        return self._unet(scaled.to(dtype), state.time, texts.to(dtype)).sample.float()

    def guided(self, state: State) -> Tensor:
        return guided(self.predict, state)

    def clean(self, state: State, output: Tensor) -> Tensor:
        sigma = state.scheduler.sigmas[state.index]
        return self.decode(state.latents - sigma * output)

    def toward(self, state: State, target: Tensor) -> Tensor:
        """The noise prediction whose clean estimate is `target` pixels."""
        latents = _moved(self.vae.encode(target))
        return (state.latents - latents) / state.scheduler.sigmas[state.index]

    def stepped(self, state: State, output: Tensor) -> State:
        noise = state.given.noise
        return state.moved(noise.step(state.scheduler, output, state.time, state.latents))

    def decode(self, latents: Tensor) -> Tensor:
        return self.vae.decode(latents[0].movedim(1, 0))

    def noised(self, scheduler: Any, latents: Tensor, noise: Tensor, index: int) -> Tensor:
        """(F, 4, h, w) under noise (1, 4, F, h, w) of the timestep at `index`."""
        return scheduler.add_noise(_moved(latents), noise, scheduler.timesteps[index : index + 1])


def _moved(latents: Tensor) -> Tensor:
    """(F, 4, h, w) to (1, 4, F, h, w)"""
    return latents.movedim(1, 0).unsqueeze(0)


class AnimateDiff:
    """Relights a clip: starts from the clip under noise."""

    def __init__(self, model: MotionModel, *, parity: bool = False) -> None:
        self._model, self._parity = model, parity

    def course(self, steps: Steps) -> Course:
        return Course(tuple(self._model.scheduler(steps, 0).timesteps[steps.start :].tolist()))

    @torch.no_grad()
    def begin(self, given: Conditioning, steps: Steps) -> State:
        scheduler = self._model.scheduler(steps, steps.start)
        latents = self._model.vae.sample(given.source, given.noise)
        noise = _frames_first(given.noise, latents)
        latents = self._model.noised(scheduler, latents, noise, steps.start)
        return State(latents, steps.start, scheduler, given)

    @torch.no_grad()
    def clean(self, state: State) -> Tensor:
        return self._model.clean(state, self._predict(state))

    @torch.no_grad()
    def step(self, state: State, target: Tensor | None) -> State:
        model = self._model
        output = self._predict(state) if target is None else model.toward(state, target)
        return model.stepped(state, output)

    @torch.no_grad()
    def finish(self, state: State) -> Tensor:
        return self._model.decode(state.latents)

    def _predict(self, state: State) -> Tensor:
        if not self._parity:
            return self._model.guided(state)
        # The reference interleaves its texts, so that both halves are the same: even frames get the
        # negative prompt, odd ones the prompt, and guidance does nothing. One half says it all.
        given = state.given
        count = state.latents.shape[2]
        return self._model.predict(
            state, torch.cat([given.negative, given.text]).repeat(count, 1, 1)[:count]
        )


def _frames_first(noise: Noise, latents: Tensor) -> Tensor:
    """Noise drawn as the reference does, frames before channels, to (1, 4, F, h, w)."""
    return noise.draw((1, *latents.shape), frames=1).to(latents).movedim(2, 1)
