"""Configs, tokenizers and schedules that do not fit end in a sentence with their path."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from opening import BASE, WAN, WEIGHTS, changed, edited, opened

from lav_engine.engines.diffusion.loading import Loaded
from lav_engine.engines.diffusion.noise import StreamNoise
from lav_engine.engines.diffusion.priors.base import Conditioning
from lav_engine.engines.diffusion.schedule import relighting
from lav_engine.errors import Code, LavError


def used(engine: str, models: Path) -> None:
    loaded = opened(engine, models)
    loaded.relight_words("warm light")
    loaded.video_words("a man", "bad")
    assert loaded.image_vae
    loaded.prior(parity=False, new_background=False)


def test_a_config_that_is_none_is_told(own: Path) -> None:
    file = own / BASE / "vae" / "config.json"
    file.write_text("{")
    with pytest.raises(LavError, match="not a JSON file"):
        opened("wan", own)
    file.unlink()
    with pytest.raises(LavError, match="it is missing"):
        opened("wan", own)


@pytest.mark.parametrize(
    "change", [{"block_out_channels": [8, 8]}, {"norm_num_groups": 0}], ids=str
)
def test_a_config_that_makes_no_network_is_told(own: Path, change: dict[str, Any]) -> None:
    edited(own / BASE / "unet" / "config.json", **change)
    with pytest.raises(LavError) as caught:
        opened("animatediff", own).prior(parity=False, new_background=False)
    assert caught.value.code == Code.model_unusable
    assert str(own / BASE / "unet") in caught.value.message


def test_a_text_encoder_of_another_model_is_told(own: Path) -> None:
    edited(own / WAN / "text_encoder" / "config.json", d_model=64)
    with pytest.raises(LavError, match="disagree on the text width, 32 in transformer and 64"):
        opened("wan", own)


def test_a_motion_adapter_for_another_model_is_told(own: Path) -> None:
    edited(own / "animatediff-v1-5-3" / "config.json", motion_layers_per_block=1)
    with pytest.raises(LavError, match=r"is no weight of this model|for another image model"):
        opened("animatediff", own).prior(parity=False, new_background=False)


def test_a_tokenizer_that_is_gone_is_told(own: Path) -> None:
    shutil.rmtree(own / BASE / "tokenizer")
    with pytest.raises(LavError, match="no tokenizer") as caught:
        opened("wan", own).relight_words("warm light")
    assert caught.value.code == Code.model_unusable


@pytest.mark.parametrize(
    ("model", "name", "text"),
    [
        (WAN, "tokenizer.json", "{"),
        (WAN, "tokenizer.json", '{"model": 3}'),
        (BASE, "vocab.json", "[1]"),
        (BASE, "vocab.json", '{"a": "b"}'),
        (BASE, "merges.txt", "one two three"),
        (BASE, "merges.txt", "#version: 0.2\nzzz yyy\n"),
    ],
)
def test_a_broken_tokenizer_is_told(own: Path, model: str, name: str, text: str) -> None:
    folder = own / model / "tokenizer"
    (folder / name).write_text(text)
    with pytest.raises(LavError) as caught:
        used("wan", own)
    assert caught.value.code == Code.model_unusable
    assert str(folder) in caught.value.message


@pytest.mark.parametrize(
    "change",
    [
        {"timestep_spacing": "junk"},
        {"num_train_timesteps": "1000"},
        {"prediction_type": "junk"},
        {"trained_betas": 3},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("engine", "model"), [("animatediff", BASE), ("cogvideox", "cogvideox-2b")]
)
def test_a_scheduler_that_cannot_run_is_told_when_opening(
    own: Path, engine: str, model: str, change: dict[str, Any]
) -> None:
    file = own / model / "scheduler" / "scheduler_config.json"
    edited(file, **change)
    with pytest.raises(LavError, match="does not fit") as caught:
        opened(engine, own)
    assert caught.value.code == Code.model_unusable
    assert str(file) in caught.value.message


def test_an_unknown_noise_schedule_is_told_where_it_is_used(own: Path) -> None:
    """AnimateDiff has its own."""
    for model in (BASE, "cogvideox-2b"):
        file = own / model / "scheduler" / "scheduler_config.json"
        edited(file, beta_schedule="junk")
    assert opened("animatediff", own)
    with pytest.raises(LavError, match="does not fit CogVideoXDDIMScheduler"):
        opened("cogvideox", own)


def test_a_scheduler_that_is_gone_is_told_when_opening(own: Path) -> None:
    shutil.rmtree(own / BASE / "scheduler")
    with pytest.raises(LavError, match=r"scheduler_config\.json cannot be used: it is missing"):
        opened("animatediff", own)


def fewer_positions(weights: dict[str, torch.Tensor]) -> None:
    weights |= {k: v[:, :4].contiguous() for k, v in weights.items() if "pos_embed" in k}


def begun(loaded: Loaded, frames: int, size: tuple[int, int]) -> None:
    """A first look of the network at a clip of `size` (height, width)."""
    text, negative = loaded.video_words("a man", "bad")
    prior = loaded.prior(parity=False, new_background=False)
    given = Conditioning(torch.zeros(frames, 3, *size), text, negative, StreamNoise(5), guidance=1)
    prior.clean(prior.begin(given, relighting(4, 0.5, parity=False)))


def test_a_size_beyond_wans_positions_is_told_with_the_one_that_fits(own: Path) -> None:
    config = own / WAN / "transformer" / "config.json"
    edited(config, rope_max_seq_len=3)
    loaded = opened("wan", own)
    begun(loaded, 9, (48, 48))
    with pytest.raises(LavError, match="enough for 9 frames of 48 x 48, not for 5 of 64 x 32"):
        begun(loaded, 5, (32, 64))
    with pytest.raises(LavError, match="not for 13 of 32 x 32") as caught:
        begun(loaded, 13, (32, 32))
    assert caught.value.code == Code.model_unusable
    assert str(config.parent) in caught.value.message


def test_more_frames_than_a_motion_adapter_has_positions_for_are_told(own: Path) -> None:
    adapter = own / "animatediff-v1-5-3"
    edited(adapter / "config.json", motion_max_seq_length=4)
    changed(adapter / WEIGHTS, fewer_positions)
    loaded = opened("animatediff", own)
    begun(loaded, 4, (32, 32))
    with pytest.raises(LavError, match="enough for 4 frames, not for 5") as caught:
        begun(loaded, 5, (32, 32))
    assert str(adapter) in caught.value.message
