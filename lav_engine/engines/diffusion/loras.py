"""LoRAs: small weights that change a network, merged into it so that it runs as fast as before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diffusers.loaders.lora_pipeline import (
    CogVideoXLoraLoaderMixin,
    StableDiffusionLoraLoaderMixin,
    WanLoraLoaderMixin,
)
from safetensors.torch import load_file
from torch import Tensor

from lav_engine.engines.diffusion import files, weights
from lav_engine.engines.diffusion.parts import quiet
from lav_engine.errors import LavError
from lav_engine.spec import Lora

IMAGE, COGVIDEOX, WAN = StableDiffusionLoraLoaderMixin, CogVideoXLoraLoaderMixin, WanLoraLoaderMixin
ADAPTER = "lora"


def merge(network: Any, loras: Sequence[Lora], loader: Any) -> None:
    """Adds `loras` to `network`, read by diffusers' `loader` for its kind.

    Only what a file has for the network itself is used: text encoders are shared between models.
    """
    for lora in loras:
        weights.check_lora(lora.path)
        _merge(network, lora, loader)


def _merge(network: Any, lora: Lora, loader: Any) -> None:
    try:
        with quiet():
            found, alphas = _read(lora.path, loader)
            prefix = "unet" if loader is IMAGE else "transformer"
            if not any(name.startswith(f"{prefix}.") for name in found):
                raise KeyError(prefix)
            network.load_lora_adapter(
                found, prefix=prefix, network_alphas=alphas, adapter_name=ADAPTER
            )
            network.set_adapters([ADAPTER], [lora.weight])
            network.fuse_lora(adapter_names=[ADAPTER])
            network.unload_lora()
    except (ValueError, KeyError, IndexError, RuntimeError, AttributeError) as error:
        raise _foreign(lora.path, type(network).__name__) from error


def _read(path: Path, loader: Any) -> tuple[dict[str, Tensor], dict[str, float] | None]:
    raw = load_file(path)
    read = loader.lora_state_dict(raw)
    found, alphas = read if isinstance(read, tuple) else (read, None)
    return found, alphas


def _foreign(path: Path, network: str) -> LavError:
    return files.unusable(
        path,
        f"it is no LoRA for this model ({network})",
        "Image LoRAs must be made for Stable Diffusion 1.5, video LoRAs for the engine's model.",
    )
