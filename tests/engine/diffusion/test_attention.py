"""Light attention is the paper's, and plain attention wherever there is nothing to share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from safetensors.torch import load_file
from torch import Tensor

from lav_engine.engines.diffusion import attention
from lav_engine.engines.diffusion.attention import ConsistentLightAttention, light_layers, steady

HERE = Path(__file__).parents[2] / "golden"
FACTS = json.loads((HERE / "a_cla_attention.json").read_text())
CASES = FACTS["cases"]
STORED = load_file(HERE / "a_cla_attention.safetensors")

SD15 = {
    "sample_size": 64,
    "cross_attention_dim": 768,
    "attention_head_dim": 8,
    "down_block_types": ("CrossAttnDownBlock2D",) * 3 + ("DownBlock2D",),
    "up_block_types": ("UpBlock2D",) + ("CrossAttnUpBlock2D",) * 3,
    "block_out_channels": (320, 640, 1280, 1280),
    "layers_per_block": 2,
}


def layer(case: dict[str, Any]) -> tuple[Attention, Tensor]:
    made = Attention(
        query_dim=case["heads"] * case["dim_head"],
        heads=case["heads"],
        dim_head=case["dim_head"],
        residual_connection=case["residual_connection"],
        rescale_output_factor=case["rescale_output_factor"],
    )
    start = f"case{case['case']}.w."
    made.load_state_dict(
        {name.removeprefix(start): one for name, one in STORED.items() if name.startswith(start)}
    )
    return made.requires_grad_(False), STORED[f"case{case['case']}.x"]


def answer(made: Attention, given: Tensor, gamma: float, halves: int = 2) -> Tensor:
    return _with(made, ConsistentLightAttention(gamma, halves))(given)


def plain(made: Attention, given: Tensor) -> Tensor:
    return _with(made, AttnProcessor2_0())(given)


def _with(made: Attention, processor: Any) -> Attention:
    made.set_processor(processor)
    return made


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"case{case['case']}")
def test_gives_what_the_papers_code_gives(case: dict[str, Any]) -> None:
    made, given = layer(case)
    wanted = STORED[f"case{case['case']}.y_cla"]
    torch.testing.assert_close(answer(made, given, case["gamma"]), wanted, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"case{case['case']}")
def test_guidance_halves_in_turn_give_the_same_as_together(case: dict[str, Any]) -> None:
    made, given = layer(case)
    together = answer(made, given, case["gamma"])
    in_turn = torch.cat([answer(made, half, case["gamma"], halves=1) for half in given.chunk(2)])
    torch.testing.assert_close(in_turn, together, atol=1e-6, rtol=1e-5)


def test_nothing_shared_is_plain_attention_exactly() -> None:
    made, given = layer(CASES[1])
    assert torch.equal(answer(made, given, gamma=0.0), plain(made, given))
    for frame in given.split(1):
        assert torch.equal(answer(made, frame, gamma=0.7, halves=1), plain(made, frame))


def test_equal_frames_are_as_in_plain_attention() -> None:
    made, given = layer(CASES[2])
    still = given[:1].expand(16, -1, -1)
    torch.testing.assert_close(
        answer(made, still, gamma=0.7, halves=1), plain(made, still), atol=1e-6, rtol=1e-5
    )


def test_frames_come_closer_together() -> None:
    made, given = layer(CASES[2])
    spread = [answer(made, given[:16], gamma, 1).std(0).mean().item() for gamma in (0.0, 0.5, 1.0)]
    assert spread == sorted(spread, reverse=True)


@pytest.mark.parametrize("limit", [1, 20_000])
def test_memory_is_bounded_without_changing_the_answer(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, given = layer(CASES[2])
    whole = answer(made, given, gamma=0.3)
    largest: list[int] = []
    attend = torch.nn.functional.scaled_dot_product_attention

    def watched(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        largest.append(3 * query.numel() * query.element_size())
        return attend(query, key, value)

    monkeypatch.setattr(attention, "CHUNK_BYTES", limit)
    monkeypatch.setattr(attention.F, "scaled_dot_product_attention", watched)
    torch.testing.assert_close(answer(made, given, gamma=0.3), whole, atol=1e-6, rtol=1e-5)
    one_frame = 3 * given[0].numel() * given.element_size()
    assert max(largest) <= max(limit, one_frame)


def test_six_layers_of_sd15_steady_the_light() -> None:
    with torch.device("meta"):
        unet = UNet2DConditionModel(**SD15)  # pyright: ignore[reportArgumentType]
    assert light_layers(unet) == FACTS["sd15_cla_layers"]
    before = dict(unet.attn_processors)
    steady(unet, 0.5)
    changed = [name for name, one in unet.attn_processors.items() if one is not before[name]]
    assert changed == [f"{name}.processor" for name in FACTS["sd15_cla_layers"]]
