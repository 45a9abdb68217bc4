"""What models run on, and how they share its memory: plans from the fastest to the smallest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from lav_engine.engines.diffusion import folders, models, weights
from lav_engine.engines.diffusion.family import Family
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


class Text(StrEnum):
    """Where text encoders run."""

    beside = "beside"  # the other models, on the device
    alone = "alone"  # on the device; the others leave and come back
    ram = "ram"  # in main memory


class Turns(StrEnum):
    """Who is on the device at a time."""

    together = "together"
    one = "one"  # relighter and video model by turns
    blocks = "blocks"  # and of the video model one block


@dataclass(frozen=True, slots=True)
class Placement:
    text: Text = Text.beside
    turns: Turns = Turns.together
    frames: int = 16  # the image VAE takes at once
    tiles: bool = False  # VAEs work through the picture in tiles
    exact_vae: bool = True  # video VAEs in float32 where they were made for it


@dataclass(frozen=True, slots=True)
class MemoryPlan:
    """One way to fit a window. Bytes are estimates from parameters and picture size."""

    placement: Placement  # equal plans can go on with the same loaded models
    sentence: str = field(compare=False)
    device_bytes: int = field(compare=False)
    ram_bytes: int = field(default=0, compare=False)


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
    need = _Need(model, size, frames, device, folder)
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


# Bytes that networks need beside their weights, per pixel of the working size in 16 bit, times
# what they hold at once. Estimates from channel counts; no card was measured.
IMAGE_VAE = 2600  # a frame: 256 channels at full size, a handful of copies
IMAGE_UNET = 330  # a frame: 320 channels at an eighth, its skips and wide layers
MOTION_UNET = 420  # a frame
TRANSFORMER = 40 / 1536  # a frame and channel of the transformer's width
VIDEO_VAE = {"wan": 7000, "cogvideox": 40000}  # 4 and 8 frames at a time
TILE = 256 * 256  # pixels of a tile
PICTURES = 80  # a frame: the windows' own float pictures
WIDTHS = {  # of the transformers
    "cogvideox-2b": 1920,
    "cogvideox-5b": 3072,
    "wan2.1-1.3b": 1536,
    "wan2.1-14b": 5120,
    "wan2.2-14b": 5120,
}
BLOCKS = 30  # that a transformer has at least


@dataclass(frozen=True, slots=True)
class _Need:
    model: Model
    size: tuple[int, int]
    frames: int
    device: Device
    folder: Path | None

    def plan(self, placement: Placement, sentence: str) -> MemoryPlan:
        relighter, network = self._weights("unet", models.MODELS[models.BASE]), self._network()
        on_card = {
            Turns.together: relighter + network,
            Turns.one: max(relighter, network),
            Turns.blocks: relighter + 2 * network // BLOCKS,
        }[placement.turns]
        running = on_card + self._vaes(placement) + self._activations(placement)
        image, video = self._texts()
        waiting = 0 if placement.turns == Turns.together else relighter + network
        if placement.text == Text.ram:
            return MemoryPlan(placement, sentence, running, waiting + image + video)
        # They come first and leave; other words for a warm job meet the other models there.
        reading = image + video + (on_card if placement.text == Text.beside else 0)
        return MemoryPlan(placement, sentence, max(running, reading), waiting)

    @property
    def _bytes(self) -> int:
        """Of a number"""
        return 4 if self.device.kind == Kind.cpu else 2

    def _weights(self, folder: str, model: Model) -> int:
        found = folders.installed(model, self.folder) if model.parameters(folder) else None
        count = weights.parameters(found / folder) if found else model.parameters(folder)
        return count * self._bytes

    def _network(self) -> int:
        if self.model.engine == "animatediff":  # the adapter inside a UNet of its own
            adapter = self._weights(".", self.model)
            return adapter + self._weights("unet", models.MODELS[models.BASE])
        return self._weights(self.model.network, self.model)

    def _texts(self) -> tuple[int, int]:
        base = models.MODELS[models.BASE]
        return self._weights("text_encoder", base), self._weights("text_encoder", self.model)

    def _vaes(self, placement: Placement) -> int:
        image = self._weights("vae", models.MODELS[models.BASE])
        return image + self._weights("vae", self.model) * self._exact(placement)

    def _exact(self, placement: Placement) -> int:
        return 2 if placement.exact_vae and self._bytes == 2 else 1

    def _activations(self, placement: Placement) -> int:
        """Networks run one after the other: the hungriest counts."""
        width, height = self.size
        pixels, scale = width * height, self._bytes / 2
        tile = min(pixels, TILE) if placement.tiles else pixels
        network = WIDTHS.get(self.model.name, 0) * TRANSFORMER or MOTION_UNET
        video_vae = VIDEO_VAE.get(self.model.engine, 0) * self._exact(placement)
        each = (
            IMAGE_VAE * tile * min(placement.frames, self.frames),
            IMAGE_UNET * pixels * self.frames,
            network * pixels * self.frames,
            video_vae * tile,
        )
        return int(max(each) * scale) + PICTURES * pixels * self.frames
