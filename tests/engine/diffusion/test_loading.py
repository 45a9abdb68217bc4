"""Models load from ordinary folders, are shared and kept, and broken ones are told apart."""

from __future__ import annotations

import gc
import json
import logging
import shutil
import weakref
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import CogVideoXPipeline, WanPipeline
from safetensors.torch import load_file, save_file

from lav_engine.engines.diffusion import parts, prompts
from lav_engine.engines.diffusion.attention import light_layers
from lav_engine.engines.diffusion.device import Device, Kind
from lav_engine.engines.diffusion.family import FAMILIES
from lav_engine.engines.diffusion.loading import Loaded, open_models
from lav_engine.engines.diffusion.memory import MemoryPlan, Placement, Text, Turns
from lav_engine.engines.diffusion.noise import StreamNoise
from lav_engine.engines.diffusion.priors.base import Conditioning
from lav_engine.engines.diffusion.schedule import relighting
from lav_engine.errors import Code, LavError
from lav_engine.spec import Diffusion, Lora

CPU = Device(Kind.cpu, "processor", 8 << 30, 8 << 30, 8 << 30)
WEIGHTS = "diffusion_pytorch_model.safetensors"
BASE = "realistic-vision-v51"
FRAMES = {"animatediff": 4, "cogvideox": 9, "wan": 9}


@pytest.fixture(scope="module")
def folder(models: Path) -> Path:
    return models


@pytest.fixture
def own(folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(folder, tmp_path / "models"))


def opened(engine: str, models: Path, placement: Placement = Placement(), **options: Any) -> Loaded:
    plan = MemoryPlan(placement, "All of it.", 0)
    return open_models(FAMILIES[engine], Diffusion(models=models, **options), CPU, plan)


def estimate(loaded: Loaded, engine: str) -> torch.Tensor:
    """A first clean estimate: goes through text encoder, network and VAE of the video model."""
    text, negative = loaded.video_words("a man at a window", "bad quality")
    loaded.release_text()
    prior = loaded.prior(parity=False, new_background=False)
    stream = torch.Generator().manual_seed(3)
    source = torch.rand((FRAMES[engine], 3, 32, 32), generator=stream) * 2 - 1
    given = Conditioning(source, text, negative, StreamNoise(5))
    state = prior.begin(given, relighting(4, 0.5, parity=False))
    return prior.clean(state)


@pytest.fixture(scope="module")
def usual(folder: Path) -> Callable[[str], torch.Tensor]:
    """`estimate` with freshly loaded models that all stay in memory."""
    return cache(lambda engine: estimate(opened(engine, folder), engine))


@pytest.fixture(scope="module")
def plain(folder: Path) -> Callable[[str, str], dict[str, torch.Tensor]]:
    """A network's weights as its folder has them, to hold those with LoRAs to."""
    return cache(lambda engine, option: network(opened(engine, folder), option).state_dict())


# --- what is loaded


def test_ic_light_is_the_papers_merge_of_base_and_offset(folder: Path, tiny: Any) -> None:
    ours = opened("animatediff", folder).relighter_unet(0.5).state_dict()
    theirs = tiny.relighter_unet(0.5).state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_light_attention_changes_without_loading_again(folder: Path) -> None:
    loaded = opened("animatediff", folder)
    first = loaded.relighter_unet(0.5)
    second = loaded.relighter_unet(0.2)
    assert second is first
    gammas = [first.attn_processors[f"{name}.processor"].gamma for name in light_layers(first)]
    assert gammas == [0.2] * 6


def test_the_background_model_reads_twelve_channels_and_takes_the_others_place(
    folder: Path,
) -> None:
    loaded = opened("animatediff", folder, background=True)
    usual = weakref.ref(loaded.relighter_unet(0.5))
    wide = loaded.relighter_unet(0.5, background=True)
    gc.collect()
    assert usual() is None
    assert wide.conv_in.weight.shape[1] == 12


def test_words_are_read_like_the_golden_ones_under_their_old_names(folder: Path, tiny: Any) -> None:
    names = load_file(folder / BASE / "text_encoder" / "model.safetensors")
    assert all(name.startswith("text_model.") for name in names)
    ours = opened("animatediff", folder).relight_words("warm light")
    tokenizer, encoder = tiny.text()
    wanted = prompts.relight_prompt("warm light")
    theirs = prompts.encode_pair(tokenizer, encoder, wanted, prompts.WORST)
    assert all(torch.equal(one, other) for one, other in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("text", ["a man at a window", "", "word " * 1000])
def test_wan_and_cogvideox_read_words_as_their_own_pipelines_do(folder: Path, text: str) -> None:
    wan, cog = opened("wan", folder), opened("cogvideox", folder)
    (ours, _), (ours_cog, _) = wan.video_words(text, "bad"), cog.video_words(text, "bad")
    for loaded, kind, length, found in (
        (wan, WanPipeline, 512, ours),
        (cog, CogVideoXPipeline, 16, ours_cog),
    ):
        tokenizer, encoder = loaded._kept["words"]
        vae, scheduler = loaded._video_vae(_vae_of(kind)), None
        pipeline = kind(
            tokenizer=tokenizer,
            text_encoder=encoder,
            transformer=None,
            vae=vae,
            scheduler=scheduler,
        )
        theirs = pipeline._get_t5_prompt_embeds(
            text, max_sequence_length=length, device=torch.device("cpu")
        )
        torch.testing.assert_close(found, theirs, atol=0, rtol=0)


def _vae_of(kind: Any) -> Any:
    from diffusers import AutoencoderKLCogVideoX, AutoencoderKLWan

    return AutoencoderKLWan if kind is WanPipeline else AutoencoderKLCogVideoX


# --- sharing, memory, repeatability


def test_models_are_shared_and_text_encoders_leave(folder: Path) -> None:
    loaded = opened("animatediff", folder)
    loaded.relight_words("warm light")
    _, encoder = loaded._clip()
    text = weakref.ref(encoder)
    del encoder
    loaded.video_words("a man", "bad")
    loaded.release_text()
    gc.collect()
    assert text() is None
    first = loaded.prior(parity=False, new_background=False)
    second = loaded.prior(parity=True, new_background=True)
    assert first._model._unet is second._model._unet
    assert first._model.vae is second._model.vae is loaded.image_vae


def test_the_same_words_are_not_read_twice(folder: Path) -> None:
    loaded = opened("wan", folder)
    first = loaded.video_words("a man", "bad")
    loaded.release_text()
    assert loaded.video_words("a man", "bad") is first
    assert not {"clip", "words"} & loaded._kept.keys()


@pytest.mark.parametrize("engine", FAMILIES)
def test_results_do_not_depend_on_what_ran_before(
    folder: Path, usual: Callable[[str], torch.Tensor], engine: str
) -> None:
    torch.manual_seed(1)
    first = usual(engine)
    warm = opened(engine, folder)
    estimate(warm, engine)
    warm.relighter_unet(0.9)
    torch.manual_seed(2)
    assert torch.equal(estimate(warm, engine), first)
    assert first.shape == (FRAMES[engine], 3, 32, 32)


SMALLER = (
    Placement(text=Text.alone, frames=4),
    Placement(text=Text.alone, turns=Turns.one, frames=1),
    Placement(text=Text.beside, turns=Turns.blocks, exact_vae=False),
)


@pytest.mark.parametrize(
    ("engine", "placement"),
    [
        # Each engine and each plan once; all of them with the slow ones.
        pytest.param(engine, plan, marks=() if number == other else pytest.mark.slow)
        for number, engine in enumerate(FAMILIES)
        for other, plan in enumerate(SMALLER)
    ],
    ids=lambda one: f"{one.text}-{one.turns}" if isinstance(one, Placement) else one,
)
def test_a_smaller_plan_gives_the_same_pictures(
    folder: Path, usual: Callable[[str], torch.Tensor], engine: str, placement: Placement
) -> None:
    loaded = opened(engine, folder, placement)
    loaded.relighter_unet(0.5)
    torch.testing.assert_close(estimate(loaded, engine), usual(engine), atol=1e-5, rtol=1e-5)
    unet: Any = loaded.relighter_unet(0.5)
    assert unet(torch.zeros(1, 8, 4, 4), 1, torch.zeros(1, 77, 32)).sample.shape == (1, 4, 4, 4)


def test_tiles_give_pictures_of_the_same_size(folder: Path) -> None:
    for engine in FAMILIES:
        tiled = estimate(opened(engine, folder, Placement(frames=1, tiles=True)), engine)
        assert tiled.shape == (FRAMES[engine], 3, 32, 32)


def test_loading_is_silent_and_leaves_the_libraries_as_they_were(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logs = [logging.getLogger(name) for name in parts.LOUD]
    before = [log.level for log in logs]
    loaded = opened("animatediff", folder)
    loaded.relight_words("warm light")
    loaded.relighter_unet(0.5)
    loaded.prior(parity=False, new_background=False)
    assert capfd.readouterr() == ("", "")
    assert [log.level for log in logs] == before


def test_half_precision_is_what_a_card_gets(folder: Path) -> None:
    """Types are decided before the device is touched; nothing here moves to a card."""
    loaded = opened("wan", folder)
    loaded.order = replace(loaded.order, device=replace(CPU, kind=Kind.cuda, has_bf16=True))
    assert loaded.relighter_unet(0.5).dtype == torch.float16
    prior: Any = loaded.prior(parity=False, new_background=False)
    assert prior.vae._vae.dtype == torch.float32
    assert prior._transformer.dtype == torch.bfloat16


# --- LoRAs


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


LAYERS = [
    ("animatediff", "image_loras", "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"),
    ("animatediff", "video_loras", "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"),
    ("cogvideox", "video_loras", "transformer_blocks.0.attn1.to_q"),
    ("wan", "video_loras", "blocks.0.attn1.to_q"),
]


def network(loaded: Loaded, option: str) -> Any:
    if option == "image_loras":
        return loaded.relighter_unet(0.5)
    loaded.prior(parity=False, new_background=False)
    return loaded._kept["network"]


@pytest.mark.parametrize(("engine", "option", "layer"), LAYERS, ids=lambda one: one)
def test_a_lora_is_added_at_its_weight_and_to_nothing_else(
    folder: Path, plain: Any, tmp_path: Path, engine: str, option: str, layer: str
) -> None:
    before = plain(engine, option)
    prefix = "unet" if engine == "animatediff" else "transformer"
    name = f"{layer}.weight"
    path = lora(tmp_path, layer, tuple(before[name].shape), prefix)
    given = {option: (Lora(path, 0.5),)}
    changed = network(opened(engine, folder, **given), option).state_dict()
    made = load_file(path)
    down, up = (made[f"{prefix}.{layer}.lora_{end}.weight"] for end in "AB")
    torch.testing.assert_close(changed[name], before[name] + 0.5 * up @ down)
    assert changed.keys() == before.keys()
    assert [key for key in before if not torch.equal(before[key], changed[key])] == [name]


def test_a_lora_of_another_trainer_is_read(folder: Path, plain: Any, tmp_path: Path) -> None:
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
    changed = opened("animatediff", folder, image_loras=given).relighter_unet(0.5)
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
    folder: Path, tmp_path: Path, layer: str, shape: tuple[int, int], prefix: str
) -> None:
    path = lora(tmp_path, layer, shape, prefix)
    loaded = opened("animatediff", folder, image_loras=(Lora(path),))
    with pytest.raises(LavError, match="is no LoRA for this model") as caught:
        loaded.relighter_unet(0.5)
    assert caught.value.code == Code.model_unusable


# --- what cannot be used


def _pickle(file: Path) -> None:
    file.rename(file.with_suffix(".bin"))


def _pointer(file: Path) -> None:
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _cut_early(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def _text(file: Path) -> None:
    file.write_text("<html>Not found</html>")


BROKEN: list[tuple[Callable[[Path], None], str]] = [
    (_pickle, "can run code"),
    (_pointer, "a Git LFS pointer"),
    (_cut, "cut off"),
    (_cut_early, "cut off after 100 bytes"),
    (_text, "not a safetensors file"),
    (lambda file: file.write_bytes(b""), "not a safetensors file"),
    (lambda file: file.write_bytes(file.read_bytes() + b"more"), "too long"),
]


@pytest.mark.parametrize(("breakage", "reason"), BROKEN, ids=[reason for _, reason in BROKEN])
def test_a_broken_file_is_named_before_anything_is_loaded(
    own: Path, breakage: Callable[[Path], None], reason: str
) -> None:
    file = own / BASE / "unet" / WEIGHTS
    breakage(file)
    with pytest.raises(LavError, match=reason) as caught:
        opened("wan", own)
    assert caught.value.code == Code.model_unusable
    assert str(file.with_suffix("")) in caught.value.message
    assert caught.value.hint


def changed(file: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    weights = load_file(file)
    change(weights)
    save_file(weights, file, {"format": "pt"})


NAME = "conv_out.bias"
FOREIGN = [
    (lambda weights: weights.pop(NAME), f"{NAME} is missing"),
    (lambda weights: weights.update(stray=torch.zeros(1)), "stray is no weight of this model"),
    (lambda weights: weights.update({NAME: torch.zeros(7)}), f"{NAME} is 7 where .* has 4"),
]


@pytest.mark.parametrize(("change", "reason"), FOREIGN, ids=[reason for _, reason in FOREIGN])
def test_weights_of_something_else_are_told_by_their_first_wrong_key(
    own: Path, change: Callable[[dict[str, torch.Tensor]], object], reason: str
) -> None:
    changed(own / BASE / "unet" / WEIGHTS, change)
    with pytest.raises(LavError, match=reason) as caught:
        opened("wan", own).relighter_unet(0.5)
    assert caught.value.code == Code.model_unusable


def test_ic_light_for_backgrounds_in_the_other_ones_place_is_told(own: Path) -> None:
    right = own / "iclight-fc" / "iclight_sd15_fc.safetensors"
    shutil.copy(own / "iclight-fbc" / "iclight_sd15_fbc.safetensors", right)
    with pytest.raises(LavError, match=r"conv_in.weight is 8x12x3x3 where the model has 8x8x3x3"):
        opened("wan", own).relighter_unet(0.5)


def test_a_text_encoder_of_another_model_is_told(own: Path) -> None:
    file = own / "wan2.1-1.3b" / "text_encoder" / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "d_model": 64}))
    with pytest.raises(LavError, match="disagree on the text width, 32 in transformer and 64"):
        opened("wan", own)


def test_half_of_a_split_model_is_told_by_the_missing_file(own: Path) -> None:
    part = own / "wan2.1-1.3b" / "transformer"
    names = list(load_file(part / WEIGHTS))
    first, second = (f"diffusion_pytorch_model-0000{n}-of-00002.safetensors" for n in (1, 2))
    places = {name: (first if at < 9 else second) for at, name in enumerate(names)}
    index = {"metadata": {}, "weight_map": places}
    (part / f"{WEIGHTS}.index.json").write_text(json.dumps(index))
    whole = load_file(part / WEIGHTS)
    (part / WEIGHTS).unlink()
    for file in (first, second):
        save_file({name: whole[name] for name in names if places[name] == file}, part / file)
    assert opened("wan", own).prior(parity=False, new_background=False)
    (part / second).unlink()
    with pytest.raises(LavError, match=f"{second} cannot be used: it is missing"):
        opened("wan", own)


def test_a_motion_adapter_for_another_model_is_told(own: Path) -> None:
    file = own / "animatediff-v1-5-3" / "config.json"
    config = {**json.loads(file.read_text()), "motion_layers_per_block": 1}
    file.write_text(json.dumps(config))
    with pytest.raises(LavError, match=r"is no weight of this model|for another image model"):
        opened("animatediff", own).prior(parity=False, new_background=False)


def test_a_config_that_is_none_is_told(own: Path) -> None:
    file = own / BASE / "vae" / "config.json"
    file.write_text("{")
    with pytest.raises(LavError, match="not a JSON file"):
        opened("wan", own)
    file.unlink()
    with pytest.raises(LavError, match="it is missing"):
        opened("wan", own)


def test_a_missing_model_is_told_before_anything_is_loaded(own: Path) -> None:
    shutil.rmtree(own / "wan2.1-1.3b")
    with pytest.raises(LavError, match=r"lav models pull wan2\.1-1.3b") as caught:
        opened("wan", own)
    assert caught.value.code == Code.model_missing
    with pytest.raises(LavError, match=r"lav models pull wan2\.1-14b"):
        opened("wan", own, video_model="wan2.1-14b")


def test_a_tokenizer_that_is_gone_is_told(own: Path) -> None:
    shutil.rmtree(own / BASE / "tokenizer")
    with pytest.raises(LavError, match="no tokenizer") as caught:
        opened("wan", own).relight_words("warm light")
    assert caught.value.code == Code.model_unusable
