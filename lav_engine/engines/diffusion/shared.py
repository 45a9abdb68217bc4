"""The models every engine shares: SD 1.5's VAE and text encoder, and IC-Light made from its UNet.

Each is loaded when first asked for and kept until the text encoders are released or all of it is
dropped. Loading draws no random number that a result depends on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import cpu_offload_with_hook
from diffusers import AutoencoderKL, UNet2DConditionModel
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from lav_engine.engines.diffusion import (
    files,
    folders,
    iclight,
    loras,
    models,
    outline,
    parts,
    prompts,
    weights,
)
from lav_engine.engines.diffusion.attention import steady
from lav_engine.engines.diffusion.device import Device, Kind
from lav_engine.engines.diffusion.imagevae import ImageVAE
from lav_engine.engines.diffusion.matte import Matte
from lav_engine.engines.diffusion.memory import Placement, Text, Turns
from lav_engine.engines.diffusion.models import Model
from lav_engine.spec import Lora

Pair = tuple[Tensor, Tensor]
TEXTS = ("clip", "words")


@dataclass(frozen=True, slots=True)
class Order:
    """What to load, from where, and how it may lie in memory."""

    video: Model
    models: Path | None  # a folder with models by name, instead of the shared cache
    image_loras: tuple[Lora, ...]
    video_loras: tuple[Lora, ...]
    device: Device
    placement: Placement
    files: str = ""  # as they lie there: another answer, other weights under the same paths


class Shared:
    """The image side of `family.Models`."""

    def __init__(self, order: Order) -> None:
        self.order = order
        kind = order.device.kind
        # With its number, as hooks compare devices.
        self._device = torch.device(kind.value, 0) if kind == Kind.cuda else torch.device(kind)
        self._kept: dict[str, Any] = {}  # networks
        self._said: dict[str, tuple[tuple[str, str], Pair]] = {}  # the last words and embeddings
        self._hooks: dict[str, Any] = {}

    @property
    def image_vae(self) -> ImageVAE:
        return self._once("image_vae", self._image_vae)

    def relighter_unet(self, gamma: float, *, background: bool = False) -> UNet2DConditionModel:
        name, other = ("fbc", "fc") if background else ("fc", "fbc")
        self._hooks.pop(other, None)
        self._forget(other)
        unet = self._once(name, lambda: self._placed(name, self._relighter(background)))
        steady(unet, gamma)
        return unet

    def relight_words(self, prompt: str) -> Pair:
        return self._words("relight", prompt, prompts.WORST, self._relight_words)

    def release_text(self) -> None:
        self._forget(*TEXTS)

    def outlines(self, frames: NDArray[np.float32], coarse: Matte) -> Matte | None:
        """SAM 2's, which leaves the memory at once."""
        folder = folders.installed(models.MODELS[models.OUTLINE], self.order.models)
        if folder is None:
            return None
        try:
            return outline.outlines(
                self._once("outline", lambda: outline.load(folder, self._device)), frames, coarse
            )
        finally:
            self._forget("outline")

    # --- for the engines' own parts

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def _forget(self, *names: str) -> None:
        gone = [self._kept.pop(name) for name in names if name in self._kept]
        if gone and self._device.type == "cuda":
            del gone
            torch.cuda.empty_cache()

    def _words(
        self, kind: str, prompt: str, negative: str, encode: Callable[[str, str], Pair]
    ) -> Pair:
        """The embeddings, from the last time if the words are the same."""
        words = prompt, negative
        if kind not in self._said or self._said[kind][0] != words:
            with torch.no_grad():
                wanted, unwanted = encode(prompt, negative)
            self._said[kind] = words, (wanted.to(self._device), unwanted.to(self._device))
        return self._said[kind][1]

    def _folder(self, model: Model) -> Path:
        return folders.folder(model, self.order.models)

    def _load(self, kind: Any, model: Model, folder: str, dtype: str | None = None) -> Any:
        type_ = getattr(torch, dtype or self.order.device.dtype(model))
        return parts.load(kind, self._folder(model) / folder, type_)

    def _load_text(self, kind: Any, model: Model) -> Any:
        """Where the plan has room; main memory's float16 would be too slow and too narrow."""
        if self.order.placement.text == Text.ram:
            return self._load(kind, model, "text_encoder", "bfloat16")
        if self.order.placement.text == Text.alone:
            self._hooks.clear()
            self._forget(*(name for name in list(self._kept) if name not in TEXTS))
        return self._load(kind, model, "text_encoder").to(self._device)

    def _tokenizer(self, kind: Any, model: Model) -> Any:
        return parts.tokenizer(kind, self._folder(model) / "tokenizer")

    def _clip(self) -> tuple[Any, Any]:
        """Tokenizer and text encoder of SD 1.5."""
        base = models.MODELS[models.BASE]
        return self._once(
            "clip",
            lambda: (self._tokenizer(CLIPTokenizer, base), self._load_text(CLIPTextModel, base)),
        )

    def _placed(self, name: str, network: Any) -> Any:
        """On the device for good, or taking turns with the other network of each step."""
        if self.order.placement.turns == Turns.together:
            return network.to(self._device)
        if self.order.placement.turns == Turns.blocks and name == "network":
            cpu = torch.device("cpu")
            network.enable_group_offload(self._device, cpu, "block_level", num_blocks_per_group=1)
            return network
        network, hook = cpu_offload_with_hook(network, self._device)
        for other in self._hooks.values():
            hook.hook.prev_module_hook, other.hook.prev_module_hook = other, hook
        self._hooks[name] = hook
        return network

    # --- the image models

    def _image_vae(self) -> ImageVAE:
        placement = self.order.placement
        vae = self._load(AutoencoderKL, models.MODELS[models.BASE], "vae").to(self._device)
        if placement.tiles:
            vae.enable_tiling()
        return ImageVAE(vae, placement.frames)

    def _relighter(self, background: bool) -> Any:
        """IC-Light: SD 1.5 widened, plus the offset, in float32 before it is rounded once."""
        base, model = models.MODELS[models.BASE], models.relighter(background)
        unet = self._load(UNet2DConditionModel, base, "unet", "float32")
        iclight.widen(unet, iclight.LATENT_CHANNELS * (3 if background else 2))
        file = self._folder(model) / model.file
        wanted = {name: tensor.shape for name, tensor in unet.state_dict().items()}
        weights.check_shapes(file, files.header(file), wanted)
        iclight.merge(unet, load_file(file))
        loras.merge(unet, self.order.image_loras, loras.IMAGE)
        with parts.quiet():
            unet.to(getattr(torch, self.order.device.dtype(base)))
        return unet.requires_grad_(False).eval()

    def _relight_words(self, prompt: str, negative: str) -> Pair:
        tokenizer, encoder = self._clip()
        return prompts.encode_pair(tokenizer, encoder, prompts.relight_prompt(prompt), negative)
