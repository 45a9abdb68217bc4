"""The stock schedulers, driven by a target or by the model, step as the paper's code does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from running import finished
from safetensors.torch import load_file
from torch import Tensor

from lav_engine.engines.diffusion.iclight import ICLight, Lighting, Settings
from lav_engine.engines.diffusion.noise import StreamNoise
from lav_engine.engines.diffusion.priors.animatediff import AnimateDiff, MotionModel
from lav_engine.engines.diffusion.priors.base import Conditioning
from lav_engine.engines.diffusion.priors.cogvideox import CogVideoX
from lav_engine.engines.diffusion.priors.wan import Wan
from lav_engine.engines.diffusion.schedule import relighting

HERE = Path(__file__).parents[2] / "golden"
META: dict[str, Any] = json.loads((HERE / "d_steps.json").read_text())["meta"]
STORED = load_file(HERE / "d_steps.safetensors")
EULER: dict[str, Any] = json.loads((HERE / "e_configs.json").read_text())["eul"]
WORDS = torch.zeros(1, 2, 4)


class Clear:
    """An image VAE whose latents are its pixels, so that a stored latent can be a target."""

    def encode(self, pixels: Tensor) -> Tensor:
        return pixels

    def sample(self, pixels: Tensor, noise: Any) -> Tensor:
        return pixels

    def decode(self, latents: Tensor) -> Tensor:
        return latents


class ClearVideo:
    """The same as a video VAE."""

    dtype, device = torch.float32, torch.device("cpu")
    config = SimpleNamespace()

    def __init__(self, channels: int) -> None:
        self.config = {
            "scaling_factor": 1.0,
            "latents_mean": [0.0] * channels,
            "latents_std": [1.0] * channels,
        }

    def encode(self, video: Tensor) -> Any:
        posterior = SimpleNamespace(
            mean=video, std=torch.zeros_like(video), mode=lambda: video, sample=lambda: video
        )
        return SimpleNamespace(latent_dist=posterior)

    def decode(self, latents: Tensor) -> Any:
        return SimpleNamespace(sample=latents)


class Answers:
    """A network that answers what was stored, and keeps what it was asked."""

    dtype = torch.float32
    config = SimpleNamespace(use_rotary_positional_embeddings=False)

    def __init__(self, *answers: Tensor) -> None:
        self._answers = list(answers)
        self.asked: list[Tensor] = []
        self.times: list[float] = []

    def __call__(self, sample: Any = None, time: Any = None, *_: Any, **named: Any) -> Any:
        self.asked.append(named.get("hidden_states", sample))
        self.times.append(float(named.get("timestep", time)))
        answer = self._answers.pop(0)
        return (answer,) if "return_dict" in named else SimpleNamespace(sample=answer)


class Given(StreamNoise):
    """First the stored noise, then a stream."""

    def __init__(self, seed: int, *first: Tensor) -> None:
        super().__init__(seed)
        self._first = list(first)

    def draw(self, shape: Sequence[int], frames: int | None) -> Tensor:
        drawn = self._first.pop(0) if self._first else super().draw(shape, frames)
        assert drawn.shape == tuple(shape)
        return drawn


def stored(name: str) -> Tensor:
    return STORED[name]


def close(ours: Tensor, wanted: Tensor) -> None:
    torch.testing.assert_close(ours, wanted, atol=1e-5, rtol=1e-5)


def conditioning(source: Tensor, noise: Any) -> Conditioning:
    return Conditioning(source, WORDS, WORDS, noise, guidance=1.0)


@pytest.mark.parametrize("spacing", ["linspace", "leading"])
def test_animatediff_steps_toward_a_target(spacing: str) -> None:
    name = f"eul.{spacing}"
    answers = [stored(f"{name}.{index}.eps") for index in range(6)]
    network = Answers(*answers, stored(f"{name}.plain.eps"))
    model: Any = MotionModel(network, Clear(), EULER | {"timestep_spacing": spacing})  # pyright: ignore[reportArgumentType]
    prior = AnimateDiff(model)
    noise = Given(12, stored(f"{name}.noise").movedim(1, 2))
    steps = relighting(25, 0.5, parity=True)
    assert prior.course(steps).times == tuple(stored(f"{name}.timesteps")[25:].tolist())

    state = prior.begin(conditioning(stored(f"{name}.x0")[0].movedim(0, 1), noise), steps)
    close(state.latents, stored(f"{name}.noised"))
    for index in range(6):
        clean = prior.clean(state)
        close(network.asked[-1], stored(f"{name}.{index}.scaled_input"))
        close(clean, stored(f"{name}.{index}.pred_x0")[0].movedim(0, 1))
        state = prior.step(state, stored(f"{name}.{index}.fusion")[0].movedim(0, 1))
        close(state.latents, stored(f"{name}.{index}.prev"))
    close(prior.step(state, None).latents, stored(f"{name}.plain.prev"))


@pytest.mark.parametrize("name", ["cog.2b_guess", "cog.trailing"])
def test_cogvideox_steps_toward_a_target(name: str) -> None:
    network: Any = Answers(stored(f"{name}.0.v"), stored(f"{name}.1.v"), stored(f"{name}.plain.v"))
    vae: Any = ClearVideo(16)
    prior = CogVideoX(network, vae, META[name]["config"])
    x0, noise = stored(f"{name}.x0"), stored(f"{name}.noise")
    steps = relighting(25, 0.4, parity=True)
    assert prior.course(steps).times == tuple(META[name]["timesteps"])

    state = prior.begin(conditioning(x0[0], Given(0, x0.movedim(1, 2), noise)), steps)
    close(state.latents, stored(f"{name}.noised"))
    for index in range(2):
        clean = prior.clean(state)
        if index == 0:
            close(clean, stored(f"{name}.0.pred_x0")[0])
        state = prior.step(state, stored(f"{name}.{index}.fusion")[0])
        close(state.latents, stored(f"{name}.{index}.prev"))
    state = replace(state, latents=stored(f"{name}.4.prev"), index=steps.total - 1)
    close(prior.step(state, None).latents, stored(f"{name}.plain.prev"))


def test_wan_steps_toward_a_target() -> None:
    network: Any = Answers(*(stored(f"wan.{index}.v") for index in range(4)), stored("wan.plain.v"))
    vae: Any = ClearVideo(16)
    prior = Wan(network, vae)
    x0 = stored("wan.x0")
    steps = relighting(25, 0.4, parity=True)
    assert prior.course(steps).times == pytest.approx(META["wan"]["timesteps"], abs=1e-3)

    given = conditioning(x0[0].movedim(0, 1), Given(0, torch.zeros_like(x0), stored("wan.noise")))
    state = prior.begin(given, steps)
    close(state.latents, stored("wan.noised"))
    for index in range(4):
        close(prior.clean(state), stored(f"wan.{index}.pred_x0")[0].movedim(0, 1))
        state = prior.step(state, stored(f"wan.{index}.fusion")[0].movedim(0, 1))
        close(state.latents, stored(f"wan.{index}.prev"))
    close(prior.step(state, None).latents, stored("wan.plain.prev"))


@pytest.mark.parametrize("count", [15, 4])
def test_the_relighter_samples_as_iclight_does(count: int) -> None:
    name = f"dpm{count}"
    kept = META[name]["n"]
    network: Any = Answers(*(stored(f"{name}.{index}.eps") for index in range(kept)))
    lighting = Lighting(WORDS, WORDS, stored(f"{name}.x0"))
    settings = Settings(steps=count, guidance=1.0, parity=True)
    vae: Any = Clear()
    noise = Given(42, stored(f"{name}.noise"))
    relighter = ICLight(network, vae, lighting, noise, settings)
    relit = finished(relighter(torch.zeros(2, 4, 8, 8)))

    assert relighter.steps == kept
    assert network.times == META[name]["timesteps"]
    before = [stored(f"{name}.noised")]
    before += [stored(f"{name}.{index}.prev") for index in range(kept)]
    for asked, wanted in zip([*(one[:, :4] for one in network.asked), relit], before, strict=True):
        close(asked, wanted)


def test_the_relighters_longest_table_is_iclights() -> None:
    zeros = torch.zeros(1, 4, 2, 2)
    network: Any = Answers(*[zeros] * 25)
    vae: Any = Clear()
    settings = Settings(steps=25, guidance=1.0, parity=True)
    finished(ICLight(network, vae, Lighting(WORDS, WORDS, zeros), StreamNoise(0), settings)(zeros))
    assert network.times == stored("dpm25.timesteps")[3:].tolist()
