"""The reference's schedule (bcmi/Light-A-Video, commit 1b44482), transcribed for timing.

What its scripts do per step, in their order and batching: both guidance halves of all frames in one
relighter batch, light attention over expanded keys and values, both halves of the video model in
one batch (Wan: in turn), noise drawn on the CPU, everything on one device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from diffusers import DPMSolverMultistepScheduler
from torch import Tensor

from lav_engine.engines.diffusion.attention import light_layers
from lav_engine.engines.diffusion.iclight import SAMPLER
from lav_engine.engines.diffusion.schedule import relighting

CHUNK = 16


def share_light(unet: Any, gamma: float) -> None:
    """Light attention as a replaced forward: means expanded to all frames before attending."""
    layers = dict(unet.named_modules())
    for name in light_layers(unet):
        layers[name].forward = _shared(layers[name], gamma)


def _shared(attn: Any, gamma: float) -> Callable[..., Tensor]:
    def forward(hidden_states: Tensor, *_: Any, **__: Any) -> Tensor:
        count, tokens, _width = hidden_states.shape
        query, key, value = (
            project(hidden_states).view(count, tokens, attn.heads, -1).transpose(1, 2)
            for project in (attn.to_q, attn.to_k, attn.to_v)
        )
        alone = F.scaled_dot_product_attention(query, key, value)
        mean_key, mean_value = (_mean(one) for one in (key, value))
        shared = F.scaled_dot_product_attention(query, mean_key, mean_value)
        answer = (1 - gamma) * alone + gamma * shared
        answer = answer.transpose(1, 2).reshape(count, tokens, -1)
        answer = attn.to_out[1](attn.to_out[0](answer))
        if attn.residual_connection:
            answer = answer + hidden_states
        return answer / attn.rescale_output_factor

    return forward


def _mean(one: Tensor) -> Tensor:
    halves = one.reshape(2, -1, *one.shape[1:])
    frames = halves.shape[1]
    return halves.mean(1, keepdim=True).expand(-1, frames, -1, -1, -1).reshape(one.shape)


class Relighter:
    def __init__(self, unet: Any, vae: Any, text: Tensor, light: Tensor, steps: int) -> None:
        self._unet, self._vae, self._light = unet, vae, light
        self._text, self._count = text, steps

    def __call__(self, frames: Tensor) -> Tensor:
        count = len(frames)
        condition = _in_chunks(frames, self._encode).repeat(2, 1, 1, 1)
        steps = relighting(self._count, 0.9, parity=True)
        sampler: Any = DPMSolverMultistepScheduler(**SAMPLER)
        sampler.set_timesteps(steps.total, device=frames.device)
        sampler.set_begin_index(steps.start)
        times = sampler.timesteps[steps.start :]
        light = self._light.expand(count, -1, -1, -1)
        latents = sampler.add_noise(light, _noise(light[:1]).expand_as(light), times[:1])
        text = torch.cat([one.expand(count, -1, -1) for one in (-self._text, self._text)])
        for time in times:
            given = torch.cat([latents.repeat(2, 1, 1, 1), condition], dim=1)
            unwanted, wanted = self._unet(given, time, text).sample.chunk(2)
            answer = unwanted + 2.0 * (wanted - unwanted)
            noise = _noise(latents)
            latents = sampler.step(answer, time, latents, variance_noise=noise).prev_sample
        return _in_chunks(latents, self._decode)

    def _encode(self, frames: Tensor) -> Tensor:
        return self._vae.encode(frames).latent_dist.mode() * 0.18215

    def _decode(self, latents: Tensor) -> Tensor:
        return self._vae.decode(latents / 0.18215).sample


def _noise(like: Tensor) -> Tensor:
    return torch.randn(like.shape).to(like)


def _in_chunks(given: Tensor, work: Callable[[Tensor], Tensor]) -> Tensor:
    return torch.cat([work(part) for part in given.split(CHUNK)])


class AnimateDiff:
    """Latents (1, 4, F, h, w)"""

    def __init__(self, unet: Any, vae: Any, text: Tensor) -> None:
        self._unet, self._vae, self._text = unet, vae, text

    def predict(self, latents: Tensor, time: Tensor) -> Tensor:
        frames = latents.shape[2]
        text = torch.cat([-self._text, self._text]).repeat(frames, 1, 1)  # interleaved, as it is
        answers = self._unet(torch.cat([latents] * 2), time, text).sample
        unwanted, wanted = answers.chunk(2)
        return unwanted + 2.0 * (wanted - unwanted)

    def encode(self, pixels: Tensor) -> Tensor:
        latents = _in_chunks(pixels, lambda one: self._vae.encode(one).latent_dist.mode())
        return (latents * 0.18215).movedim(1, 0).unsqueeze(0)

    def decode(self, latents: Tensor) -> Tensor:
        frames = latents[0].movedim(1, 0) / 0.18215
        return _in_chunks(frames, lambda one: self._vae.decode(one).sample)


class Video:
    """CogVideoX, latents (1, f, C, h, w), and Wan, (1, C, f, h, w)"""

    def __init__(self, network: Any, vae: Any, text: Tensor, *, together: bool) -> None:
        self._network, self._vae, self._text = network, vae, text
        self._together = together  # CogVideoX

    def predict(self, latents: Tensor, time: Tensor) -> Tensor:
        both = (-self._text, self._text)
        if self._together:
            unwanted, wanted = self._ask(
                latents.repeat(2, 1, 1, 1, 1), time, torch.cat(both)
            ).chunk(2)
        else:
            unwanted, wanted = (self._ask(latents, time, one) for one in both)
        return unwanted + 2.0 * (wanted - unwanted)

    def _ask(self, latents: Tensor, time: Tensor, text: Tensor) -> Tensor:
        return self._network(
            hidden_states=latents,
            encoder_hidden_states=text,
            timestep=time.expand(len(latents)),
            return_dict=False,
        )[0]

    def encode(self, pixels: Tensor) -> Tensor:
        latents = self._vae.encode(pixels.movedim(1, 0).unsqueeze(0)).latent_dist.mode()
        return latents.movedim(2, 1) if self._together else latents

    def decode(self, latents: Tensor) -> Tensor:
        video = latents.movedim(1, 2) if self._together else latents
        return self._vae.decode(video).sample[0].movedim(1, 0)


def relit_step(model: Any, relighter: Relighter, latents: Tensor, source: Tensor) -> Tensor:
    """One outer step with relighting; its own arithmetic is a few additions."""
    time = torch.tensor([500.0], device=latents.device)
    clean = model.decode(latents - 0.5 * model.predict(latents, time))
    consistent = clean + 0.5 * (source - clean)
    fused = torch.lerp(consistent, relighter(consistent), 0.5)
    return latents + 0.1 * (latents - model.encode(fused))


def plain_step(model: Any, latents: Tensor) -> Tensor:
    return latents - 0.1 * model.predict(latents, torch.tensor([500.0], device=latents.device))
