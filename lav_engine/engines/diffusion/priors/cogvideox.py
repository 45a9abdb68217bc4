"""CogVideoX text-to-video models as priors: v-prediction, DDIM, a causal video VAE."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderKLCogVideoX, CogVideoXDDIMScheduler, CogVideoXTransformer3DModel
from diffusers.models.embeddings import get_3d_rotary_pos_embed
from torch import Tensor

from lav_engine.engines.diffusion.priors.base import Conditioning, Course, State, guided
from lav_engine.engines.diffusion.priors.videovae import VideoVAE
from lav_engine.engines.diffusion.schedule import Steps


class CogVideoX:
    """Takes 8k + 1 frames; others its VAE does not give back in number or quality."""

    def __init__(
        self,
        transformer: CogVideoXTransformer3DModel,
        vae: AutoencoderKLCogVideoX,
        scheduler: dict[str, Any],
    ) -> None:
        """`scheduler` is the config found beside the weights."""
        self._transformer: Any = transformer  # its outputs are typed as one of several
        self.vae = VideoVAE(vae, 0.0, 1 / vae.config["scaling_factor"])
        self._config = scheduler

    def course(self, steps: Steps) -> Course:
        return Course(tuple(self._scheduler(steps).timesteps[steps.start :].tolist()))

    @torch.no_grad()
    def begin(self, given: Conditioning, steps: Steps) -> State:
        scheduler = self._scheduler(steps)
        clean = _frames_first(self.vae.sample(given.source, given.noise))
        noise = given.noise.draw(clean.shape, frames=1).to(clean)
        time = scheduler.timesteps[steps.start : steps.start + 1]
        latents = scheduler.add_noise(clean, noise, time) * scheduler.init_noise_sigma
        return State(latents, steps.start, scheduler, given)

    @torch.no_grad()
    def clean(self, state: State) -> Tensor:
        signal, noise = self._levels(state)
        return self._decode(signal * state.latents - noise * guided(self._predict, state))

    @torch.no_grad()
    def step(self, state: State, target: Tensor | None) -> State:
        output = guided(self._predict, state) if target is None else self._toward(state, target)
        return state.moved(state.scheduler.step(output, state.time, state.latents).prev_sample)

    @torch.no_grad()
    def finish(self, state: State) -> Tensor:
        return self._decode(state.latents)

    def _scheduler(self, steps: Steps) -> Any:
        made: Any = CogVideoXDDIMScheduler.from_config(self._config)
        made.set_timesteps(steps.total)
        return made

    def _levels(self, state: State) -> tuple[Tensor, Tensor]:
        """How much signal and how much noise is in the latents."""
        alpha = state.scheduler.alphas_cumprod[state.time]
        return alpha.sqrt(), (1 - alpha).sqrt()

    def _toward(self, state: State, target: Tensor) -> Tensor:
        """The v prediction whose clean estimate is `target` pixels."""
        signal, noise = self._levels(state)
        clean = _frames_first(self.vae.encode(target))
        return (signal * state.latents - clean) / noise

    def _predict(self, state: State, text: Tensor) -> Tensor:
        dtype = self._transformer.dtype
        return self._transformer(
            hidden_states=state.latents.to(dtype),
            encoder_hidden_states=text.to(dtype),
            timestep=state.time[None].to(state.latents.device),
            image_rotary_emb=self._rotary(state.latents),
            return_dict=False,
        )[0].float()

    def _rotary(self, latents: Tensor) -> Any:
        """Positions for the models that want them (5B); as in diffusers' CogVideoX pipelines."""
        config = self._transformer.config
        if not config.use_rotary_positional_embeddings:
            return None
        patch = config.patch_size
        rows, columns = latents.shape[3] // patch, latents.shape[4] // patch
        full = config.sample_height // patch, config.sample_width // patch
        return get_3d_rotary_pos_embed(
            embed_dim=config.attention_head_dim,
            crops_coords=_cropped((rows, columns), full),
            grid_size=(rows, columns),
            temporal_size=latents.shape[1],
            device=latents.device,
        )

    def _decode(self, latents: Tensor) -> Tensor:
        return self.vae.decode(latents.movedim(1, 2))


def _frames_first(latents: Tensor) -> Tensor:
    """(1, 16, f, h, w) of the VAE to (1, f, 16, h, w) of the transformer."""
    return latents.movedim(2, 1)


def _cropped(
    size: tuple[int, int], full: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a picture of `size` patches lies in the `full` one that the model was trained on."""
    (rows, columns), (all_rows, all_columns) = size, full
    scale = min(all_rows / rows, all_columns / columns)
    height, width = round(rows * scale), round(columns * scale)
    top, left = round((all_rows - height) / 2), round((all_columns - width) / 2)
    return (top, left), (top + height, left + width)
