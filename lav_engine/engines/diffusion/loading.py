"""The engines' models from folders on this computer: `family.Models` over real weights."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import torch
from diffusers import (
    AutoencoderKLCogVideoX,
    AutoencoderKLWan,
    CogVideoXDDIMScheduler,
    CogVideoXTransformer3DModel,
    EulerAncestralDiscreteScheduler,
    MotionAdapter,
    UNet2DConditionModel,
    UNetMotionModel,
    WanTransformer3DModel,
)
from torch import Tensor
from transformers import AutoTokenizer, T5EncoderModel, UMT5EncoderModel

from lav_engine.engines.diffusion import files, folders, loras, models, parts, prompts, weights
from lav_engine.engines.diffusion.device import Device
from lav_engine.engines.diffusion.family import Family
from lav_engine.engines.diffusion.memory import MemoryPlan
from lav_engine.engines.diffusion.priors.animatediff import BETAS, AnimateDiff, MotionModel
from lav_engine.engines.diffusion.priors.base import VideoPrior
from lav_engine.engines.diffusion.priors.cogvideox import CogVideoX
from lav_engine.engines.diffusion.priors.paint import Paint
from lav_engine.engines.diffusion.priors.wan import Wan
from lav_engine.engines.diffusion.shared import Order, Pair, Shared
from lav_engine.spec import Diffusion

WAN_TOKENS = 512  # that Wan's text encoder reads; rows after the words are zero
STRIDE, PIXELS = 4, 8  # media frames and pixels per latent of Wan's VAE


def open_models(family: Family, options: Diffusion, device: Device, plan: MemoryPlan) -> Loaded:
    """Finds and checks all that `options` ask for; weights are loaded when they are first used.

    Raises LavError: a model is missing or unusable, or cannot do what the options ask of it.
    """
    video = models.video_model(family.name, options.video_model)
    models.check_strength(video, options.strength or family.defaults.strength)
    needed = models.needed(family.name, options.video_model, background=options.background)
    for model in needed:
        weights.check_model(model, folders.folder(model, options.models))
    for lora in (*options.image_loras, *options.video_loras):
        weights.check_lora(lora.path)
    loaded = ENGINES[family.name](
        Order(
            video,
            options.models,
            options.image_loras,
            options.video_loras,
            device,
            plan.placement,
            _files(needed, options),
        )
    )
    loaded.scheduler()
    return loaded


def _files(needed: tuple[models.Model, ...], options: Diffusion) -> str:
    """Says which weights would be loaded now, without reading them."""
    stamps = [files.stamp(one.path) for one in (*options.image_loras, *options.video_loras)]
    return "; ".join([*(folders.identity(one, options.models) for one in needed), str(stamps)])


class Loaded(Shared, ABC):
    """What the engines' video models have in common."""

    def video_words(self, prompt: str, negative: str) -> Pair:
        return self._words("video", prompt, negative, self._video_words)

    @abstractmethod
    def prior(self, *, parity: bool, new_background: bool) -> VideoPrior[Any]: ...

    def scheduler(self) -> dict[str, Any]:
        """The config beside the weights, tried; {} where none is read.

        Raises LavError(MODEL_UNUSABLE).
        """
        return {}

    def _video_words(self, prompt: str, negative: str) -> Pair:
        return self._encode(prompt), self._encode(negative)

    @abstractmethod
    def _encode(self, text: str) -> Tensor: ...

    def _short(self, network: Any, latents: tuple[int, ...]) -> str:
        """Why latents of this shape are more than the network has positions for; else ""."""
        return ""

    def _transformer(self, kind: Any, loader: Any) -> Any:
        """The video model's network, the same for all windows."""

        def make() -> Any:
            network = self._load(kind, self.order.video, self.order.video.network)
            folder = self._folder(self.order.video) / self.order.video.network
            parts.limit(network, folder, self._short)
            loras.merge(network, self.order.video_loras, loader)
            return self._placed("network", network)

        return self._once("network", make)

    def _video_vae(self, kind: Any, *, exact: bool = False) -> Any:
        def make() -> Any:
            dtype = "float32" if exact and self.order.placement.exact_vae else None
            vae = self._load(kind, self.order.video, "vae", dtype).to(self._device)
            if self.order.placement.tiles:
                vae.enable_tiling()
            return vae

        return self._once("video_vae", make)

    def _t5(self, kind: Any) -> tuple[Any, Any]:
        """Tokenizer and text encoder of the video model."""
        model = self.order.video
        return self._once(
            "words", lambda: (self._tokenizer(AutoTokenizer, model), self._load_text(kind, model))
        )


class AnimateDiffModels(Loaded):
    def prior(self, *, parity: bool, new_background: bool) -> VideoPrior[Any]:
        unet = self._once("network", lambda: self._placed("network", self._motion_unet()))
        model = MotionModel(unet, self.image_vae, self.scheduler())
        return (Paint if new_background else AnimateDiff)(model, parity=parity)

    def scheduler(self) -> dict[str, Any]:
        folder = self._folder(models.MODELS[models.BASE]) / "scheduler"
        return parts.scheduler(EulerAncestralDiscreteScheduler, folder, **BETAS)

    def _encode(self, text: str) -> Tensor:
        tokenizer, encoder = self._clip()
        return prompts.encode_short(tokenizer, encoder, text)

    def _short(self, network: Any, latents: tuple[int, ...]) -> str:
        most, frames = network.config.motion_max_seq_length, latents[2]
        if frames <= most:
            return ""
        return f"its motion_max_seq_length of {most} is enough for {most} frames, not for {frames}"

    def _motion_unet(self) -> Any:
        base, model = models.MODELS[models.BASE], self.order.video
        image = self._load(UNet2DConditionModel, base, "unet")
        adapter = self._load(MotionAdapter, model, ".")
        try:
            with parts.quiet():
                unet: Any = UNetMotionModel.from_unet2d(image, adapter)
        except (ValueError, RuntimeError) as error:
            folder = self._folder(model)
            reason = "it is a motion adapter for another image model"
            raise files.unusable(folder, reason) from error
        parts.limit(unet, self._folder(model), self._short)
        loras.merge(unet, self.order.video_loras, loras.IMAGE)
        return unet.requires_grad_(False).eval()


class CogVideoXModels(Loaded):
    def prior(self, *, parity: bool, new_background: bool) -> VideoPrior[Any]:
        assert not new_background, "AnimateDiff alone makes backgrounds"
        transformer = self._transformer(CogVideoXTransformer3DModel, loras.COGVIDEOX)
        vae = self._video_vae(AutoencoderKLCogVideoX)
        return CogVideoX(transformer, vae, self.scheduler())

    def scheduler(self) -> dict[str, Any]:
        folder = self._folder(self.order.video) / "scheduler"
        return parts.scheduler(CogVideoXDDIMScheduler, folder)

    def _encode(self, text: str) -> Tensor:
        """As diffusers' CogVideoX pipelines: padding is read like words."""
        folder = self._folder(self.order.video) / self.order.video.network
        length = files.check_json(folder / "config.json").get("max_text_seq_length", 226)
        tokenizer, encoder = self._t5(T5EncoderModel)
        ids = tokenizer(text, padding="max_length", max_length=length, truncation=True).input_ids
        return encoder(torch.tensor([ids], device=encoder.device)).last_hidden_state


class WanModels(Loaded):
    def prior(self, *, parity: bool, new_background: bool) -> VideoPrior[Any]:
        assert not new_background, "AnimateDiff alone makes backgrounds"
        transformer = self._transformer(WanTransformer3DModel, loras.WAN)
        return Wan(transformer, self._video_vae(AutoencoderKLWan, exact=True))

    def _short(self, network: Any, latents: tuple[int, ...]) -> str:
        config = network.config
        most = config.rope_max_seq_len
        (frames, high, wide), patch = latents[2:], config.patch_size
        if all(one // by <= most for one, by in zip(latents[2:], patch, strict=True)):
            return ""
        longest = (most * patch[0] - 1) * STRIDE + 1
        return (
            f"its rope_max_seq_len of {most} is enough for {longest} frames of "
            f"{most * patch[2] * PIXELS} x {most * patch[1] * PIXELS}, not for "
            f"{(frames - 1) * STRIDE + 1} of {wide * PIXELS} x {high * PIXELS}"
        )

    def _encode(self, text: str) -> Tensor:
        """As diffusers' Wan pipelines: padding is hidden from the encoder, its rows are zero."""
        tokenizer, encoder = self._t5(UMT5EncoderModel)
        given = tokenizer(text, padding="max_length", max_length=WAN_TOKENS, truncation=True)
        ids, mask = (
            torch.tensor([row], device=encoder.device)
            for row in (given.input_ids, given.attention_mask)
        )
        return encoder(ids, mask).last_hidden_state * mask.unsqueeze(-1)


ENGINES = {"animatediff": AnimateDiffModels, "cogvideox": CogVideoXModels, "wan": WanModels}
