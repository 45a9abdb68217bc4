"""What models run on, and how they share its memory: plans from the fastest to the smallest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from lav_engine.engines.diffusion import models
from lav_engine.engines.diffusion.family import Family
from lav_engine.engines.diffusion.memory import MemoryPlan, Need, Placement, Text, Turns
from lav_engine.engines.diffusion.models import GB, Model
from lav_engine.errors import Code, LavError

MARGIN = 0.94  # of the free memory: allocators lose a little to gaps


class Kind(StrEnum):
    cuda = "cuda"
    mps = "mps"
    cpu = "cpu"


@dataclass(frozen=True, slots=True)
class Device:
    kind: Kind
    name: str
    total: int  # bytes
    free: int  # bytes, with what this process holds: it can be given back
    ram: int  # bytes free in main memory, where models wait for their turn
    has_bf16: bool = False

    def dtype(self, model: Model) -> str:
        """The torch type that the model's networks run in."""
        if self.kind == Kind.cpu:
            return "float32"  # 16-bit arithmetic is emulated on most
        return model.half if self.has_bf16 else "float16"


def current() -> Device:
    """The best device of this computer: CUDA, Apple's GPU, else the processor.

    Raises LavError where the packages of these engines are not installed.
    """
    import psutil

    try:
        import torch
    except ModuleNotFoundError as error:
        raise LavError(
            "The Light-A-Video engines need packages that are not installed.",
            "Install them: pip install 'lav-bridge[diffusion]'.",
            Code.unsupported,
        ) from error

    memory = psutil.virtual_memory()
    ram = memory.available + psutil.Process().memory_info().rss
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        free += torch.cuda.memory_reserved()
        name, has_bf16 = torch.cuda.get_device_name(), torch.cuda.get_device_capability() >= (8, 0)
        return Device(Kind.cuda, name, total, free, ram, has_bf16)
    if torch.backends.mps.is_available():  # one memory for both
        total = torch.mps.recommended_max_memory()
        return Device(Kind.mps, "Apple GPU", total, min(total, ram), ram, has_bf16=True)
    return Device(Kind.cpu, "processor", memory.total, ram, ram)


def plans(
    family: Family,
    size: tuple[int, int],
    frames: int,
    device: Device,
    video: Model | None = None,
    folder: Path | None = None,
) -> tuple[MemoryPlan, ...]:
    """Ways to run a window of `frames` at `size` (width, height), from the largest to the smallest.

    `video` is the engine's own video model unless a sibling is named; `folder` is the one with
    models by name, if not the shared cache. Weights that are there count as large as they are.
    """
    model = video or models.video_model(family.name)
    number = 4 if device.kind == Kind.cpu else 2
    need = Need(model, size, frames, number, folder)
    made: list[MemoryPlan] = []
    for placement, sentence in _ways(model, device):
        plan = need.plan(placement, sentence)
        if not made or plan.device_bytes < made[-1].device_bytes:  # else it would cost for nothing
            made.append(plan)
    return tuple(made)


def choose(plans: Sequence[MemoryPlan], device: Device) -> MemoryPlan:
    """The first that fits; raises LavError(VRAM_SHORT or MEMORY_SHORT) with both numbers."""
    for plan in plans:
        if fits(plan, device):
            return plan
    smallest = plans[-1]
    if smallest.device_bytes <= device.free * MARGIN:  # main memory is what is short
        raise _short("main memory", smallest.ram_bytes, device.ram, Code.memory_short)
    is_card = device.kind == Kind.cuda
    what = f"memory on the {device.name}" if is_card else "memory"
    code = Code.vram_short if is_card else Code.memory_short
    raise _short(what, int(smallest.device_bytes / MARGIN), device.free, code)


def fits(plan: MemoryPlan, device: Device) -> bool:
    return plan.device_bytes <= device.free * MARGIN and plan.ram_bytes <= device.ram


def _short(what: str, needed: int, free: int, code: Code) -> LavError:
    return LavError(
        f"This window needs about {needed / GB:.1f} GB of {what}, {free / GB:.1f} GB are free.",
        "Close other programs, or choose a smaller working size, fewer frames or a smaller model.",
        code,
    )


def _ways(model: Model, device: Device) -> tuple[tuple[Placement, str], ...]:
    together = Placement()
    alone = replace(together, text=Text.alone)
    sliced = replace(alone, frames=4)
    tiled = replace(alone, frames=1, tiles=True, exact_vae=False)
    if device.kind != Kind.cuda:  # one memory: nothing to move models to
        return (
            (together, "All models stay in memory."),
            (alone, "Text encoders have the memory to themselves before the other models."),
            (sliced, "Text encoders come first and leave; the image VAE takes 4 frames at a time."),
            (tiled, "Text encoders come first and leave; VAEs work in tiles."),
        )
    turns = replace(sliced, text=Text.ram, turns=Turns.one)
    ways = [
        (together, "All models stay on the card."),
        (alone, "Text encoders have the card to themselves before the other models."),
        (replace(sliced, text=Text.ram), "Text encoders run in main memory, the rest on the card."),
        (turns, "Relighter and video model take turns on the card."),
        (replace(tiled, text=Text.ram), "Text encoders run in main memory; VAEs work in tiles."),
        (
            replace(turns, frames=1, tiles=True, exact_vae=False),
            "Relighter and video model take turns on the card; VAEs work in tiles.",
        ),
    ]
    if model.network != ".":  # a motion adapter is little more than the relighter
        placement = replace(ways[-1][0], turns=Turns.blocks)
        ways.append((placement, "The video model goes through the card block by block: slow."))
    return tuple(ways)
