"""Settings of engines that generate: what cannot be honoured is refused with its value."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from lav_engine import catalog
from lav_engine.engines import diffusion
from lav_engine.errors import Code, LavError
from lav_engine.preparation import check_request, prepare
from lav_engine.settings import RANGES, check_settings
from lav_engine.spec import (
    ClipRange,
    Delivery,
    Diffusion,
    LampPatch,
    LightRequest,
    Lora,
    Options,
    Output,
    Prompts,
    RelightRequest,
    Scope,
)

DRAFT = catalog.engine("draft")


@pytest.mark.parametrize("name", RANGES)
def test_numbers_are_taken_within_their_range_only(name: str):
    low, high, words = RANGES[name]
    for good in (low, high, None):
        check_settings(Options(diffusion=replace(Diffusion(), **{name: good})))
    for bad in (low - 1, high + 1, math.nan, math.inf):
        with pytest.raises(LavError) as caught:
            check_settings(Options(diffusion=replace(Diffusion(), **{name: bad})))
        assert words in caught.value.message
        assert str(bad) in caught.value.message


@pytest.mark.parametrize("name", ["lora.ckpt", "lora.safetensors"])
def test_a_lora_must_be_safetensors_and_there(name: str, tmp_path: Path):
    with pytest.raises(LavError, match=name) as caught:
        check_settings(Options(diffusion=Diffusion(image_loras=(Lora(tmp_path / name),))))
    assert caught.value.code in {Code.model_missing, Code.model_unusable}


@pytest.mark.parametrize("weight", [math.nan, 5.0, -9.0])
def test_a_lora_has_a_sensible_weight(weight: float, tmp_path: Path):
    lora = Lora(tmp_path / "a.safetensors", weight)
    with pytest.raises(LavError, match="weight"):
        check_settings(Options(diffusion=Diffusion(video_loras=(lora,))))


def test_files_and_folders_must_be_there(tmp_path: Path):
    for missing in (Diffusion(light_image=tmp_path / "a.png"), Diffusion(models=tmp_path / "b")):
        with pytest.raises(LavError, match="There is no"):
            check_settings(Options(diffusion=missing))


def test_a_new_background_needs_words():
    with pytest.raises(LavError, match="new background") as caught:
        check_settings(Options(scope=Scope.new_background))
    assert "--background-prompt" in caught.value.hint


def request(clip: Path, out: Path, scope: Scope, **more: object) -> RelightRequest:
    return RelightRequest(
        ClipRange(clip, 0, 30, Fraction(0)),
        LightRequest(lamp=LampPatch(azimuth=-60)),
        Output(out),
        options=Options(Prompts(background="a beach"), scope),
        **more,  # pyright: ignore[reportArgumentType]
    )


def test_a_new_background_is_no_light_over_the_cameras(make_clip, tmp_path: Path):
    wanted = request(make_clip(frames=30), tmp_path / "a.mkv", Scope.new_background)
    with pytest.raises(LavError, match="picture"):
        check_request(wanted, diffusion.animatediff)
    check_request(replace(wanted, delivery=Delivery.picture), diffusion.animatediff)
    with pytest.raises(LavError, match="Wan cannot relight with the scope"):
        check_request(replace(wanted, delivery=Delivery.picture), diffusion.wan)


def mask(path: Path, white: int) -> Path:
    image = np.zeros((180, 320), np.uint8)
    image[:, :white] = 255
    cv2.imwrite(str(path), image)
    return path


@pytest.mark.parametrize("scope", [Scope.subject, Scope.background, Scope.new_background])
def test_a_mask_without_a_subject_is_told_before_anything_is_lit(make_clip, tmp_path: Path, scope):
    spec = diffusion.animatediff
    wanted = replace(
        request(make_clip(frames=30), tmp_path / "a.mkv", scope),
        delivery=Delivery.picture,
        mask=mask(tmp_path / "black.png", 0),
    )
    with pytest.raises(LavError, match="no subject in frames 0 to") as caught:
        list(prepare(wanted, spec))
    assert caught.value.code == Code.mask_unusable
    list(prepare(replace(wanted, mask=mask(tmp_path / "white.png", 160)), spec))


def test_windows_of_the_engines_fit_what_their_models_take():
    for spec in (diffusion.animatediff, diffusion.cogvideox, diffusion.wan):
        longest = spec.limits.frames + spec.limits.overlap
        assert longest == (16 if spec.name == "animatediff" else 49)
        assert spec.limits.frames % 4 == 0
