"""Do windows of the video models meet without a seam? On tiny models, whole code path.

python benchmarks/seams.py [--json PATH]

Each clip is relit in two overlapping windows, cross-faded as the product does. A jump is the mean
difference between neighbouring frames. Reported are the mean jump through the overlap over the
median jump elsewhere, and the largest there over the largest elsewhere (video VAEs jump at every
fourth frame by themselves), with noise that belongs to media frames and, for comparison, with noise
of each window's own. The models are random, so this says what windows and noise do, not what
trained models add.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import diffusers
import torch
from torch import Tensor

from lav_engine.engines.diffusion import animatediff, cogvideox, schedule, wan
from lav_engine.engines.diffusion.family import FAMILIES
from lav_engine.engines.diffusion.fusion import fuse
from lav_engine.engines.diffusion.iclight import ICLight, Lighting, Settings, light_tensor
from lav_engine.engines.diffusion.noise import FrameNoise, Noise
from lav_engine.engines.diffusion.priors.animatediff import AnimateDiff, MotionModel
from lav_engine.engines.diffusion.priors.base import Conditioning
from lav_engine.engines.diffusion.priors.cogvideox import CogVideoX
from lav_engine.engines.diffusion.priors.wan import Wan
from lav_engine.light.background import light_image
from lav_engine.spec import EngineLimits, Lamp, Light
from lav_engine.windows import windows_of

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "golden"))

from models import Tiny  # pyright: ignore[reportMissingImports]

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
SIDE = 64
TARGET = 1.2
WORDS = torch.linspace(-1, 1, 77 * 32).reshape(1, 77, 32)

# AnimateDiff's own windows; the others' smaller, in the same proportions to a latent frame.
LIMITS = {
    "animatediff": animatediff.limits,
    "cogvideox": replace(cogvideox.limits, frames=12, overlap=5),
    "wan": replace(wan.limits, frames=8, overlap=5),
}


@dataclass(frozen=True)
class Parts:
    prior: Any
    words: Tensor
    vae: Any
    unet: Any


def parts(name: str, tiny: Any, gamma: float) -> Parts:
    vae, unet = tiny.vae(), tiny.relighter_unet(gamma)
    if name == "cogvideox":
        prior: Any = CogVideoX(*tiny.cogvideox(), tiny.config["cog_sched"])
        return Parts(prior, WORDS[:, :16], vae, unet)
    if name == "wan":
        return Parts(Wan(*tiny.wan()), WORDS, vae, unet)
    return Parts(
        AnimateDiff(MotionModel(tiny.motion_unet(), vae, tiny.config["eul"])), WORDS, vae, unet
    )


def clip(frames: int, speed: float) -> Tensor:
    """A soft ball that drifts over a gradient, (F, 3, H, W) in [-1, 1]; still at speed 0."""
    grid = torch.linspace(0, 1, SIDE)
    pictures = []
    for frame in range(frames):
        away = (grid[None, :] - 0.3 - speed * frame) ** 2 + (grid[:, None] - 0.5) ** 2
        ball = torch.exp(-away * 40)
        down = grid[:, None].expand(SIDE, SIDE)
        pictures.append(torch.stack([ball, (grid[None, :] + ball) / 2, down * 0.6]))
    return torch.stack(pictures) * 1.6 - 0.8


def relit(name: str, made: Parts, source: Tensor, noise: Noise) -> Tensor:
    family = FAMILIES[name]
    with torch.no_grad():
        light = light_image(Light(lamps=(Lamp(azimuth=-90),)), SIDE, SIDE)
        lighting = Lighting(WORDS, -WORDS, made.vae.encode(light_tensor(light)))
    relighter = ICLight(made.unet, made.vae, lighting, noise, Settings(steps=5))
    given = Conditioning(source, made.words, -made.words, noise, family.defaults.guidance)
    steps = schedule.relighting(6, family.defaults.strength, parity=False)
    *_, last = fuse(made.prior, relighter, given, family.schedule, steps)
    assert last.frames is not None
    return (last.frames / 2 + 0.5).clamp(0, 1)


def seam(
    name: str, made: Parts, limits: EngineLimits, speed: float, noises: Sequence[Noise]
) -> dict[str, float]:
    """Jumps through the overlap against those elsewhere."""
    count = 2 * limits.frames + limits.overlap
    source = clip(count, speed)
    faded = torch.zeros(count, 3, SIDE, SIDE)
    first, second = windows_of((0, count), limits)
    for span, noise in zip((first, second), noises, strict=True):
        frames = relit(name, made, source[slice(*span.read)], noise)
        for frame, weight in zip(range(*span.output), span.weights, strict=True):
            faded[frame] += weight * frames[frame - span.read[0]]
    jumps = (faded[1:] - faded[:-1]).abs().mean(dim=(1, 2, 3)).tolist()
    shared = range(second.output[0] - 1, first.output[1])
    across = [jumps[index] for index in shared]
    inside = [jump for index, jump in enumerate(jumps) if index not in shared]
    return {
        "mean over median": statistics.mean(across) / statistics.median(inside),
        "largest over largest": max(across) / max(inside),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    diffusers.utils.logging.set_verbosity_error()
    tiny = Tiny(GOLDEN)
    rows = []
    for name, limits in LIMITS.items():
        family = FAMILIES[name]
        made = parts(name, tiny, family.defaults.gamma)
        for what, speed in (("still", 0.0), ("moving", 0.01)):
            shared = [FrameNoise(7, first, family.stride) for first in (0, limits.frames)]
            own = [FrameNoise(seed, 0, family.stride) for seed in (7, 8)]
            found = [seam(name, made, limits, speed, one) for one in (shared, own)]
            row = {"engine": name, "clip": what, "shared noise": found[0], "own noise": found[1]}
            rows.append(row)
            for noise, one in zip(("shared", "own"), found, strict=True):
                figures = "   ".join(f"{figure} {value:.2f}" for figure, value in one.items())
                print(f"{name:12} {what:7} {noise:7} {figures}", flush=True)
    if args.json:
        found = {"models": "tiny, random weights", "target": TARGET, "rows": rows}
        args.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
