"""Folders of tiny models as Hugging Face lays them out, made from the golden weights.

The engines load them with the same code as real ones; only their configs are small.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLCogVideoX,
    AutoencoderKLWan,
    CogVideoXDDIMScheduler,
    CogVideoXTransformer3DModel,
    EulerAncestralDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    MotionAdapter,
    UNet2DConditionModel,
    WanTransformer3DModel,
)
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import (
    CLIPTextConfig,
    Sam2VideoConfig,
    Sam2VideoModel,
    T5Config,
    T5EncoderModel,
    UMT5Config,
    UMT5EncoderModel,
)

from lav_engine.engines.diffusion import parts

GOLDEN = Path(__file__).parent / "golden"
WEIGHTS = "diffusion_pytorch_model.safetensors"
SAM = {  # a sixteenth of the picture, an eighth of the width
    "image_size": 64,
    "vision_config": {
        "model_type": "sam2_vision_model",
        "backbone_config": {
            "model_type": "sam2_hiera_det_model",
            "hidden_size": 8,
            "image_size": [64, 64],
            "blocks_per_stage": [1, 1, 2, 1],
            "embed_dim_per_stage": [8, 16, 32, 64],
            "num_attention_heads_per_stage": [1, 2, 2, 2],
            "window_size_per_stage": [4, 4, 4, 4],
            "global_attention_blocks": [3],
            "window_positional_embedding_background_size": [4, 4],
        },
        "backbone_channel_list": [64, 32, 16, 8],
        "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
        "fpn_hidden_size": 32,
    },
    "prompt_encoder_config": {"hidden_size": 32, "image_size": 64},
    "mask_decoder_config": {
        "hidden_size": 32,
        "mlp_dim": 32,
        "num_attention_heads": 2,
        "iou_head_hidden_dim": 32,
    },
    "memory_attention_hidden_size": 32,
    "memory_attention_num_layers": 1,
    "memory_attention_feed_forward_hidden_size": 32,
    "memory_attention_rope_feat_sizes": [4, 4],
    "memory_encoder_hidden_size": 32,
    "memory_encoder_output_channels": 16,
    "mask_downsampler_embed_dim": 32,
    "memory_fuser_num_layers": 1,
    "memory_fuser_embed_dim": 32,
    "memory_fuser_intermediate_dim": 32,
}
BACKGROUND_SEED = 5  # of the offset for fbc, which the reference never used


def write_models(folder: Path, golden: Path = GOLDEN) -> Path:
    """`folder`/NAME for every model that the engines run by default, and IC-Light fbc."""
    configs = _configs(golden)
    weights = load_file(golden / "e_weights.safetensors")
    _base(folder / "realistic-vision-v51", configs, weights, golden)
    _iclight(folder, under(weights, "iclight_offset"))
    _part(
        folder / "animatediff-v1-5-3",
        MotionAdapter,
        configs["motion_adapter"],
        under(weights, "motion_adapter"),
    )
    _cogvideox(folder / "cogvideox-2b", configs, golden)
    _wan(folder / "wan2.1-1.3b", configs, golden)
    return folder


def write_outline(folder: Path) -> Path:
    """`folder`/sam2.1-tiny as published: the video model's config and weights. Returns it."""
    model = folder / "sam2.1-tiny"
    with parts.quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        sam = Sam2VideoModel(Sam2VideoConfig(**SAM))  # pyright: ignore[reportArgumentType]
        for weight in sam.parameters():
            weight.data.normal_(0, 0.2)  # far enough from nothing to tell prompts apart
        code = sam.shared_image_embedding.positional_embedding  # one tensor with two names
        sam.prompt_encoder.shared_embedding.positional_embedding.data.copy_(code)
        sam.save_pretrained(model)
    return model


def under(weights: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    start = f"{name}."
    return {key[len(start) :]: one for key, one in weights.items() if key.startswith(start)}


def _configs(golden: Path) -> dict[str, Any]:
    names = ("e_configs.json", "e_dit_configs.json")
    first, second = (json.loads((golden / name).read_text()) for name in names)
    return first | second


def _base(
    folder: Path, configs: dict[str, Any], weights: Mapping[str, Tensor], golden: Path
) -> None:
    for name, kind in (("unet", UNet2DConditionModel), ("vae", AutoencoderKL)):
        _part(folder / name, kind, configs[name], under(weights, name))
    text = folder / "text_encoder"
    CLIPTextConfig(**configs["clip_text"], architectures=["CLIPTextModel"]).save_pretrained(text)
    # The golden names are those of old checkpoints, as most SD 1.5 ones are.
    save_file(under(weights, "text_encoder"), text / "model.safetensors", {"format": "pt"})
    shutil.copytree(golden / "clip_tokenizer", folder / "tokenizer", copy_function=shutil.copyfile)
    EulerAncestralDiscreteScheduler(**configs["eul"]).save_pretrained(folder / "scheduler")


def _iclight(folder: Path, offset: dict[str, Tensor]) -> None:
    for name in ("iclight-fc", "iclight-fbc"):
        (folder / name).mkdir(parents=True)
    save_file(offset, folder / "iclight-fc" / "iclight_sd15_fc.safetensors")
    wide = offset["conv_in.weight"]
    more = torch.randn(
        (wide.shape[0], 4, *wide.shape[2:]),
        generator=torch.Generator().manual_seed(BACKGROUND_SEED),
    )
    background = {**offset, "conv_in.weight": torch.cat([wide, 0.1 * more], dim=1)}
    save_file(background, folder / "iclight-fbc" / "iclight_sd15_fbc.safetensors")


def _cogvideox(folder: Path, configs: dict[str, Any], golden: Path) -> None:
    weights = load_file(golden / "e_cog_weights.safetensors")
    transformer = configs["cog_transformer"]
    _part(
        folder / "transformer",
        CogVideoXTransformer3DModel,
        transformer,
        under(weights, "transformer"),
    )
    _part(folder / "vae", AutoencoderKLCogVideoX, configs["cog_vae"], under(weights, "vae"))
    CogVideoXDDIMScheduler(**configs["cog_sched"]).save_pretrained(folder / "scheduler")
    _text(folder, T5EncoderModel, T5Config(**configs["t5"]), golden)


def _wan(folder: Path, configs: dict[str, Any], golden: Path) -> None:
    weights = load_file(golden / "e_wan_weights.safetensors")
    _part(
        folder / "transformer",
        WanTransformer3DModel,
        configs["wan_transformer"],
        under(weights, "transformer"),
    )
    _part(folder / "vae", AutoencoderKLWan, configs["wan_vae"], under(weights, "vae"))
    FlowMatchEulerDiscreteScheduler(shift=3.0).save_pretrained(folder / "scheduler")
    _text(folder, UMT5EncoderModel, UMT5Config(**configs["t5"]), golden)


def _text(folder: Path, kind: Any, config: Any, golden: Path) -> None:
    """Encoders that the golden runs did without: any weights will do, the same every time."""
    with parts.quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        kind(config).save_pretrained(folder / "text_encoder")
    shutil.copytree(golden / "t5_tokenizer", folder / "tokenizer", copy_function=shutil.copyfile)


def _part(folder: Path, kind: Any, config: dict[str, Any], weights: dict[str, Tensor]) -> None:
    kind(**config).save_config(folder)
    save_file({name: one.contiguous() for name, one in weights.items()}, folder / WEIGHTS)
