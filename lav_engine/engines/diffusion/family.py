"""What differs between the video models, as data, and the seam to their loaded weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lav_engine.engines.diffusion.schedule import ANIMATEDIFF, COGVIDEOX, WAN, Schedule

if TYPE_CHECKING:
    import numpy as np
    from diffusers import UNet2DConditionModel
    from numpy.typing import NDArray
    from torch import Tensor

    from lav_engine.engines.diffusion.imagevae import ImageVAE
    from lav_engine.engines.diffusion.matte import Matte
    from lav_engine.engines.diffusion.priors.base import VideoPrior


@dataclass(frozen=True, slots=True)
class Defaults:
    """The reference's settings (engine defaults of Light-A-Video, commit 1b44482)."""

    steps: int
    strength: float
    guidance: float
    gamma: float  # of Consistent Light Attention


@dataclass(frozen=True, slots=True)
class Family:
    name: str  # of the engine
    schedule: Schedule
    defaults: Defaults
    step: int  # it takes k * step + 1 frames; 1: any number
    stride: int  # media frames per latent frame
    square: int = 0  # parity: the side of the only size that the reference takes, pixels

    def size(self, size: tuple[int, int], *, parity: bool) -> tuple[int, int]:
        """(width, height) that the models see of a window of `size`."""
        return (self.square, self.square) if parity and self.square else size

    def fitting(self, frames: int) -> int:
        """The smallest number of frames that it takes and that holds `frames`."""
        return -(-(frames - 1) // self.step) * self.step + 1


FAMILIES = {
    family.name: family
    for family in (
        Family(
            "animatediff", ANIMATEDIFF, Defaults(25, 0.5, 2.0, 0.5), step=1, stride=1, square=512
        ),
        Family("cogvideox", COGVIDEOX, Defaults(25, 0.4, 2.0, 0.7), step=8, stride=4),
        Family("wan", WAN, Defaults(25, 0.4, 2.0, 0.7), step=4, stride=4),
    )
}


class Models(Protocol):
    """The weights behind one engine: loaded on first use, kept warm between windows and jobs."""

    @property
    def image_vae(self) -> ImageVAE: ...

    def relighter_unet(self, gamma: float, *, background: bool) -> UNet2DConditionModel:
        """IC-Light fc, or fbc (conditioned on a background too), with light attention set."""
        ...

    def relight_words(self, prompt: str) -> tuple[Tensor, Tensor]:
        """Embeddings of the editor's words, and of what the relighter avoids."""
        ...

    def video_words(self, prompt: str, negative: str) -> tuple[Tensor, Tensor]:
        """Embeddings by the video model's own text encoder."""
        ...

    def release_text(self) -> None:
        """Text encoders leave the memory; the next words load them again."""
        ...

    def outlines(self, frames: NDArray[np.float32], coarse: Matte) -> Matte | None:
        """The subject's mattes made finer; None without a model for it, which is optional.

        Raises LavError(MODEL_UNUSABLE).
        """
        ...

    def prior(self, *, parity: bool, new_background: bool) -> VideoPrior: ...
