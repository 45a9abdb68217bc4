"""The tiny models of a golden folder: its configs and weights in the real classes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeVar

from diffusers import (
    AutoencoderKL,
    AutoencoderKLCogVideoX,
    AutoencoderKLWan,
    CogVideoXTransformer3DModel,
    MotionAdapter,
    UNet2DConditionModel,
    UNetMotionModel,
    WanTransformer3DModel,
)
from safetensors.torch import load_file
from stored import stored_file
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from lav_engine.engines.diffusion import iclight, parts
from lav_engine.engines.diffusion.attention import steady
from lav_engine.engines.diffusion.imagevae import ImageVAE

M = TypeVar("M", bound=nn.Module)


class Tiny:
    """The models of one golden folder, each made when asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config: dict[str, Any] = {}
        for name in ("e_configs.json", "e_dit_configs.json"):
            self.config |= json.loads(stored_file(folder, name).read_text())
        self._weights = load_file(stored_file(folder, "e_weights.safetensors"))

    def vae(self) -> ImageVAE:
        return ImageVAE(_filled(AutoencoderKL(**self.config["vae"]), self._part("vae")))

    def relighter_unet(self, gamma: float) -> UNet2DConditionModel:
        unet = self._unet()
        iclight.widen(unet, 8)
        iclight.merge(unet, self._part("iclight_offset"))
        steady(unet, gamma)
        return unet

    def motion_unet(self) -> UNetMotionModel:
        adapter = MotionAdapter(**self.config["motion_adapter"])
        _filled(adapter, self._part("motion_adapter"))
        with parts.quiet():
            unet: Any = UNetMotionModel.from_unet2d(self._unet(), adapter)
        return unet.eval()

    def text(self) -> tuple[CLIPTokenizer, CLIPTextModel]:
        encoder = CLIPTextModel(CLIPTextConfig(**self.config["clip_text"]))
        weights = {
            name.removeprefix("text_model."): tensor
            for name, tensor in self._part("text_encoder").items()
        }
        tokenizer = CLIPTokenizer.from_pretrained(stored_file(self.folder, "clip_tokenizer"))
        return tokenizer, _filled(encoder, weights)

    def cogvideox(self) -> tuple[CogVideoXTransformer3DModel, AutoencoderKLCogVideoX]:
        weights = load_file(stored_file(self.folder, "e_cog_weights.safetensors"))
        transformer = CogVideoXTransformer3DModel(**self.config["cog_transformer"])
        vae = AutoencoderKLCogVideoX(**self.config["cog_vae"])
        _filled(transformer, _under(weights, "transformer"))
        return transformer, _filled(vae, _under(weights, "vae"))

    def wan(self) -> tuple[WanTransformer3DModel, AutoencoderKLWan]:
        weights = load_file(stored_file(self.folder, "e_wan_weights.safetensors"))
        transformer = WanTransformer3DModel(**self.config["wan_transformer"])
        vae = AutoencoderKLWan(**self.config["wan_vae"])
        _filled(transformer, _under(weights, "transformer"))
        return transformer, _filled(vae, _under(weights, "vae"))

    def _unet(self) -> UNet2DConditionModel:
        return _filled(UNet2DConditionModel(**self.config["unet"]), self._part("unet"))

    def _part(self, name: str) -> dict[str, Tensor]:
        return _under(self._weights, name)


def _under(weights: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    start = f"{name}."
    return {key[len(start) :]: one for key, one in weights.items() if key.startswith(start)}


def _filled(module: M, weights: dict[str, Tensor]) -> M:
    module.load_state_dict(weights)
    module.requires_grad_(False)
    return module.eval()
