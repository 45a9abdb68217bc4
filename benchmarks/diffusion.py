"""Time and memory of Light-A-Video in real sizes: ours, the reference's schedule, the floor.

python benchmarks/diffusion.py [--engines wan] [--json PATH]     on any CUDA machine
python benchmarks/diffusion.py --tiny                            does the program run? (CPU)

Random weights in the real sizes; text encoders are left out, for they run once. A few outer steps
are timed whole and the rest of the schedule is scaled from them: all relit steps cost the same, and
so do all plain ones. Stages are timed on the device in a run of their own.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import torch
import transcribed
from bare_models import REAL_WORK, TINY_WORK, Models, Work
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from lav_engine.engines.diffusion import schedule
from lav_engine.engines.diffusion.attention import steady
from lav_engine.engines.diffusion.family import FAMILIES
from lav_engine.engines.diffusion.fusion import fuse
from lav_engine.engines.diffusion.iclight import ICLight, Lighting, Settings
from lav_engine.engines.diffusion.imagevae import ImageVAE
from lav_engine.engines.diffusion.noise import FrameNoise
from lav_engine.engines.diffusion.priors.animatediff import AnimateDiff, MotionModel
from lav_engine.engines.diffusion.priors.base import Conditioning
from lav_engine.engines.diffusion.priors.cogvideox import CogVideoX
from lav_engine.engines.diffusion.priors.wan import Wan

Seconds = dict[str, float]


@dataclass(frozen=True)
class Bench:
    """The models of one engine, shared by both sides."""

    name: str
    work: Work
    models: Models
    relighter: Any
    vae: Any
    network: Any
    video_vae: Any  # AnimateDiff: the same as `vae`
    relight_steps: int

    @property
    def stages(self) -> tuple[tuple[str, Any, str], ...]:
        video = () if self.video_vae is self.vae else (("video VAE", self.video_vae),)
        vaes = (("image VAE", self.vae), *video)
        return (
            ("relighter", self.relighter, "forward"),
            ("video model", self.network, "forward"),
            *((name, vae, work) for name, vae in vaes for work in ("encode", "decode")),
        )

    def random(self, *shape: int) -> Tensor:
        return torch.randn(*shape, device=self.models.device)

    def source(self) -> Tensor:
        return self.random(self.work.frames, 3, self.work.height, self.work.width).clamp(-1, 1)

    def light(self) -> Tensor:
        return self.random(1, 4, self.work.height // 8, self.work.width // 8)

    def relight_text(self) -> Tensor:
        return self.random(1, 77, self.relighter.config.cross_attention_dim)


def build(name: str, models: Models, work: Work, relight_steps: int) -> Bench:
    vae, video_vae = models.vae(), None
    if name == "cogvideox":
        network, video_vae = models.cogvideox(), models.cogvideox_vae()
    elif name == "wan":
        network, video_vae = models.wan(), models.wan_vae()
    else:
        network = models.motion()
    unet = models.relighter()
    return Bench(name, work, models, unet, vae, network, video_vae or vae, relight_steps)


# --- the two sides ----------------------------------------------------------------------------


@torch.no_grad()
def ours(bench: Bench, outer: int, clock: Clock) -> Seconds:
    """Seconds of each part of a run, through the product's own classes."""
    family = FAMILIES[bench.name]
    steady(bench.relighter, family.defaults.gamma)
    noise = FrameNoise(1, 0, family.stride)
    vae = ImageVAE(bench.vae)
    prior: Any = {
        "animatediff": lambda: AnimateDiff(
            MotionModel(bench.network, vae, bench.models.config["eul"])
        ),
        "cogvideox": lambda: CogVideoX(
            bench.network, bench.video_vae, bench.models.config["cog_sched"]
        ),
        "wan": lambda: Wan(bench.network, bench.video_vae),
    }[bench.name]()
    text = bench.relight_text()
    lighting = Lighting(text, -text, bench.light())
    relighter = ICLight(bench.relighter, vae, lighting, noise, Settings(bench.relight_steps))
    words = bench.random(1, *bench.work.text)
    given = Conditioning(bench.source(), words, -words, noise, family.defaults.guidance)
    steps = schedule.relighting(family.defaults.steps, family.defaults.strength, parity=False)

    relit, state, started = [], None, clock.now()
    for moment in fuse(prior, relighter, given, family.schedule, steps):
        if moment.state is not None:
            relit.append(clock.now() - started)
            state, started = moment.state, clock.now()
        if len(relit) > outer:
            break
    # The first outer step also begins the run and warms the device up.
    found = {"relit step": statistics.median(relit[1:])}
    found["begin"] = clock.time(lambda: prior.begin(given, steps))
    found["plain step"], state = clock.timed(lambda: prior.step(state, None))
    found["finish"] = clock.time(lambda: prior.finish(state))
    return found


@torch.no_grad()
def theirs(bench: Bench, outer: int, clock: Clock) -> Seconds:
    dtype = bench.models.dtype
    forwards = _forwards(bench.relighter)
    transcribed.share_light(bench.relighter, FAMILIES[bench.name].defaults.gamma)
    words, source = bench.random(1, *bench.work.text).to(dtype), bench.source().to(dtype)
    model: Any
    if bench.name == "animatediff":
        model = transcribed.AnimateDiff(bench.network, bench.vae, words)
    else:
        together = bench.name == "cogvideox"
        model = transcribed.Video(bench.network, bench.video_vae, words, together=together)
    text, light = bench.relight_text().to(dtype), bench.light().to(dtype)
    relighter = transcribed.Relighter(bench.relighter, bench.vae, text, light, bench.relight_steps)
    begin, latents = clock.timed(lambda: model.encode(source))
    relit = []
    for _ in range(outer + 1):
        started = clock.now()
        latents = transcribed.relit_step(model, relighter, latents, source).to(dtype)
        relit.append(clock.now() - started)
    found = {"relit step": statistics.median(relit[1:]), "begin": begin}
    found["plain step"] = clock.time(lambda: transcribed.plain_step(model, latents))
    found["finish"] = clock.time(lambda: model.decode(latents))
    for layer, forward in forwards:
        layer.forward = forward
    return found


def _forwards(unet: Any) -> list[tuple[Any, Any]]:
    return [(one, one.forward) for name, one in unet.named_modules() if name.endswith("attn1")]


def whole(name: str, found: Seconds, *, parity: bool) -> float:
    """Seconds of the default schedule, scaled from its parts."""
    relit, plain = outer_steps(name, parity=parity)
    return (
        found["begin"] + relit * found["relit step"] + plain * found["plain step"] + found["finish"]
    )


def outer_steps(name: str, *, parity: bool) -> tuple[int, int]:
    family = FAMILIES[name]
    steps = schedule.relighting(family.defaults.steps, family.defaults.strength, parity=parity)
    weights = family.schedule.weights([0.0] * steps.kept)
    relit = sum(one is not None for one in weights)
    return relit, steps.kept - relit


# --- time, memory, arithmetic -----------------------------------------------------------------


class Clock:
    def __init__(self, device: str) -> None:
        self._cuda = device == "cuda"

    def now(self) -> float:
        if self._cuda:
            torch.cuda.synchronize()
        return time.perf_counter()

    def timed(self, work: Callable[[], Any]) -> tuple[float, Any]:
        started = self.now()
        result = work()
        return self.now() - started, result

    def time(self, work: Callable[[], Any]) -> float:
        return self.timed(work)[0]

    @contextmanager
    def stages(self, bench: Bench) -> Iterator[dict[str, list[float]]]:
        """Seconds of every call of the models, by name."""
        spent: dict[str, list[float]] = defaultdict(list)
        kept = [(owner, work, getattr(owner, work)) for _, owner, work in bench.stages]
        for (name, owner, work), (_, _, call) in zip(bench.stages, kept, strict=True):
            setattr(owner, work, self._watched(call, spent[name]))
        try:
            yield spent
        finally:
            for owner, work, call in kept:
                setattr(owner, work, call)

    def _watched(self, call: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            seconds, result = self.timed(lambda: call(*given, **named))
            spent.append(seconds)
            return result

        return watched


def teraflops(bench: Bench) -> dict[str, float]:
    """Of one relit step of ours, by stage, counted on tensors that hold nothing."""
    work, relight_steps = bench.work, bench.relight_steps
    empty = Models("meta", torch.bfloat16, tiny=bench.models.tiny)
    rows, columns = work.height // 8, work.width // 8

    def count(run: Callable[[], Any]) -> float:
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            run()
        return counter.get_total_flops() / 1e12

    def blank(*shape: int) -> Tensor:
        return torch.empty(*shape, device="meta", dtype=torch.bfloat16)

    unet, vae = empty.relighter(), empty.vae()
    text = blank(1, 77, unet.config.cross_attention_dim)
    once = torch.tensor([1], device="meta")
    image = count(lambda: unet(blank(1, 8, rows, columns), once, text))
    encode = count(lambda: vae.encode(blank(1, 3, work.height, work.width)))
    decode = count(lambda: vae.decode(blank(1, 4, rows, columns)))
    fresh = build(bench.name, empty, work, relight_steps)
    words, pixels = blank(1, *work.text), blank(work.frames, 3, work.height, work.width)
    frames = work.frames
    rounds = 2 if bench.name == "animatediff" else 1  # its own VAE is the image VAE
    found = {
        "relighter": image * 2 * frames * relight_steps,
        "image VAE": (encode + decode) * frames * rounds,
    }
    if bench.name == "animatediff":
        latents = blank(1, 4, frames, rows, columns)
        texts = words.expand(frames, -1, -1)
        found["video model"] = 2 * count(lambda: fresh.network(latents, once, texts))
        return found
    together = bench.name == "cogvideox"
    model: Any = transcribed.Video(fresh.network, fresh.video_vae, words, together=together)
    video = pixels.movedim(1, 0).unsqueeze(0)
    latents = model.encode(pixels)
    found["video model"] = count(lambda: model.predict(latents, once))
    found["video VAE"] = count(lambda: fresh.video_vae.encode(video)) + count(
        lambda: model.decode(latents)
    )
    return found


def matmul_rate(device: str, dtype: torch.dtype) -> float:
    """TFLOP/s of large matrix products here: what the floor is counted at."""
    size, rounds = (8192, 20) if device == "cuda" else (1024, 3)
    one = torch.randn(size, size, device=device, dtype=dtype)
    clock = Clock(device)
    clock.time(lambda: one @ one)
    seconds = clock.time(lambda: [one @ one for _ in range(rounds)])
    return 2 * size**3 * rounds / seconds / 1e12


@contextmanager
def peak_memory(device: str) -> Iterator[dict[str, float]]:
    """GiB on the device: the weights, and the most at any time."""
    found: dict[str, float] = {}
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
        found["weights"] = torch.cuda.memory_allocated() / 2**30
    yield found
    if device == "cuda":
        found["peak"] = torch.cuda.max_memory_allocated() / 2**30


# --- report -----------------------------------------------------------------------------------


def measured(bench: Bench, side: Any, outer: int, *, parity: bool) -> dict[str, Any]:
    clock = Clock(bench.models.device)
    with peak_memory(bench.models.device) as memory:
        found = side(bench, outer, clock)
    with clock.stages(bench) as spent:
        side(bench, 1, clock)
    total = {name: sum(calls) for name, calls in spent.items()}
    everything = sum(total.values())
    return {
        "seconds": found,
        "default schedule, scaled, seconds": whole(bench.name, found, parity=parity),
        "outer steps, relit and plain": outer_steps(bench.name, parity=parity),
        "stage shares": {name: one / everything for name, one in total.items()},
        "stage calls, seconds": {
            name: statistics.median(one) for name, one in spent.items() if one
        },
        "memory, GiB": memory,
    }


def report(name: str, models: Models, work: Work, args: argparse.Namespace) -> dict[str, Any]:
    bench = build(name, models, work, args.relight_steps)
    rate = matmul_rate(models.device, models.dtype)
    sides = {
        "reference": measured(bench, theirs, args.outer, parity=True),
        "ours": measured(bench, ours, args.outer, parity=False),
    }
    flops = teraflops(bench)
    relit, plain = sides["ours"]["outer steps, relit and plain"]
    total = relit * sum(flops.values()) + plain * flops["video model"]
    row = {
        "frames": work.frames,
        "size": [work.width, work.height],
        **sides,
        "TFLOP of a relit step": flops,
        "matmul TFLOP/s": rate,
        "floor of a relit step, seconds": sum(flops.values()) / rate,
        "floor of the schedule, seconds": total / rate,
    }
    _show(name, row)
    return row


def _show(name: str, row: dict[str, Any]) -> None:
    print(f"\n{name}: {row['frames']} frames of {row['size'][0]}x{row['size'][1]}")
    for side in ("reference", "ours"):
        found = row[side]
        parts = "  ".join(f"{part} {seconds:.3g} s" for part, seconds in found["seconds"].items())
        total = found["default schedule, scaled, seconds"]
        memory = "  ".join(f"{what} {size:.1f} GiB" for what, size in found["memory, GiB"].items())
        print(f"  {side:10} {total:8.1f} s   {parts}   {memory}")
        shares = found["stage shares"].items()
        print(" " * 13 + "  ".join(f"{stage} {share:.0%}" for stage, share in shares))
    floor, rate = row["floor of the schedule, seconds"], row["matmul TFLOP/s"]
    print(f"  floor      {floor:8.1f} s   at {rate:.3g} TFLOP/s")


def main() -> int:
    args = _arguments()
    diffusers.utils.logging.set_verbosity_error()
    device = "cpu" if args.tiny or not torch.cuda.is_available() else "cuda"
    if device == "cpu" and not args.tiny:
        print("No CUDA device here. --tiny only proves that the program runs.")
        return 2
    dtype = torch.float32 if args.tiny else getattr(torch, args.dtype)
    models = Models(device, dtype, tiny=args.tiny)
    works = TINY_WORK if args.tiny else REAL_WORK
    found = {
        "machine": torch.cuda.get_device_name() if device == "cuda" else platform.processor(),
        "versions": {
            "torch": torch.__version__,
            "diffusers": diffusers.__version__,
            "cuda": torch.version.cuda,
        },
        "dtype": str(dtype).removeprefix("torch."),
        "relighter steps": args.relight_steps,
        "outer steps timed": args.outer,
        "tiny": args.tiny,
        "engines": {},
    }
    for name in args.engines:
        found["engines"][name] = report(name, models, works[name], args)
        if args.json:  # after each, so that a stop half-way leaves something
            args.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--engines", nargs="+", choices=list(REAL_WORK), default=list(REAL_WORK))
    parser.add_argument("--outer", type=int, default=2, help="outer steps timed after a warm one")
    parser.add_argument("--relight-steps", type=int, default=15)
    parser.add_argument("--dtype", choices=("bfloat16", "float16"), default="bfloat16")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--tiny", action="store_true", help="tiny models on the CPU: a smoke test")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
