"""Replays a golden run of the reference through the product's own classes.

    python tests/golden/replay.py DIR NAME        e.g. e_anim_relight_short

DIR holds NAME.json, NAME.safetensors and NAME_draws.json, made by the reference's own functions
(bcmi/Light-A-Video, commit 1b44482) on a CPU in float32; weights, configs and tokenizers come from
there or from this folder. Every draw is checked against the recorded order, every stored tensor
against ours; prints the largest difference of each and exits 1 when one is over tolerance.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

# From any folder, imported by tests or run, installed or not.
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from models import Tiny
from stored import Golden

from lav_engine.engines.diffusion import prompts, schedule
from lav_engine.engines.diffusion.fusion import Fusing, Returning, fuse
from lav_engine.engines.diffusion.iclight import ICLight, Lighting, Settings, light_tensor
from lav_engine.engines.diffusion.noise import StreamNoise
from lav_engine.engines.diffusion.priors.animatediff import AnimateDiff, MotionModel
from lav_engine.engines.diffusion.priors.base import Conditioning
from lav_engine.engines.diffusion.priors.cogvideox import CogVideoX
from lav_engine.engines.diffusion.priors.paint import Paint, foreground
from lav_engine.engines.diffusion.priors.wan import Wan
from lav_engine.light.background import light_image
from lav_engine.spec import Lamp, Light

ATOL, RTOL = 1e-4, 1e-4
GIVEN = {"source_u8", "mask_u8", "prompt_embeds", "negative_prompt_embeds"}
DIRECTIONS = {"LEFT": (-90.0, 0.0), "RIGHT": (90.0, 0.0), "TOP": (0.0, 90.0), "BOTTOM": (0.0, -90)}


class OutOfStep(Exception):
    """We drew what the reference did not, or in another order."""


class CheckedNoise(StreamNoise):
    """One stream that fails at the first draw that the reference did not make."""

    def __init__(self, seed: int, draws: list[dict[str, Any]] | None) -> None:
        super().__init__(seed)
        self._checking = draws is not None
        self._expected = (one for one in draws or () for _ in range(one.get("repeat", 1)))

    def draw(self, shape: Sequence[int], frames: int | None) -> Tensor:
        drawn = super().draw(shape, frames)
        self._check(tuple(shape))
        return drawn

    def step(self, scheduler: Any, output: Tensor, time: Tensor, sample: Tensor) -> Tensor:
        self._check(tuple(sample.shape))
        return super().step(scheduler, output, time, sample)

    def finish(self) -> None:
        left = sum(1 for _ in self._expected)
        if left:
            raise OutOfStep(f"{left} draws of the reference were not made")

    def _check(self, shape: tuple[int, ...]) -> None:
        if not self._checking:
            return
        wanted = next(self._expected, None)
        if wanted is None:
            raise OutOfStep(f"a draw of {shape} more than the reference made")
        if shape != tuple(wanted["shape"]):
            raise OutOfStep(f"drew {shape}, the reference {wanted}")


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    difference: float  # the largest, absolute
    passed: bool


class Run:
    """Our side of a golden run, and what came out of it under the reference's names."""

    def __init__(self, folder: Path, name: str) -> None:
        self.golden = Golden(folder, name)
        self.tiny = Tiny(folder)
        self.noise = CheckedNoise(self.golden.fact("seed"), self.golden.draws)
        self.made: dict[str, Tensor] = {}
        self._outputs: list[Tensor] = []
        self.vae = self.tiny.vae()
        self._steps = {
            "anim": self._animatediff,
            "paint": self._paint,
            "cog": self._cogvideox,
            "wan": self._wan,
        }[self.golden.family]()

    def __iter__(self) -> Iterator[Row]:
        self._collect()
        self.noise.finish()
        for name, wanted in sorted(self.golden.tensors.items()):
            if name in self.made:
                yield _row(name, self._alike(self.made[name], wanted), wanted)
            elif name not in GIVEN:
                yield Row(f"{name} (name unknown, not compared)", float("nan"), True)

    def _alike(self, ours: Tensor, wanted: Tensor) -> Tensor:
        """The frames of ours that are stored; one network answer where only one is."""
        if ours.ndim == wanted.ndim == 5:
            return ours[-len(wanted) :]
        return ours[list(self.golden.kept(len(ours), len(wanted)))]

    def _collect(self) -> None:
        index = 0
        for moment in self._steps:
            if moment.frames is not None:
                self.made["frames_np"] = (moment.frames / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1)
            elif moment.state is not None:
                self._keep(f"step{index:02d}", moment)
                index += 1

    def _keep(self, step: str, moment: Fusing) -> None:
        state = getattr(moment.state, "motion", moment.state)
        self.made[f"{step}.latents_out"] = state.latents
        halves, self._outputs = self._outputs, []
        if moment.targets is None:
            self._keep_outputs(step, halves)
            return
        targets = moment.targets
        self.made[f"{step}.consist_target"] = targets.consistent
        self.made[f"{step}.relight_target"] = targets.relit
        self.made[f"{step}.fusion_target"] = targets.fused
        self.made[f"{step}.fusion_latent"] = self._encoded(targets.fused)
        self._keep_outputs(step, halves)

    def _keep_outputs(self, step: str, halves: list[Tensor]) -> None:
        """The network's answers: prompt first, as we ask; the reference stores negative first."""
        wanted, unwanted = halves[0], halves[-1]
        self.made[f"{step}.noise_pred_raw"] = torch.cat([unwanted, wanted])
        guidance = self.golden.facts["guidance_scale"]
        self.made[f"{step}.noise_pred"] = unwanted + guidance * (wanted - unwanted)

    def _watch(self, network: nn.Module) -> None:
        def keep(module: nn.Module, given: Any, output: Any) -> None:
            self._outputs.append(output[0] if isinstance(output, tuple) else output.sample)

        network.register_forward_hook(keep)

    def _relighter(self, width: int, height: int) -> ICLight:
        facts = self.golden.facts
        tokenizer, encoder = self.tiny.text()
        words = prompts.relight_prompt(self.golden.fact("relight_prompt", "prompt"))
        with torch.no_grad():
            text, negative = prompts.encode_pair(tokenizer, encoder, words, prompts.WORST)
            azimuth, elevation = DIRECTIONS[self.golden.fact("bg")]
            lamp = Lamp(azimuth=azimuth, elevation=elevation)
            image = light_image(Light(lamps=(lamp,)), width, height)
            latents = self.vae.encode(light_tensor(image))
        self.made |= {"conds": text, "unconds": negative, "bg_latent": latents}
        settings = Settings(steps=facts["relight_steps_arg"], parity=True)
        unet = self.tiny.relighter_unet(facts["gamma"])
        return ICLight(unet, self.vae, Lighting(text, negative, latents), self.noise, settings)

    def _words(self, prompt: str) -> tuple[Tensor, Tensor]:
        tokenizer, encoder = self.tiny.text()
        with torch.no_grad():
            text = prompts.encode_short(tokenizer, encoder, prompt)
            return text, prompts.encode_short(tokenizer, encoder, self.golden.facts["n_prompt"])

    def _given(self, source: Tensor, words: tuple[Tensor, Tensor], **more: Any) -> Conditioning:
        guidance = float(self.golden.facts["guidance_scale"])
        return Conditioning(source, *words, self.noise, guidance, **more)

    def _fuse(self, prior: Any, given: Conditioning, how: Any, steps: Any) -> Iterator[Fusing]:
        height, width = given.source.shape[2:]
        relighter = self._relighter(width, height)
        begin = prior.begin

        def begin_and_keep(given: Conditioning, steps: Any) -> Any:
            state = begin(given, steps)
            first = prior.with_subject(state).motion if isinstance(prior, Paint) else state
            self.made["latents_initial"] = first.latents
            return state

        prior.begin = begin_and_keep
        yield from fuse(prior, relighter, given, how, steps)

    def _animatediff(self) -> Iterator[Fusing]:
        facts = self.golden.facts
        model = self._motion_model()
        source = self.golden.pixels()
        self._encoded = lambda pixels: self._frames_second(self.vae.encode(pixels))
        steps = schedule.relighting(facts["num_step"], facts["strength"], parity=True)
        prior = AnimateDiff(model, parity=not self.golden.fixed_order)
        given = self._given(source, self._words(self.golden.fact("prompt")))
        return self._fuse(prior, given, schedule.ANIMATEDIFF, steps)

    def _paint(self) -> Iterator[Fusing]:
        facts = self.golden.facts
        model = self._motion_model()
        source = self.golden.pixels()
        mask = self.golden.find("mask_u8").unsqueeze(1).float() / 255
        self._encoded = lambda pixels: self._frames_second(self.vae.encode(pixels))
        subject = foreground(source, mask)
        relighting = Returning(self._relighter(*source.shape[:1:-1])(subject))
        for _ in relighting:
            pass
        initial = relighting.result
        self.made |= {"fg_video": subject, "vdm_init": initial}
        words = self._words(self.golden.fact("inpaint_prompt"))
        given = self._given(source, words, mask=mask, initial=initial)
        steps = schedule.generating(facts["num_step"], facts["strength"], parity=True)
        return self._fuse(Paint(model, parity=True), given, schedule.PAINT, steps)

    def _cogvideox(self) -> Iterator[Fusing]:
        transformer, vae = self.tiny.cogvideox()
        self._watch(transformer)
        prior = CogVideoX(transformer, vae, self.tiny.config["cog_sched"])
        self._encoded = lambda pixels: prior.vae.encode(pixels).movedim(2, 1)
        return self._relit(prior, schedule.COGVIDEOX)

    def _wan(self) -> Iterator[Fusing]:
        transformer, vae = self.tiny.wan()
        self._watch(transformer)
        prior = Wan(transformer, vae)
        self._encoded = prior.vae.encode
        return self._relit(prior, schedule.WAN)

    def _relit(self, prior: Any, how: schedule.Schedule) -> Iterator[Fusing]:
        facts, golden = self.golden.facts, self.golden
        length = 512 if golden.family == "wan" else 0
        names = ("prompt_embeds", "negative_prompt_embeds")
        words = [_padded(golden.find(name), length) for name in names]
        source = golden.pixels()
        steps = schedule.relighting(facts["num_step"], facts["strength"], parity=True)
        return self._fuse(prior, self._given(source, (words[0], words[1])), how, steps)

    def _motion_model(self) -> MotionModel:
        unet = self.tiny.motion_unet()
        self._watch(unet)
        return MotionModel(unet, self.vae, self.tiny.config["eul"])

    @staticmethod
    def _frames_second(latents: Tensor) -> Tensor:
        return latents.movedim(1, 0).unsqueeze(0)


def replay(folder: Path, name: str) -> list[Row]:
    with torch.no_grad():
        return list(Run(folder, name))


def _padded(text: Tensor, length: int) -> Tensor:
    """Wan's embeddings are stored without the zeros that fill them up."""
    missing = max(length - text.shape[1], 0)
    return torch.cat([text, text.new_zeros(1, missing, text.shape[2])], dim=1)


def _row(name: str, ours: Tensor, wanted: Tensor) -> Row:
    if ours.shape != wanted.shape:
        return Row(f"{name} {tuple(ours.shape)} for {tuple(wanted.shape)}", float("inf"), False)
    stored, wanted = wanted.dtype, wanted.float()
    rounding = torch.finfo(stored).eps if stored.is_floating_point else 0.0
    difference = (ours.float() - wanted).abs()
    passed = bool((difference <= ATOL + max(RTOL, rounding) * wanted.abs()).all())
    return Row(name, float(difference.max()), passed)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("name", metavar="NAME")
    asked = parser.parse_args()
    try:
        rows = replay(asked.folder, asked.name)
    except OutOfStep as wrong:
        print(f"{asked.name}: {wrong}")
        return 1
    for row in rows:
        mark = "" if row.passed else "   OVER"
        print(f"{row.name:28} {row.difference:10.2e}{mark}")
    failed = [row for row in rows if not row.passed]
    compared = [row for row in rows if row.difference == row.difference]  # all but NaN
    print(f"{len(compared)} of {len(rows)} tensors compared, {len(failed)} over tolerance")
    return 1 if failed or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
