"""The causal VAEs of the video transformers: the same but for how their latents are scaled."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from lav_engine.engines.diffusion.noise import Noise

LATENT_FRAMES = 2  # the axis of (1, C, f, h, w)


class VideoVAE:
    """Pixels (F, 3, H, W), nominally in [-1, 1], to latents (1, C, f, h, w) and back.

    Latents are float32, less `mean` and over `deviation`: numbers, or tensors per channel.
    """

    def __init__(self, vae: Any, mean: Any, deviation: Any) -> None:
        self._vae, self._mean, self._deviation = vae, mean, deviation

    def encode(self, pixels: Tensor) -> Tensor:
        """The most likely latents."""
        return self._scaled(self._posterior(pixels).mode().float())

    def sample(self, pixels: Tensor, noise: Noise) -> Tensor:
        """Latents drawn from the posterior."""
        posterior = self._posterior(pixels)
        mean, deviation = posterior.mean.float(), posterior.std.float()
        return self._scaled(mean + deviation * noise.draw(mean.shape, LATENT_FRAMES).to(mean))

    def decode(self, latents: Tensor) -> Tensor:
        """Not clamped."""
        raw = latents * _beside(self._deviation, latents) + _beside(self._mean, latents)
        return self._vae.decode(raw.to(self._vae.dtype)).sample[0].movedim(1, 0).float()

    def _posterior(self, pixels: Tensor) -> Any:
        video = pixels.movedim(1, 0).unsqueeze(0)
        return self._vae.encode(video.to(self._vae.device, self._vae.dtype)).latent_dist

    def _scaled(self, latents: Tensor) -> Tensor:
        return (latents - _beside(self._mean, latents)) / _beside(self._deviation, latents)


def _beside(value: Any, latents: Tensor) -> Any:
    return value.to(latents) if isinstance(value, Tensor) else value
