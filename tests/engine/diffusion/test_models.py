"""The registry says all that a user must know before a download, and loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from fnmatch import fnmatch

import pytest

from lav_engine.engines.diffusion import models
from lav_engine.engines.diffusion.family import FAMILIES
from lav_engine.errors import Code, LavError


@pytest.mark.parametrize("model", models.MODELS.values(), ids=lambda model: model.name)
def test_every_model_says_where_from_how_large_and_under_what_licence(model: models.Model) -> None:
    owner, _, repo = model.repo.partition("/")
    assert owner
    assert repo
    assert model.size > (10**8 if model.is_optional else 10**9)
    assert model.licence.url.startswith("https://")
    assert model.engine in {"", *FAMILIES}
    assert bool(model.engine) == bool(model.vram)


@pytest.mark.parametrize("model", models.MODELS.values(), ids=lambda model: model.name)
def test_no_pattern_of_a_download_lets_a_pickle_in(model: models.Model) -> None:
    for name in ("pytorch_model.bin", "unet/diffusion_pytorch_model.bin", "model.ckpt"):
        wanted = any(fnmatch(name, pattern) for pattern in model.files)
        assert not wanted or any(fnmatch(name, pattern) for pattern in models.IGNORED)


@pytest.mark.parametrize("engine", FAMILIES)
def test_every_engine_knows_its_models(engine: str) -> None:
    base, relighter, video = models.needed(engine)
    assert (base.name, relighter.name) == (models.BASE, models.FC)
    assert video.engine == engine
    assert models.needed(engine, background=True)[1].name == models.FBC


def test_a_sibling_is_chosen_by_name_and_belongs_to_one_engine() -> None:
    assert models.video_model("wan", "wan2.1-14b").name == "wan2.1-14b"
    with pytest.raises(LavError, match="It runs: cogvideox-2b, cogvideox-5b") as caught:
        models.video_model("cogvideox", "wan2.1-14b")
    assert caught.value.code == Code.bad_value
    with pytest.raises(LavError, match="no model called 'wan3'"):
        models.video_model("wan", "wan3")


def test_the_low_noise_expert_refuses_to_start_from_more_noise_than_it_learnt() -> None:
    expert = models.MODELS["wan2.2-14b"]
    models.check_strength(expert, 0.7)
    with pytest.raises(LavError, match=r"up to 0\.7, not 0\.8"):
        models.check_strength(expert, 0.8)
    # It was trained below noise level 0.875, and Wan shifts levels by 3.
    assert 3 * expert.strength / (1 + 2 * expert.strength) <= 0.875


def test_the_registry_needs_only_the_standard_library() -> None:
    code = (
        "import sys, lav_engine.engines.diffusion.models, lav_engine.engines.diffusion.folders, "
        "lav_engine.engines.diffusion.weights; "
        "heavy = {'numpy', 'torch', 'diffusers', 'safetensors', 'huggingface_hub'}; "
        "sys.exit(str(heavy & set(sys.modules) or ''))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stderr.strip() == ""
