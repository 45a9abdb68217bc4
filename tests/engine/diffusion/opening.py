"""Tiny models, opened as an engine opens its own, and what tests do to their files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from lav_engine.engines.diffusion.device import Device, Kind
from lav_engine.engines.diffusion.family import FAMILIES
from lav_engine.engines.diffusion.loading import Loaded, open_models
from lav_engine.engines.diffusion.memory import MemoryPlan, Placement
from lav_engine.spec import Diffusion

CPU = Device(Kind.cpu, "processor", 8 << 30, 8 << 30, 8 << 30)
BASE, WAN = "realistic-vision-v51", "wan2.1-1.3b"
STEM = "diffusion_pytorch_model"
WEIGHTS = f"{STEM}.safetensors"


def opened(engine: str, models: Path, placement: Placement = Placement(), **options: Any) -> Loaded:
    plan = MemoryPlan(placement, "All of it.", 0)
    return open_models(FAMILIES[engine], Diffusion(models=models, **options), CPU, plan)


def edited(config: Path, **more: object) -> None:
    config.write_text(json.dumps({**json.loads(config.read_text()), **more}))


def changed(file: Path, change: Callable[[dict[str, Tensor]], object]) -> None:
    weights = load_file(file)
    change(weights)
    save_file(weights, file, {"format": "pt"})
