"""The seam between the relight loop and any engine: a window in, steps out, the last with a map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from lav_engine.lightmap import LightFields
from lav_engine.pictures import Pictures
from lav_engine.spec import Light, Options


@dataclass(frozen=True, slots=True)
class Window:
    """Consecutive media frames at the engine's working size."""

    first: int  # media frame of frames[0]
    frames: NDArray[np.float32]  # (F, H, W, 3) display-referred Rec.709 RGB, [0, 1]
    rate: Fraction
    mask: NDArray[np.float32] | None = None  # (F, H, W), 1 on the subject: the user's own matte


@dataclass(frozen=True, slots=True)
class Step:
    """Progress inside a window. `fields` comes with the last step, for all F frames.

    `pictures` come with it from engines that make frames of their own, `warning` whenever there is
    something that an editor should know about the take.
    """

    done: int
    total: int
    fields: LightFields | None = None
    preview: NDArray[np.float32] | None = None  # (H, W, 3) display-referred
    pictures: Pictures | None = None
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What windows take on this machine, roughly."""

    device: str  # in words
    memory_bytes: int  # of the device
    seconds: float
    warnings: tuple[str, ...] = ()


class Engine(Protocol):
    """Relights one window at the engine's working size; keeps nothing between calls that shows.

    Caching what depends on the frames alone is allowed (a dragged lamp then answers fast); results
    must not depend on what ran before.
    """

    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        """EV at which `light` shows the subject well; the anchors are single frames far apart."""
        ...

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        """`light.exposure` is a number here; keys are looked up per media frame."""
        ...


@runtime_checkable
class Costly(Protocol):
    """An engine that says beforehand what its windows will take."""

    def cost(self, frames: tuple[int, ...], size: tuple[int, int], options: Options) -> Cost:
        """Of windows with so many frames each, at (width, height).

        Raises LavError when they cannot be relit here: no model, no room.
        """
        ...


@runtime_checkable
class Glancing(Protocol):
    """An engine that shows one frame of a window sooner than the whole of it."""

    def glance(
        self, window: Window, media_frame: int, light: Light, options: Options
    ) -> LightFields:
        """Of that frame alone, as `relight` would light it but for what is steadied over time."""
        ...


@runtime_checkable
class Identified(Protocol):
    """An engine whose light depends on files beyond those that its options name."""

    def identity(self, options: Options) -> str:
        """Names their content, cheaply: another answer is another light.

        Raises LavError where they are missing.
        """
        ...
