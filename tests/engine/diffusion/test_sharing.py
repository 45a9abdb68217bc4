"""Models are shared and leave again, and neither that nor a smaller plan changes a result."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from opening import opened

from lav_engine.engines.diffusion.family import FAMILIES
from lav_engine.engines.diffusion.loading import Loaded
from lav_engine.engines.diffusion.memory import Placement, Text, Turns
from lav_engine.engines.diffusion.noise import StreamNoise
from lav_engine.engines.diffusion.priors.base import Conditioning
from lav_engine.engines.diffusion.schedule import relighting

FRAMES = {"animatediff": 4, "cogvideox": 9, "wan": 9}


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
def usual(models: Path) -> Callable[[str], torch.Tensor]:
    """`estimate` with freshly loaded models that all stay in memory."""
    return cache(lambda engine: estimate(opened(engine, models), engine))


def test_models_are_shared_and_text_encoders_leave(models: Path) -> None:
    loaded = opened("animatediff", models)
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


def test_the_same_words_are_not_read_twice(models: Path) -> None:
    loaded = opened("wan", models)
    first = loaded.video_words("a man", "bad")
    loaded.release_text()
    assert loaded.video_words("a man", "bad") is first
    assert not {"clip", "words"} & loaded._kept.keys()


@pytest.mark.parametrize("engine", FAMILIES)
def test_results_do_not_depend_on_what_ran_before(
    models: Path, usual: Callable[[str], torch.Tensor], engine: str
) -> None:
    torch.manual_seed(1)
    first = usual(engine)
    warm = opened(engine, models)
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
    models: Path, usual: Callable[[str], torch.Tensor], engine: str, placement: Placement
) -> None:
    loaded = opened(engine, models, placement)
    loaded.relighter_unet(0.5)
    torch.testing.assert_close(estimate(loaded, engine), usual(engine), atol=1e-5, rtol=1e-5)
    unet: Any = loaded.relighter_unet(0.5)
    assert unet(torch.zeros(1, 8, 4, 4), 1, torch.zeros(1, 77, 32)).sample.shape == (1, 4, 4, 4)


def test_tiles_give_pictures_of_the_same_size(models: Path) -> None:
    for engine in FAMILIES:
        tiled = estimate(opened(engine, models, Placement(frames=1, tiles=True)), engine)
        assert tiled.shape == (FRAMES[engine], 3, 32, 32)
