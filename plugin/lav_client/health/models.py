"""Which engines have their models here. Draft needs none."""

from __future__ import annotations

from collections.abc import Iterator

from lav_client.health.check import GB, Check, State
from lav_client.health.install import is_installed
from lav_engine.engines.diffusion import folders
from lav_engine.engines.diffusion.models import MODELS, Model, needed

LIBRARIES = ("torch", "diffusers", "transformers", "safetensors", "huggingface_hub")


def checks() -> Iterator[Check]:
    lacking = [name for name in LIBRARIES if not is_installed(name)]
    if lacking:
        text = f"Light-A-Video is not installed ({', '.join(lacking)}); Draft works without"
        yield Check("Models", State.ok, text, "For it: pip install 'lav-bridge[diffusion]'.")
        return
    here = {name for name, model in MODELS.items() if folders.installed(model)}
    for engine in dict.fromkeys(model.engine for model in MODELS.values() if model.engine):
        yield _engine(engine, needed(engine), here)


def _engine(engine: str, models: tuple[Model, ...], here: set[str]) -> Check:
    lacking = [model for model in models if model.name not in here]
    if not lacking:
        names = ", ".join(model.name for model in models)
        return Check("Models", State.ok, f"{engine} has what it needs: {names}")
    size = sum(model.size for model in lacking) / GB
    text = f"{engine} lacks {', '.join(model.name for model in lacking)}, about {size:.0f} GB"
    return Check("Models", State.ok, text, f"To use it: lav models pull {engine}.")
