"""IC-Light's surgery and sampler on tiny real models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel
from running import finished
from torch import Tensor

from lav_engine.engines.diffusion.attention import steady
from lav_engine.engines.diffusion.iclight import (
    ICLight,
    Lighting,
    Settings,
    light_tensor,
    merge,
    widen,
)
from lav_engine.engines.diffusion.noise import FrameNoise, Noise, StreamNoise

if TYPE_CHECKING:
    from models import Tiny  # pyright: ignore[reportMissingImports]

BACKGROUNDS = np.load(Path(__file__).parents[2] / "golden" / "b_backgrounds.npz")
WORDS = torch.linspace(-1, 1, 77 * 32).reshape(1, 77, 32)
QUICK = Settings(steps=3)


def pictures(count: int, width: int = 48, height: int = 32) -> Tensor:
    return torch.rand(count, 3, height, width, generator=torch.Generator().manual_seed(5)) * 2 - 1


def relit(tiny: Tiny, frames: Tensor, noise: Noise, settings: Settings = QUICK) -> Tensor:
    height, width = frames.shape[2:]
    lighting = Lighting(WORDS, -WORDS, torch.ones(1, 4, height // 8, width // 8))
    return finished(
        ICLight(tiny.relighter_unet(0.5), tiny.vae(), lighting, noise, settings)(frames)
    )


@pytest.mark.parametrize("name", ["LEFT", "RIGHT", "TOP", "BOTTOM"])
def test_the_lights_pixels_are_the_papers_bit_for_bit(name: str) -> None:
    wanted = torch.from_numpy(BACKGROUNDS[f"{name}_96x64_f32"])
    assert torch.equal(light_tensor(BACKGROUNDS[f"{name}_96x64_u8"]), wanted)


@pytest.mark.parametrize("channels", [8, 12])
def test_new_input_channels_start_out_ignored(tiny: Tiny, channels: int) -> None:
    given = torch.rand(2, 4, 4, 6)
    more = torch.rand(2, channels - 4, 4, 6)
    text = WORDS.expand(2, -1, -1)
    unet: Any = UNet2DConditionModel(**tiny.config["unet"]).requires_grad_(False)
    before = unet(given, 500, text).sample
    widen(unet, channels)
    assert unet.config.in_channels == unet.conv_in.in_channels == channels
    after = unet(torch.cat([given, more], dim=1), 500, text).sample
    torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-5)


def test_an_offset_is_added_to_every_weight(tiny: Tiny) -> None:
    unet = UNet2DConditionModel(**tiny.config["unet"])
    widen(unet, 8)
    before = {name: one.clone() for name, one in unet.state_dict().items()}
    merge(unet, {name: torch.full_like(one, 0.25) for name, one in before.items()})
    for name, one in unet.state_dict().items():
        torch.testing.assert_close(one, before[name] + 0.25)


def test_the_background_model_reads_the_background(tiny: Tiny) -> None:
    unet = UNet2DConditionModel(**tiny.config["unet"]).requires_grad_(False).eval()
    widen(unet, 12)
    assert unet.conv_in.in_channels == 12
    torch.manual_seed(0)
    unet.conv_in.weight[:, 4:] = torch.randn_like(unet.conv_in.weight[:, 4:])
    steady(unet, 0.5)
    frames = pictures(2)

    def with_background(level: float) -> Tensor:
        background = torch.full((1, 4, 4, 6), level)
        lighting = Lighting(WORDS, -WORDS, torch.ones(1, 4, 4, 6), background)
        return finished(ICLight(unet, tiny.vae(), lighting, StreamNoise(1), QUICK)(frames))

    assert with_background(0.0).shape == frames.shape
    assert (with_background(0.0) - with_background(1.0)).abs().max() > 1e-3


@pytest.mark.parametrize("count", [1, 2, 3])
def test_guidance_off_never_splits_the_frames(tiny: Tiny, count: int) -> None:
    """The reference then takes half of the frames for the other guidance half, or fails."""
    frames = pictures(count)
    off = relit(tiny, frames, StreamNoise(1), Settings(steps=3, guidance=1.0))
    nearly_off = relit(tiny, frames, StreamNoise(1), Settings(steps=3, guidance=1.0 + 1e-6))
    torch.testing.assert_close(off, nearly_off, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("strength", [0.05, 0.5, 1.0])
@pytest.mark.parametrize("steps", [1, 4])
def test_any_number_of_steps_from_any_strength(tiny: Tiny, steps: int, strength: float) -> None:
    frames = pictures(1)
    made = relit(tiny, frames, StreamNoise(1), Settings(steps=steps, strength=strength))
    assert made.shape == frames.shape
    assert made.isfinite().all()


def test_the_same_seed_gives_the_same_and_another_another(tiny: Tiny) -> None:
    frames = pictures(2)
    one, two, other = (relit(tiny, frames, FrameNoise(seed, 0)) for seed in (3, 3, 4))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)


def test_every_call_starts_anew_from_the_light(tiny: Tiny) -> None:
    lighting = Lighting(WORDS, -WORDS, torch.ones(1, 4, 4, 6))
    unet, vae, frames = tiny.relighter_unet(0.5), tiny.vae(), pictures(2)
    first = ICLight(unet, vae, lighting, StreamNoise(3), QUICK)
    finished(first(pictures(3)))  # an earlier job with other frames
    again = ICLight(unet, vae, lighting, StreamNoise(3), QUICK)
    assert torch.equal(finished(again(frames)), relit(tiny, frames, StreamNoise(3)))


def test_it_can_be_stopped_between_steps(tiny: Tiny) -> None:
    lighting = Lighting(WORDS, -WORDS, torch.ones(1, 4, 4, 6))
    relighter = ICLight(tiny.relighter_unet(0.5), tiny.vae(), lighting, StreamNoise(3), QUICK)
    assert relighter.steps == 3
    running = relighter(pictures(1))
    next(running)
    running.close()
    with pytest.raises(StopIteration):
        next(running)


def test_frames_go_to_the_vae_a_few_at_a_time(tiny: Tiny) -> None:
    vae: Any = tiny.vae()
    small = type(vae)(vae._vae, chunk=2)
    frames = pictures(5)
    torch.testing.assert_close(small.encode(frames), vae.encode(frames), atol=1e-5, rtol=1e-5)
    latents = vae.encode(frames)
    torch.testing.assert_close(small.decode(latents), vae.decode(latents), atol=1e-5, rtol=1e-5)
