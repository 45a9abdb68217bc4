"""The Stable Diffusion VAE that IC-Light and AnimateDiff share, a few frames at a time."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from lav_engine.engines.diffusion.noise import Noise

CHUNK = 16  # frames at once, as in the reference


class ImageVAE:
    """Pixels (F, 3, H, W), nominally in [-1, 1], to latents (F, 4, H/8, W/8) and back.

    Latents carry the VAE's own scaling (.18215 for SD 1.5).
    """

    def __init__(self, vae: AutoencoderKL, chunk: int = CHUNK) -> None:
        self._vae: Any = vae  # its outputs are typed as one of several
        self._chunk = chunk
        self._scale: float = self._vae.config["scaling_factor"]

    def encode(self, pixels: Tensor) -> Tensor:
        """The most likely latents."""
        mean, _ = self._posterior(pixels)
        return mean * self._scale

    def sample(self, pixels: Tensor, noise: Noise) -> Tensor:
        """Latents drawn from the posterior."""
        mean, deviation = self._posterior(pixels)
        drawn = noise.draw(mean.shape, frames=0).to(mean)
        return (mean + deviation * drawn) * self._scale

    def decode(self, latents: Tensor) -> Tensor:
        """Not clamped."""
        parts = (latents.to(self._vae.dtype) / self._scale).split(self._chunk)
        return torch.cat([self._vae.decode(part).sample for part in parts]).float()

    def _posterior(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        parts = pixels.to(self._vae.device, self._vae.dtype).split(self._chunk)
        found = [self._vae.encode(part).latent_dist for part in parts]
        mean = torch.cat([one.mean for one in found])
        return mean.float(), torch.cat([one.std for one in found]).float()
