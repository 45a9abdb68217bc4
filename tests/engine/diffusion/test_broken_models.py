"""Wrong or broken model folders end in a sentence that names the file or folder."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from lav_engine.engines.diffusion import files
from lav_engine.engines.diffusion.device import Device, Kind
from lav_engine.engines.diffusion.family import FAMILIES
from lav_engine.engines.diffusion.loading import Loaded, open_models
from lav_engine.engines.diffusion.memory import MemoryPlan, Placement
from lav_engine.engines.diffusion.noise import StreamNoise
from lav_engine.engines.diffusion.priors.base import Conditioning
from lav_engine.engines.diffusion.schedule import relighting
from lav_engine.errors import Code, LavError
from lav_engine.spec import Diffusion, Lora

CPU = Device(Kind.cpu, "processor", 8 << 30, 8 << 30, 8 << 30)
BASE, WAN = "realistic-vision-v51", "wan2.1-1.3b"
STEM = "diffusion_pytorch_model"


@pytest.fixture
def own(models: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(models, tmp_path / "models"))


def opened(engine: str, models: Path, **options: Any) -> Loaded:
    plan = MemoryPlan(Placement(), "All of it.", 0)
    return open_models(FAMILIES[engine], Diffusion(models=models, **options), CPU, plan)


def used(engine: str, models: Path) -> None:
    loaded = opened(engine, models)
    loaded.relight_words("warm light")
    loaded.video_words("a man", "bad")
    assert loaded.image_vae
    loaded.prior(parity=False, new_background=False)


def edited(file: Path, **more: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **more}))


@pytest.mark.parametrize(
    "name", ["wan", f"{STEM}-00001-of-00002", f"{STEM}.non_ema"], ids=lambda one: one
)
def test_weights_under_a_name_that_is_not_read_are_told(own: Path, name: str) -> None:
    part = own / WAN / "transformer"
    (part / f"{STEM}.safetensors").rename(part / f"{name}.safetensors")
    with pytest.raises(LavError, match=r"holds (neither|no)") as caught:
        opened("wan", own)
    assert caught.value.code == Code.model_unusable
    assert str(part) in caught.value.message


@pytest.mark.parametrize("places", [None, [], 3, {"a": 1}], ids=str)
def test_an_index_that_names_no_files_is_told(own: Path, places: object) -> None:
    index = own / WAN / "transformer" / f"{STEM}.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    with pytest.raises(LavError, match="does not say which file") as caught:
        opened("wan", own)
    assert str(index) in caught.value.message


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
    "change", [{"block_out_channels": [8, 8]}, {"norm_num_groups": 0}], ids=str
)
def test_a_config_that_makes_no_network_is_told(own: Path, change: dict[str, Any]) -> None:
    edited(own / BASE / "unet" / "config.json", **change)
    with pytest.raises(LavError) as caught:
        opened("animatediff", own).prior(parity=False, new_background=False)
    assert caught.value.code == Code.model_unusable
    assert str(own / BASE / "unet") in caught.value.message


def entry(shape: list[Any], start: int, end: int) -> dict[str, Any]:
    return {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}


@pytest.mark.parametrize(
    "entries",
    [
        {"a": entry([2], 0, 8), "b": entry([2], 4, 12)},
        {"a": entry([2], 0, 8), "b": entry([1], 12, 16)},
        {"a": entry([1], 4, 8)},
        {"a": entry([-1, -1], 0, 4)},
        {"a": entry([1.0], 0, 4)},
        {"a": entry([True], 0, 4)},
        {"a": entry([1], 0, 4), "b": 3},
    ],
    ids=["overlap", "hole", "late start", "negative", "fraction", "boolean", "number"],
)
def test_a_header_that_cannot_be_is_told(tmp_path: Path, entries: dict[str, Any]) -> None:
    text, file = json.dumps(entries).encode(), tmp_path / "a.safetensors"
    file.write_bytes(struct.pack("<Q", len(text)) + text + bytes(16))
    with pytest.raises(LavError, match="not a safetensors file") as caught:
        files.header(file)
    assert str(file) in caught.value.message


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
    file = adapter / f"{STEM}.safetensors"
    tensors = load_file(file)
    tensors = {k: v[:, :4].contiguous() if "pos_embed" in k else v for k, v in tensors.items()}
    save_file(tensors, file, {"format": "pt"})
    loaded = opened("animatediff", own)
    begun(loaded, 4, (32, 32))
    with pytest.raises(LavError, match="enough for 4 frames, not for 5") as caught:
        begun(loaded, 5, (32, 32))
    assert str(adapter) in caught.value.message
