"""The Light-A-Video engines. Their libraries are loaded with the first window, or to plan one."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from lav_engine.engines.base import Cost, Step, Window
from lav_engine.engines.diffusion import device, estimate, folders, models
from lav_engine.engines.diffusion.device import Device, MemoryPlan
from lav_engine.engines.diffusion.family import FAMILIES, Family
from lav_engine.engines.diffusion.settings import settings
from lav_engine.errors import Code, LavError
from lav_engine.spec import Diffusion, Light, Mode, Options

if TYPE_CHECKING:
    from lav_engine.engines.diffusion.loading import Loaded
    from lav_engine.engines.diffusion.shared import Order


class DiffusionEngine:
    """Keeps the models of the last window, and what their text encoders said, for the next."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._models: Loaded | None = None
        self._too_large: set[MemoryPlan] = set()  # found so in this job

    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        """What the light asks for by itself: IC-Light decides how bright a picture is, so there is
        nothing to solve. A locked exposure is EV over the model's own."""
        self._too_large.clear()  # a job begins here, and memory may have become free
        return light.bias

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        """Where the device's memory runs out, starts over with the next smaller plan and says so.

        Raises LavError for a model that is missing, unusable or too large for this computer.
        """
        from lav_engine.engines.diffusion.section import Section

        here = device.current()
        height, width = window.frames.shape[1:3]
        plans = self._plans(here, len(window.frames), (width, height), options.diffusion)
        for plan in plans:
            if self._too_large:
                yield Step(0, 1, warning=f"The {here.name} ran out of memory. {plan.sentence}")
            loaded = self._opened(options.diffusion, here, plan)
            section = Section(self._family, loaded, window, light, options)
            if (yield from _unless_short(section.steps())):
                return
            self._too_large.add(plan)
            del loaded, section
            self._close()
        self._too_large.clear()
        raise _too_short(here, window)

    def cost(self, frames: tuple[int, ...], size: tuple[int, int], options: Options) -> Cost:
        """Raises what `relight` would."""
        here, now = device.current(), settings(self._family, options)
        plan = self._plans(here, max(frames), size, options.diffusion)[0]
        video = models.video_model(self._family.name, options.diffusion.video_model)
        width, height = self._family.size(size, parity=now.is_parity)
        pixels = sum(map(self._family.fitting, frames)) * width * height
        seconds = estimate.seconds(self._family.name, video.name, now, pixels, here.kind)
        warnings = ()
        if here.kind == device.Kind.cpu:
            warnings = ("No graphics card was found; the processor alone takes very long.",)
        return Cost(f"{here.name}. {plan.sentence}", plan.device_bytes, seconds, warnings)

    def identity(self, options: Options) -> str:
        """The models it would load. Raises LavError: MODEL_MISSING, or BAD_VALUE for settings."""
        settings(self._family, options)  # told here, before the job is queued
        wanted, name = options.diffusion, self._family.name
        needed = models.needed(name, wanted.video_model, background=wanted.background)
        optional = [one for one in models.MODELS.values() if one.is_optional]
        here = [one for one in optional if folders.installed(one, wanted.models)]
        return "; ".join(folders.identity(model, wanted.models) for model in (*needed, *here))

    def _plans(
        self, here: Device, frames: int, size: tuple[int, int], wanted: Diffusion
    ) -> tuple[MemoryPlan, ...]:
        """Those to try: the largest that should fit, and all smaller ones."""
        name, count = self._family.name, self._family.fitting(frames)
        for model in models.needed(name, wanted.video_model, background=wanted.background):
            folders.folder(model, wanted.models)  # a model that is missing is told first
        video = models.video_model(name, wanted.video_model)
        seen = self._family.size(size, parity=wanted.mode == Mode.parity)
        plans = device.plans(self._family, seen, count, here, video, wanted.models)
        fitting = plans[plans.index(device.choose(plans, here)) :]
        return tuple(plan for plan in fitting if plan not in self._too_large)

    def _opened(self, wanted: Diffusion, here: Device, plan: MemoryPlan) -> Loaded:
        """The last window's where they are the same; nothing is loaded before it is used."""
        from lav_engine.engines.diffusion.loading import open_models

        opened = open_models(self._family, wanted, here, plan)
        kept = self._models
        if kept is None or not _serves(kept.order, opened.order):
            self._close()
            kept = self._models = opened
        return kept

    def _close(self) -> None:
        """Gives the models' memory back."""
        import torch

        self._models = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _serves(kept: Order, wanted: Order) -> bool:
    """Whether they are the same but for what is measured anew for every window."""
    return replace(kept, device=wanted.device) == wanted and kept.device.kind == wanted.device.kind


def _unless_short(steps: Iterator[Step]) -> Generator[Step, None, bool]:
    """Passes a section's steps on; returns whether it came to its end before the memory did."""
    import torch

    try:
        yield from steps
    except torch.OutOfMemoryError:
        return False
    return True


def _too_short(here: Device, window: Window) -> LavError:
    height, width = window.frames.shape[1:3]
    return LavError(
        f"The {here.name} ran out of memory, even with the smallest plan, so these "
        f"{len(window.frames)} frames of {width} x {height} cannot be relit on it.",
        "Close other programs that use it, or choose an engine with a smaller model.",
        Code.vram_short,
    )


def animatediff() -> DiffusionEngine:
    return DiffusionEngine(FAMILIES["animatediff"])


def cogvideox() -> DiffusionEngine:
    return DiffusionEngine(FAMILIES["cogvideox"])


def wan() -> DiffusionEngine:
    return DiffusionEngine(FAMILIES["wan"])
