"""Windows of one shot meet without a seam: the same frame is lit the same in both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor

from lav_engine.engines.diffusion import animatediff, cogvideox, wan
from lav_engine.engines.diffusion.fusion import fuse
from lav_engine.engines.diffusion.iclight import ICLight, Lighting, Settings
from lav_engine.engines.diffusion.noise import FrameNoise
from lav_engine.engines.diffusion.priors.base import Conditioning, Course
from lav_engine.engines.diffusion.schedule import ANIMATEDIFF, Steps
from lav_engine.spec import EngineLimits
from lav_engine.windows import windows_of

if TYPE_CHECKING:
    from models import Tiny  # pyright: ignore[reportMissingImports]

WORDS = torch.linspace(-1, 1, 77 * 32).reshape(1, 77, 32)
STEPS = Steps(2, 0)


@dataclass(frozen=True)
class FrameByFrame:
    """A video model that knows no other frames: what it starts from is its estimate."""

    def course(self, steps: Steps) -> Course:
        return Course((500.0, 0.0)[: steps.kept])

    def begin(self, given: Conditioning, steps: Steps) -> Tensor:
        return given.source + given.noise.draw(given.source.shape, frames=0)

    def clean(self, state: Tensor) -> Tensor:
        return state

    def step(self, state: Tensor, target: Tensor | None) -> Tensor:
        return state if target is None else target

    def finish(self, state: Tensor) -> Tensor:
        return state


def relit(tiny: Tiny, still: Tensor, first: int, end: int) -> Tensor:
    noise = FrameNoise(7, first)
    lighting = Lighting(WORDS, -WORDS, torch.ones(1, 4, 4, 6))
    unet = tiny.relighter_unet(0.0)  # no attention to other frames
    relighter = ICLight(unet, tiny.vae(), lighting, noise, Settings(steps=2))
    source = still.expand(end - first, -1, -1, -1)
    given = Conditioning(source, WORDS, WORDS, noise)
    prior: Any = FrameByFrame()
    *_, last = fuse(prior, relighter, given, ANIMATEDIFF, STEPS)
    assert last.frames is not None
    return last.frames


def test_a_still_clip_has_no_seams_where_frames_are_relit_alone(tiny: Tiny) -> None:
    still = torch.rand(1, 3, 32, 48, generator=torch.Generator().manual_seed(5)) * 2 - 1
    limits = replace(animatediff.limits, frames=6, overlap=2)
    faded = torch.zeros(14, 3, 32, 48)
    for span in windows_of((0, 14), limits):
        frames = relit(tiny, still, *span.read)
        for frame, weight in zip(range(*span.output), span.weights, strict=True):
            faded[frame] += weight * frames[frame - span.read[0]]
    whole = relit(tiny, still, 0, 14)
    assert (faded - whole).abs().max() < 1e-3


@pytest.mark.parametrize(
    ("limits", "step", "stride"), [(cogvideox.limits, 8, 4), (wan.limits, 4, 4)]
)
def test_neighbouring_windows_share_whole_latent_frames(
    limits: EngineLimits, step: int, stride: int
) -> None:
    """Else the same latent frame would show other media frames, with other noise."""
    assert limits.frames % stride == 0
    assert (limits.frames + limits.overlap - 1) % step == 0
    assert (limits.overlap - 1) % stride == 0
