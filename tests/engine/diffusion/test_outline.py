"""SAM 2 outlines the subject where it is installed; Draft's own matte does everywhere else."""

from __future__ import annotations

import gc
import json
import weakref
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from opening import opened
from safetensors.torch import load_file, save_file
from tiny_models import write_models, write_outline

from lav_engine.engines.base import Step, Window
from lav_engine.engines.diffusion import folders, matte, outline, weights
from lav_engine.engines.diffusion.engine import DiffusionEngine
from lav_engine.engines.diffusion.family import FAMILIES
from lav_engine.engines.diffusion.models import MODELS, OUTLINE
from lav_engine.errors import Code, LavError
from lav_engine.spec import Diffusion, Light, Options, Scope

HEAD = "mask_decoder.output_hypernetworks_mlps"  # what a mask is made with


@pytest.fixture
def sam(tmp_path: Path) -> Path:
    return write_outline(tmp_path)


@pytest.fixture
def all_models(models: Path, tmp_path: Path) -> Path:
    """All that AnimateDiff takes, and a SAM 2 that a test may break."""
    for model in models.iterdir():
        (tmp_path / model.name).symlink_to(model)
    write_outline(tmp_path)
    return tmp_path


def window(count: int = 3, width: int = 80, height: int = 48) -> Window:
    """A bright disc that moves over a dark, textured wall."""
    noise = np.random.default_rng(1).random((height, width, 3)).astype(np.float32)
    frames = np.stack([cv2.blur(noise, (5, 5)) * np.float32(0.3)] * count).astype(np.float32)
    for t, frame in enumerate(frames):
        cv2.circle(frame, (width // 2 + 2 * t, height // 2 + 4), height // 3, (0.9, 0.7, 0.6), -1)
    return Window(8, frames, Fraction(24))


def block(share: float, count: int = 1, width: int = 80, height: int = 48) -> np.ndarray:
    """Mattes with a block in the middle, of so much of each side."""
    mattes = np.zeros((count, height, width), np.float32)
    y, x = round(height * (1 - share) / 2), round(width * (1 - share) / 2)
    mattes[:, y : height - y, x : width - x] = 1
    return mattes


def loaded(folder: Path) -> Any:
    return outline.load(folder, torch.device("cpu"))


def found_in(given: Window, outlines: matte.Outlines | None) -> matte.Matte:
    found = matte.subject(given, Scope.subject, outlines)
    assert found is not None
    return found


def undecided(folder: Path) -> None:
    """Makes every mask 0.5 everywhere."""
    file = folder / "model.safetensors"
    tensors = load_file(file)
    for name in tensors:
        if name.startswith(HEAD) and "proj_out" in name:
            tensors[name].zero_()
    save_file(tensors, file, {"format": "pt"})


# --- the model


def test_the_published_video_checkpoint_serves_the_image_model(sam: Path) -> None:
    assert json.loads((sam / "config.json").read_text())["model_type"] == "sam2_video"
    model = loaded(sam)
    stored = load_file(sam / "model.safetensors")
    own = model.state_dict()
    assert any(name.startswith("memory_") for name in stored)
    assert all(torch.equal(own[name], stored[name]) for name in own)


def test_a_checkpoint_may_hold_the_position_code_under_one_name_alone(sam: Path) -> None:
    frames, coarse = window(1).frames, block(0.8)
    whole = outline.outlines(loaded(sam), frames, coarse)
    file = sam / "model.safetensors"
    tensors = load_file(file)
    del tensors[outline.SECOND_NAME]
    save_file(tensors, file, {"format": "pt"})
    # Tensors lie elsewhere in the file now, and sums may round otherwise.
    assert np.allclose(outline.outlines(loaded(sam), frames, coarse), whole, atol=1e-5)


def test_mattes_are_soft_and_the_same_every_time(sam: Path, monkeypatch) -> None:
    monkeypatch.setattr(outline, "AGREED", 0.0)  # untrained weights agree with nothing
    given = window()
    coarse = block(0.6, count=3)
    first = outline.outlines(loaded(sam), given.frames, coarse)
    torch.manual_seed(9)
    assert np.array_equal(outline.outlines(loaded(sam), given.frames, coarse), first)
    assert (first.shape, first.dtype) == (coarse.shape, np.float32)
    assert 0 <= first.min() < first.max() <= 1
    assert ((first > 0.05) & (first < 0.95)).any()


def test_the_prompt_is_the_frames_own_coarse_matte(sam: Path, monkeypatch) -> None:
    monkeypatch.setattr(outline, "AGREED", 0.0)
    model, given = loaded(sam), window()
    coarse = np.concatenate([block(0.6), block(0.9), block(0.6)])
    together = outline.outlines(model, given.frames, coarse)
    alone = outline.outlines(model, given.frames[1:2], coarse[1:2])
    assert np.array_equal(together[1:2], alone)
    other = outline.outlines(model, given.frames[1:2], block(0.6))
    assert not np.allclose(alone, other)


def test_the_prompt_is_the_box_and_the_place_deepest_inside() -> None:
    where = np.zeros((40, 60), np.uint8)
    where[10:31, 20:41] = 1
    where[20, 41:50] = 1
    assert outline._prompts(where).tolist() == [20, 10, 49, 30, 30, 20]
    where[:] = 0
    where[20:, 10:31] = 1  # cut off by the frame: deep is not its border
    assert outline._prompts(where)[5] == pytest.approx(29.5, abs=1)


def test_pixels_are_those_of_sams_own_processor() -> None:
    white = outline._pixels(np.ones((5, 9, 3), np.float32), 16)
    assert white.shape == (1, 3, 16, 16)
    assert white[0, :, 3, 3].tolist() == pytest.approx([2.2489, 2.4286, 2.64], abs=1e-4)


# --- whose matte it is


def test_what_sam_does_not_confirm_stays_the_coarse_matte(sam: Path) -> None:
    undecided(sam)
    model, frames = loaded(sam), window(1).frames
    large, small, nothing = block(0.8), block(0.4), block(0)
    assert np.allclose(outline.outlines(model, frames, large), 0.5)
    assert np.array_equal(outline.outlines(model, frames, small), small)
    assert np.array_equal(outline.outlines(model, frames, nothing), nothing)


def test_a_model_that_is_absent_leaves_drafts_matte(models: Path) -> None:
    given = window()
    found = found_in(given, opened("animatediff", models).outlines)
    assert np.array_equal(found, found_in(given, None))


def test_a_model_that_is_there_is_used_and_leaves_the_memory(all_models, monkeypatch) -> None:
    monkeypatch.setattr(outline, "AGREED", 0.0)
    models, given = opened("animatediff", all_models), window()
    kept: list[weakref.ref] = []

    def seen(folder: Path, device: torch.device, load=outline.load) -> Any:
        model = load(folder, device)
        kept.append(weakref.ref(model))
        return model

    monkeypatch.setattr(outline, "load", seen)
    found = found_in(given, models.outlines)
    gc.collect()
    assert not np.array_equal(found, found_in(given, None))
    assert found.min() >= 0
    assert found.max() <= 1
    assert len(kept) == 1
    assert kept[0]() is None


def test_the_editors_mask_and_the_whole_frame_need_no_model(all_models, monkeypatch) -> None:
    models, given = opened("animatediff", all_models), window()
    monkeypatch.setattr(outline, "load", None)
    mask = block(0.5, count=3)
    assert np.array_equal(found_in(replace(given, mask=mask), models.outlines), mask)
    assert matte.subject(given, Scope.both, models.outlines) is None


# --- broken folders


@pytest.mark.parametrize(
    "config", [{"mask_decoder_config": 3}, {"prompt_encoder_config": {"hidden_size": 64}}, None]
)
def test_a_broken_folder_is_one_sentence(sam: Path, config: dict | None) -> None:
    file = sam / "config.json"
    text = json.dumps(json.loads(file.read_text()) | config) if config else "no config"
    file.write_text(text)
    with pytest.raises(LavError, match=f"{sam}.* cannot be used: ") as caught:
        loaded(sam)
    assert caught.value.code == Code.model_unusable
    assert weights.check_part(write_outline(sam.parent))  # written anew it is fine


def steps_of(models: Path) -> list[Step]:
    given = Diffusion(steps=3, relight_steps=2, models=models)
    engine = DiffusionEngine(FAMILIES["animatediff"])
    light = Light(prompt="warm light", exposure=0.0)
    options = Options(scope=Scope.subject, seed=3, diffusion=given)
    return list(engine.relight(window(2), light, options))


def test_a_take_with_a_broken_model_is_drafts_and_says_so(all_models, models) -> None:
    file = all_models / OUTLINE / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    steps, plain = steps_of(all_models), steps_of(models)
    told = [step.warning for step in steps if step.warning]
    assert len(told) == 1
    assert f"{file} cannot be used: it is cut off" in told[0]
    assert told[0].endswith("Draft's own matte was used instead.")
    assert not any(step.warning for step in plain)
    first, other = steps[-1].fields, plain[-1].fields
    assert first is not None
    assert other is not None
    assert np.array_equal(first.gain, other.gain)


def test_a_take_with_a_whole_model_says_nothing(all_models) -> None:
    undecided(all_models / OUTLINE)
    steps = steps_of(all_models)
    assert not any(step.warning for step in steps)
    assert steps[-1].pictures is not None


def test_a_folder_with_the_originals_pickle_alone_is_no_model(tmp_path: Path, sam: Path) -> None:
    assert folders.installed(MODELS[OUTLINE], tmp_path) == sam
    weights.check_model(MODELS[OUTLINE], sam)
    (sam / "model.safetensors").rename(sam / "sam2.1_hiera_tiny.pt")
    assert folders.installed(MODELS[OUTLINE], tmp_path) is None


def test_the_registry_calls_it_optional() -> None:
    model = MODELS[OUTLINE]
    assert model.is_optional
    assert model.licence.name == "Apache-2.0"
    assert [one.name for one in MODELS.values() if one.is_optional] == [OUTLINE]


def test_installing_it_is_another_identity_so_that_stored_sections_are_relit(
    tmp_path: Path,
) -> None:
    write_models(tmp_path)
    engine = DiffusionEngine(FAMILIES["animatediff"])
    options = Options(diffusion=Diffusion(models=tmp_path))
    before = engine.identity(options)
    write_outline(tmp_path)
    assert OUTLINE in engine.identity(options)
    assert OUTLINE not in before
