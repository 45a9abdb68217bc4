"""LoRAs change the layers they are for, at their weight; others are refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from opening import opened
from safetensors.torch import load_file, save_file

from lav_engine.engines.diffusion.loading import Loaded
from lav_engine.errors import Code, LavError
from lav_engine.spec import Lora

LAYERS = [
    ("animatediff", "image_loras", "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"),
    ("animatediff", "video_loras", "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"),
    ("cogvideox", "video_loras", "transformer_blocks.0.attn1.to_q"),
    ("wan", "video_loras", "blocks.0.attn1.to_q"),
]


@pytest.fixture(scope="module")
def plain(models: Path) -> Callable[[str, str], dict[str, torch.Tensor]]:
    """A network's weights as its folder has them, to hold those with LoRAs to."""
    return cache(lambda engine, option: network(opened(engine, models), option).state_dict())


def lora(folder: Path, layer: str, shape: tuple[int, int], prefix: str) -> Path:
    """Rank 2 over one layer (out, in)."""
    out, wide = shape
    stream = torch.Generator().manual_seed(9)
    path = folder / "lora.safetensors"
    save_file(
        {
            f"{prefix}.{layer}.lora_A.weight": torch.randn((2, wide), generator=stream),
            f"{prefix}.{layer}.lora_B.weight": torch.randn((out, 2), generator=stream),
        },
        path,
    )
    return path


def network(loaded: Loaded, option: str) -> Any:
    if option == "image_loras":
        return loaded.relighter_unet(0.5)
    loaded.prior(parity=False, new_background=False)
    return loaded._kept["network"]


@pytest.mark.parametrize(("engine", "option", "layer"), LAYERS, ids=lambda one: one)
def test_a_lora_is_added_at_its_weight_and_to_nothing_else(
    models: Path, plain: Any, tmp_path: Path, engine: str, option: str, layer: str
) -> None:
    before = plain(engine, option)
    prefix = "unet" if engine == "animatediff" else "transformer"
    name = f"{layer}.weight"
    path = lora(tmp_path, layer, tuple(before[name].shape), prefix)
    given = {option: (Lora(path, 0.5),)}
    changed = network(opened(engine, models, **given), option).state_dict()
    made = load_file(path)
    down, up = (made[f"{prefix}.{layer}.lora_{end}.weight"] for end in "AB")
    torch.testing.assert_close(changed[name], before[name] + 0.5 * up @ down)
    assert changed.keys() == before.keys()
    assert [key for key in before if not torch.equal(before[key], changed[key])] == [name]


def test_a_lora_of_another_trainer_is_read(models: Path, plain: Any, tmp_path: Path) -> None:
    layer = "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q"
    width = 16
    weights = {
        f"{layer}.lora_down.weight": torch.ones(2, width),
        f"{layer}.lora_up.weight": torch.ones(width, 2),
        f"{layer}.alpha": torch.tensor(1.0),
    }
    save_file(weights, tmp_path / "kohya.safetensors")
    name = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q.weight"
    before = plain("animatediff", "image_loras")[name]
    given = (Lora(tmp_path / "kohya.safetensors"),)
    changed = opened("animatediff", models, image_loras=given).relighter_unet(0.5)
    # alpha over rank is a half, and two ranks of ones add up to two
    torch.testing.assert_close(changed.state_dict()[name], before + 1.0)


@pytest.mark.parametrize(
    ("layer", "shape", "prefix"),
    [
        ("nowhere.to_q", (16, 16), "unet"),
        ("mid_block.attentions.0.transformer_blocks.0.attn1.to_q", (32, 32), "unet"),
        ("blocks.0.attn1.to_q", (16, 16), "transformer"),
    ],
)
def test_a_lora_for_something_else_is_refused(
    models: Path, tmp_path: Path, layer: str, shape: tuple[int, int], prefix: str
) -> None:
    path = lora(tmp_path, layer, shape, prefix)
    loaded = opened("animatediff", models, image_loras=(Lora(path),))
    with pytest.raises(LavError, match="is no LoRA for this model") as caught:
        loaded.relighter_unet(0.5)
    assert caught.value.code == Code.model_unusable


@pytest.mark.parametrize("name", ["lora.safetensors", "lora.ckpt"])
def test_a_broken_lora_is_not_to_be_pulled(models: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("<html>")
    with pytest.raises(LavError, match="cannot be used") as caught:
        opened("wan", models, video_loras=(Lora(path),))
    assert "models pull" not in caught.value.hint
    assert "LoRA" in caught.value.hint


def test_a_lora_broken_after_opening_is_told_alike(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "lora.safetensors"
    save_file({"a": torch.zeros(2)}, path)
    loaded = opened("wan", models, image_loras=(Lora(path),))
    path.write_text("<html>")
    with pytest.raises(LavError, match="not a safetensors file") as caught:
        loaded.relighter_unet(0.5)
    assert "models pull" not in caught.value.hint
    assert "LoRA" in caught.value.hint
