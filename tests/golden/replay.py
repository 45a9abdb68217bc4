"""Replays a golden run of the reference through the product's own classes.

    python tests/golden/replay.py DIR NAME        e.g. e_anim_relight_short

DIR holds weights, configs, tokenizers and NAME.json, NAME.safetensors and NAME_draws.json, made by
the reference's own functions (bcmi/Light-A-Video, commit 1b44482) on a CPU in float32. Every draw
is checked against the recorded order, every stored tensor against ours; prints the largest
difference of each and exits 1 when one is over tolerance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).parent))  # run as a script or imported by tests

from models import Tiny

from lav_engine.engines.diffusion import prompts, schedule
from lav_engine.engines.diffusion.fusion import Fusing, fuse
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
DIRECTIONS = {"LEFT": (-90.0, 0.0), "RIGHT": (90.0, 0.0), "TOP": (0.0, 90.0), "BOTTOM": (0.0, -90)}


class CheckedNoise(StreamNoise):
    """One stream that fails at the first draw that the reference did not make."""

    def __init__(self, seed: int, draws: list[dict[str, Any]]) -> None:
        super().__init__(seed)
        self._expected = (one for one in draws for _ in range(one["repeat"]))
        self._again = 0.0

    def draw(self, shape: Sequence[int], frames: int | None) -> Tensor:
        drawn = super().draw(shape, frames)
        self._check(tuple(shape))
        return drawn

    def step(self, scheduler: Any, output: Tensor, time: Tensor, sample: Tensor) -> Tensor:
        self._check(tuple(sample.shape))
        return super().step(scheduler, output, time, sample)

    def finish(self) -> None:
        left = sum(1 for _ in self._expected)
        assert left == 0, f"{left} draws of the reference were not made"

    def _check(self, shape: tuple[int, ...]) -> None:
        wanted = next(self._expected, None)
        assert wanted is not None, f"a draw of {shape} more than the reference made"
        assert shape == tuple(wanted["shape"]), f"drew {shape}, the reference {wanted}"


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    difference: float  # the largest, absolute
    passed: bool


class Golden:
    """A stored run; what it leaves out (source, mask) is in a run of the same family."""

    def __init__(self, folder: Path, name: str) -> None:
        self.facts: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
        self.draws = json.loads((folder / f"{name}_draws.json").read_text())
        self.tensors = load_file(folder / f"{name}.safetensors")
        self._folder = folder

    def find(self, name: str, *families: str) -> Tensor:
        if name in self.tensors:
            return self.tensors[name]
        for family in families:
            for path in sorted(self._folder.glob(f"e_{family}_*.safetensors")):
                tensors = load_file(path)
                if name in tensors:
                    return tensors[name]
        raise SystemExit(f"no {name} for this run in {self._folder}")

    def pixels(self, *families: str) -> Tensor:
        """(F, 3, H, W) in [-1, 1]"""
        return self.find("source_u8", *families).permute(0, 3, 1, 2).float() / 127.5 - 1


class Run:
    """Our side of a golden run, and what came out of it under the reference's names."""

    def __init__(self, folder: Path, name: str) -> None:
        self.golden = Golden(folder, name)
        self.tiny = Tiny(folder)
        facts = self.golden.facts
        self.noise = CheckedNoise(facts["seed"], self.golden.draws)
        self.made: dict[str, Tensor] = {}
        self._outputs: list[Tensor] = []
        self.vae = self.tiny.vae()
        play = {"anim": self._animatediff, "pain": self._paint, "cog_": self._cogvideox}
        self._steps = play.get(name[2:6], self._wan)()
        self._fixed = name.endswith("fixedcfg")

    def __iter__(self) -> Iterator[Row]:
        self._collect()
        self.noise.finish()
        for name, wanted in sorted(self.golden.tensors.items()):
            if name in self.made:
                yield _row(name, self.made[name], wanted)
            elif name not in {"source_u8", "mask_u8", "prompt_embeds", "negative_prompt_embeds"}:
                yield Row(f"{name} (not made)", float("inf"), False)

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
        kept = self.golden.facts["frames_kept"]
        targets = moment.targets
        self.made[f"{step}.consist_target"] = targets.consistent[kept]
        self.made[f"{step}.relight_target"] = targets.relit[kept]
        self.made[f"{step}.fusion_target"] = targets.fused[kept]
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
        words = prompts.relight_prompt(facts.get("relight_prompt") or facts["prompt"])
        with torch.no_grad():
            text, negative = prompts.encode_pair(tokenizer, encoder, words, prompts.WORST)
            azimuth, elevation = DIRECTIONS[facts["bg"]]
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
        source = self.golden.pixels("anim_relight")
        self._encoded = lambda pixels: self._frames_second(self.vae.encode(pixels))
        steps = schedule.relighting(facts["num_step"], facts["strength"], parity=True)
        prior = AnimateDiff(model, parity="fixedcfg" not in facts["tag"])
        given = self._given(source, self._words(facts["prompt"]))
        return self._fuse(prior, given, schedule.ANIMATEDIFF, steps)

    def _paint(self) -> Iterator[Fusing]:
        facts = self.golden.facts
        model = self._motion_model()
        source = self.golden.pixels("anim_relight")
        mask = self.golden.find("mask_u8", "paint").unsqueeze(1).float() / 255
        self._encoded = lambda pixels: self._frames_second(self.vae.encode(pixels))
        subject = foreground(source, mask)
        initial = _result(self._relighter(*source.shape[:1:-1])(subject))
        kept = facts["frames_kept"]
        self.made |= {"fg_video": subject[kept], "vdm_init": initial[kept]}
        words = self._words(facts["inpaint_prompt"])
        given = self._given(source, words, mask=mask, initial=initial)
        steps = schedule.generating(facts["num_step"], facts["strength"], parity=True)
        return self._fuse(Paint(model, parity=True), given, schedule.PAINT, steps)

    def _cogvideox(self) -> Iterator[Fusing]:
        transformer, vae = self.tiny.cogvideox()
        self._watch(transformer)
        prior = CogVideoX(transformer, vae, self.tiny.config["cog_sched"])
        self._encoded = lambda pixels: prior._scaled(prior._posterior(pixels).mode())
        return self._relit(prior, schedule.COGVIDEOX, "cog")

    def _wan(self) -> Iterator[Fusing]:
        transformer, vae = self.tiny.wan()
        self._watch(transformer)
        prior = Wan(transformer, vae)
        self._encoded = lambda pixels: prior._scaled(prior._posterior(pixels).mode())
        return self._relit(prior, schedule.WAN, "wan")

    def _relit(self, prior: Any, how: schedule.Schedule, family: str) -> Iterator[Fusing]:
        facts, golden = self.golden.facts, self.golden
        names = ("prompt_embeds", "negative_prompt_embeds")
        words = [_padded(golden.find(name, family), facts) for name in names]
        source = golden.pixels(family, "cog")
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


def _result(running: Any) -> Tensor:
    while True:
        try:
            next(running)
        except StopIteration as finished:
            return finished.value


def _padded(text: Tensor, facts: dict[str, Any]) -> Tensor:
    """Wan's embeddings are stored without the zeros that fill them up to 512."""
    if "embeds_note" not in facts or text.shape[1] >= 512:
        return text
    return torch.cat([text, text.new_zeros(1, 512 - text.shape[1], text.shape[2])], dim=1)


def _row(name: str, ours: Tensor, wanted: Tensor) -> Row:
    if ours.shape != wanted.shape:
        return Row(f"{name} {tuple(ours.shape)} for {tuple(wanted.shape)}", float("inf"), False)
    wanted = wanted.float()
    difference = (ours.float() - wanted).abs()
    passed = bool((difference <= ATOL + RTOL * wanted.abs()).all())
    return Row(name, float(difference.max()), passed)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("name", metavar="NAME")
    asked = parser.parse_args()
    rows = replay(asked.folder, asked.name)
    for row in rows:
        mark = "" if row.passed else "   OVER"
        print(f"{row.name:28} {row.difference:10.2e}{mark}")
    failed = [row for row in rows if not row.passed]
    print(f"{len(rows)} tensors, {len(failed)} over tolerance")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
