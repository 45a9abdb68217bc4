"""What is loaded from ordinary folders is what the models' own code loads."""

from __future__ import annotations

import gc
import logging
import weakref
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKLCogVideoX, AutoencoderKLWan, CogVideoXPipeline, WanPipeline
from opening import BASE, CPU, opened
from safetensors.torch import load_file

from lav_engine.engines.diffusion import parts, prompts
from lav_engine.engines.diffusion.attention import light_layers
from lav_engine.engines.diffusion.device import Kind


def test_ic_light_is_the_papers_merge_of_base_and_offset(models: Path, tiny: Any) -> None:
    ours = opened("animatediff", models).relighter_unet(0.5).state_dict()
    theirs = tiny.relighter_unet(0.5).state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_light_attention_changes_without_loading_again(models: Path) -> None:
    loaded = opened("animatediff", models)
    first = loaded.relighter_unet(0.5)
    second = loaded.relighter_unet(0.2)
    assert second is first
    gammas = [first.attn_processors[f"{name}.processor"].gamma for name in light_layers(first)]
    assert gammas == [0.2] * 6


def test_the_background_model_reads_twelve_channels_and_takes_the_others_place(
    models: Path,
) -> None:
    loaded = opened("animatediff", models, background=True)
    usual = weakref.ref(loaded.relighter_unet(0.5))
    wide = loaded.relighter_unet(0.5, background=True)
    gc.collect()
    assert usual() is None
    assert wide.conv_in.weight.shape[1] == 12


def test_words_are_read_like_the_golden_ones_under_their_old_names(models: Path, tiny: Any) -> None:
    names = load_file(models / BASE / "text_encoder" / "model.safetensors")
    assert all(name.startswith("text_model.") for name in names)
    ours = opened("animatediff", models).relight_words("warm light")
    tokenizer, encoder = tiny.text()
    wanted = prompts.relight_prompt("warm light")
    theirs = prompts.encode_pair(tokenizer, encoder, wanted, prompts.WORST)
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("text", ["a man at a window", "", "word " * 1000])
def test_wan_and_cogvideox_read_words_as_their_own_pipelines_do(models: Path, text: str) -> None:
    wan, cog = opened("wan", models), opened("cogvideox", models)
    (ours, _), (ours_cog, _) = wan.video_words(text, "bad"), cog.video_words(text, "bad")
    for loaded, kind, vae, length, found in (
        (wan, WanPipeline, AutoencoderKLWan, 512, ours),
        (cog, CogVideoXPipeline, AutoencoderKLCogVideoX, 16, ours_cog),
    ):
        tokenizer, encoder = loaded._kept["words"]
        pipeline = kind(
            tokenizer=tokenizer,
            text_encoder=encoder,
            transformer=None,
            vae=loaded._video_vae(vae),
            scheduler=None,
        )
        theirs = pipeline._get_t5_prompt_embeds(
            text, max_sequence_length=length, device=torch.device("cpu")
        )
        torch.testing.assert_close(found, theirs, atol=0, rtol=0)


def test_half_precision_is_what_a_card_gets(models: Path) -> None:
    """Types are decided before the device is touched; nothing here moves to a card."""
    loaded = opened("wan", models)
    loaded.order = replace(loaded.order, device=replace(CPU, kind=Kind.cuda, has_bf16=True))
    assert loaded.relighter_unet(0.5).dtype == torch.float16
    prior: Any = loaded.prior(parity=False, new_background=False)
    assert prior.vae._vae.dtype == torch.float32
    assert prior._transformer.dtype == torch.bfloat16


def test_loading_is_silent_and_leaves_the_libraries_as_they_were(
    models: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logs = [logging.getLogger(name) for name in parts.LOUD]
    before = [log.level for log in logs]
    loaded = opened("animatediff", models)
    loaded.relight_words("warm light")
    loaded.relighter_unet(0.5)
    loaded.prior(parity=False, new_background=False)
    assert capfd.readouterr() == ("", "")
    assert [log.level for log in logs] == before
