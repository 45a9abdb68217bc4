"""What a window takes of a device's memory, for each way to place the models. Estimates."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from lav_engine.engines.diffusion import folders, models, weights
from lav_engine.engines.diffusion.models import Model


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
class Need:
    model: Model
    size: tuple[int, int]
    frames: int
    number: int  # bytes of one: 2 or 4
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

    def _weights(self, folder: str, model: Model) -> int:
        found = folders.installed(model, self.folder) if model.parameters(folder) else None
        count = weights.parameters(found / folder) if found else model.parameters(folder)
        return count * self.number

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
        return 2 if placement.exact_vae and self.number == 2 else 1

    def _activations(self, placement: Placement) -> int:
        """Networks run one after the other: the hungriest counts."""
        width, height = self.size
        pixels, scale = width * height, self.number / 2
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
