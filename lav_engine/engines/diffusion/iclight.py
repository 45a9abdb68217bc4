"""IC-Light as fusion's image relighter: SD 1.5, conditioned on the frame, started from the light.

The model (lllyasviel/IC-Light) reads the frame's latents beside the noisy ones, so its first
convolution is wider than SD 1.5's, and its weights are an offset to SD 1.5's. `fc` is conditioned
on the frame, `fbc` on the frame and a background.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler, UNet2DConditionModel
from numpy.typing import NDArray
from torch import Tensor, nn

from lav_engine.engines.diffusion import schedule
from lav_engine.engines.diffusion.imagevae import ImageVAE
from lav_engine.engines.diffusion.noise import Noise

LATENT_CHANNELS = 4

# The demo's sampler, beta schedule included: "linear" although SD 1.5 learnt "scaled_linear".
SAMPLER = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "algorithm_type": "sde-dpmsolver++",
    "use_karras_sigmas": True,
    "steps_offset": 1,
}


@dataclass(frozen=True, slots=True)
class Settings:
    steps: int = 15
    strength: float = 0.9  # of the noise over the light image; 1 forgets it
    guidance: float = 2.0  # 1 or less: without
    parity: bool = False  # the reference's rounding of steps


@dataclass(frozen=True, slots=True)
class Lighting:
    """What the light is, ready for the model."""

    text: Tensor  # (1, tokens, width)
    negative: Tensor
    image: Tensor  # latents (1 or F, 4, h, w) of the light image
    background: Tensor | None = None  # latents (1 or F, 4, h, w): fbc models only


def widen(unet: Any, channels: int) -> None:
    """Lets `unet` read `channels` latent channels; the new ones start out ignored."""
    old: Any = unet.conv_in
    new: Any = nn.Conv2d(channels, old.out_channels, old.kernel_size, old.stride, old.padding)
    new.to(old.weight)
    with torch.no_grad():
        new.weight.zero_()
        new.weight[:, : old.in_channels].copy_(old.weight)
        new.bias.copy_(old.bias)
    unet.conv_in = new.requires_grad_(old.weight.requires_grad)
    unet.register_to_config(in_channels=channels)


def merge(unet: UNet2DConditionModel, offset: Mapping[str, Tensor]) -> None:
    """Adds IC-Light's offset to a widened SD 1.5, every weight of it."""
    weights = unet.state_dict()
    unet.load_state_dict({name: weights[name] + offset[name].to(weights[name]) for name in weights})


def light_tensor(image: NDArray[np.uint8]) -> Tensor:
    """A light image (H, W, 3) as pixels (1, 3, H, W): grey 127 is exactly 0, as IC-Light learnt."""
    return torch.from_numpy(image).permute(2, 0, 1).unsqueeze(0).float() / 127 - 1


class ICLight:
    """Relights frames; each call starts anew from the light image."""

    def __init__(
        self,
        unet: UNet2DConditionModel,
        vae: ImageVAE,
        lighting: Lighting,
        noise: Noise,
        settings: Settings = Settings(),
    ) -> None:
        self._unet: Any = unet  # its outputs are typed as one of several
        self._vae, self._lighting = vae, lighting
        self._noise, self._settings = noise, settings
        self._steps = schedule.relighting(settings.steps, settings.strength, parity=settings.parity)

    @property
    def steps(self) -> int:
        return self._steps.kept

    @torch.no_grad()
    def __call__(self, frames: Tensor) -> Generator[None, None, Tensor]:
        sampler: Any = DPMSolverMultistepScheduler(**SAMPLER)
        sampler.set_timesteps(self._steps.total)
        times = sampler.timesteps[self._steps.start :]
        sampler.set_begin_index(self._steps.start)
        condition = self._condition(frames)
        latents = self._start(sampler, times[:1], len(frames)).to(condition)
        for time in times:
            output = self._predict(latents, time, condition)
            noise = self._noise.draw(latents.shape, frames=0).to(latents)
            latents = sampler.step(output, time, latents, variance_noise=noise).prev_sample
            yield
        return self._vae.decode(latents)

    def _condition(self, frames: Tensor) -> Tensor:
        latents = self._vae.encode(frames)
        background = self._lighting.background
        if background is None:
            return latents
        return torch.cat([latents, background.to(latents).expand_as(latents)], dim=1)

    def _start(self, sampler: Any, time: Tensor, count: int) -> Tensor:
        """The light image under noise that all frames share."""
        image = self._lighting.image
        noise = self._noise.draw((1, *image.shape[1:]), frames=None).to(image)
        return sampler.add_noise(image.expand(count, -1, -1, -1), noise, time)

    def _predict(self, latents: Tensor, time: Tensor, condition: Tensor) -> Tensor:
        """The guidance halves run one after the other: half the memory, the same result."""
        given, guidance = torch.cat([latents, condition], dim=1), self._settings.guidance
        wanted = self._half(given, time, self._lighting.text)
        if guidance <= 1:
            return wanted
        unwanted = self._half(given, time, self._lighting.negative)
        return unwanted + guidance * (wanted - unwanted)

    def _half(self, given: Tensor, time: Tensor, text: Tensor) -> Tensor:
        text = text.expand(len(given), -1, -1)
        dtype = self._unet.dtype
        return self._unet(given.to(dtype), time, text.to(dtype)).sample.float()
