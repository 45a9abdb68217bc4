"""The models of the Light-A-Video engines in their real sizes with random weights, or tiny ones.

Sizes are those of the public configs (SD 1.5, AnimateDiff v1-5-3, CogVideoX-2B, Wan2.1 1.3B),
written out. Speed and memory do not depend on what weights say.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
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

from lav_engine.engines.diffusion import iclight

TINY = Path(__file__).parents[1] / "tests" / "golden"

REAL: dict[str, Any] = {
    "unet": {
        "sample_size": 64,
        "cross_attention_dim": 768,
        "attention_head_dim": 8,
        "block_out_channels": (320, 640, 1280, 1280),
        "down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
        "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    },
    "vae": {
        "block_out_channels": (128, 256, 512, 512),
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "layers_per_block": 2,
        "latent_channels": 4,
        "sample_size": 512,
    },
    "motion_adapter": {"use_motion_mid_block": False},
    "eul": {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "steps_offset": 1,
        "timestep_spacing": "linspace",
    },
    "cog_transformer": {"num_attention_heads": 30, "attention_head_dim": 64, "num_layers": 30},
    "cog_vae": {"block_out_channels": (128, 256, 256, 512), "layers_per_block": 3},
    "cog_sched": {
        "beta_schedule": "scaled_linear",
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "clip_sample": False,
        "prediction_type": "v_prediction",
        "rescale_betas_zero_snr": True,
        "snr_shift_scale": 3.0,
        "timestep_spacing": "trailing",
    },
    "wan_transformer": {
        "num_attention_heads": 12,
        "attention_head_dim": 128,
        "text_dim": 4096,
        "ffn_dim": 8960,
        "num_layers": 30,
    },
    "wan_vae": {"base_dim": 96, "z_dim": 16},
}


@dataclass(frozen=True)
class Work:
    """A clip and its text as an engine sees them by default."""

    frames: int
    width: int
    height: int
    text: tuple[int, int]  # tokens and width of the video model's text


REAL_WORK = {
    "animatediff": Work(16, 512, 512, (77, 768)),
    "cogvideox": Work(49, 720, 480, (226, 4096)),
    "wan": Work(49, 832, 480, (512, 4096)),
}
TINY_WORK = {
    "animatediff": Work(4, 64, 64, (77, 32)),
    "cogvideox": Work(9, 64, 64, (16, 32)),
    "wan": Work(9, 64, 64, (64, 32)),
}


def configs(*, tiny: bool) -> dict[str, Any]:
    if not tiny:
        return REAL
    names = ("e_configs.json", "e_dit_configs.json")
    return {key: one for name in names for key, one in _read(TINY / name).items()}


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


class Models:
    """Random weights on `device`; each made when asked for."""

    def __init__(self, device: str, dtype: torch.dtype, *, tiny: bool) -> None:
        self.config = configs(tiny=tiny)
        self.device, self.dtype, self.tiny = device, dtype, tiny

    def unet(self) -> Any:
        return self._made(lambda: UNet2DConditionModel(**self.config["unet"]))

    def relighter(self) -> Any:
        unet = self.unet()
        iclight.widen(unet, 8)
        return unet

    def vae(self) -> Any:
        return self._made(lambda: AutoencoderKL(**self.config["vae"]))

    def motion(self) -> Any:
        return self._made(
            lambda: UNetMotionModel.from_unet2d(
                UNet2DConditionModel(**self.config["unet"]),
                MotionAdapter(**self.config["motion_adapter"]),
            )
        )

    def cogvideox(self) -> Any:
        return self._made(lambda: CogVideoXTransformer3DModel(**self.config["cog_transformer"]))

    def cogvideox_vae(self) -> Any:
        return self._made(lambda: AutoencoderKLCogVideoX(**_cog_vae(self.config["cog_vae"])))

    def wan(self) -> Any:
        return self._made(lambda: WanTransformer3DModel(**self.config["wan_transformer"]))

    def wan_vae(self) -> Any:
        return self._made(lambda: AutoencoderKLWan(**self.config["wan_vae"]))

    def _made(self, make: Callable[[], Any]) -> Any:
        with torch.device(self.device):
            made = make()
        return made.to(self.device, self.dtype).requires_grad_(False).eval()


def _cog_vae(config: dict[str, Any]) -> dict[str, Any]:
    blocks = len(config["block_out_channels"])
    return {
        "down_block_types": ("CogVideoXDownBlock3D",) * blocks,
        "up_block_types": ("CogVideoXUpBlock3D",) * blocks,
        "latent_channels": 16,
        "scaling_factor": 1.15258426,
        **config,
    }
