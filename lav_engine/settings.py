"""What a request may ask of engines that generate: each check raises one sentence."""

from __future__ import annotations

import math

from lav_engine.errors import Code, LavError
from lav_engine.spec import Diffusion, Lora, Options, Scope

# name: (lowest, highest, what it is in words). The lowest strength is above 0: 0 changes nothing.
RANGES = {
    "steps": (1, 100, "number of steps"),
    "strength": (0.01, 1.0, "strength"),
    "guidance": (0.0, 20.0, "guidance"),
    "gamma": (0.0, 1.0, "share of light attention (gamma)"),
    "relight_steps": (1, 100, "number of relighting steps"),
    "relight_strength": (0.01, 1.0, "relighting strength"),
    "relight_guidance": (0.0, 20.0, "relighting guidance"),
}
LORA_WEIGHT = 4.0  # either way; beyond it nothing but noise comes out
SEEDS = 2**63
WEIGHTS_SUFFIX = ".safetensors"  # the only kind that cannot run code when it is read


def check_settings(options: Options) -> None:
    """Raises LavError for a value out of range, a missing file, or a background without words."""
    diffusion = options.diffusion
    for name, (low, high, words) in RANGES.items():
        _check_number(words, getattr(diffusion, name), low, high)
    if not -SEEDS <= options.seed < SEEDS:
        raise LavError(f"The seed {options.seed} is too large.", "Give one below 2**63.")
    for lora in (*diffusion.image_loras, *diffusion.video_loras):
        _check_lora(lora)
    _check_paths(diffusion)
    if options.scope == Scope.new_background and not options.prompts.background.strip():
        raise LavError(
            "Nothing says what the new background should be.",
            "Describe it with --background-prompt.",
        )


def _check_number(words: str, value: float | None, low: float, high: float) -> None:
    if value is not None and not (math.isfinite(value) and low <= value <= high):
        raise LavError(
            f"The {words} {value} is not between {low} and {high}.",
            "Leave it out for the engine's own.",
        )


def _check_lora(lora: Lora) -> None:
    if not (math.isfinite(lora.weight) and abs(lora.weight) <= LORA_WEIGHT):
        raise LavError(
            f"The weight {lora.weight} of {lora.path.name} is not between {-LORA_WEIGHT} and "
            f"{LORA_WEIGHT}.",
            "1 is the whole LoRA.",
        )
    if lora.path.suffix.lower() != WEIGHTS_SUFFIX:
        raise LavError(
            f"{lora.path.name} is not a {WEIGHTS_SUFFIX} file, and other kinds are not read: "
            "they can run programs.",
            "Download the LoRA as safetensors.",
            Code.model_unusable,
        )
    if not lora.path.is_file():
        raise LavError(f"There is no LoRA {lora.path}.", "Check the path.", Code.model_missing)


def _check_paths(diffusion: Diffusion) -> None:
    image = diffusion.light_image
    if image is not None and not image.is_file():
        raise LavError(f"There is no light image {image}.", "Check the path.", Code.media_missing)
    if diffusion.models is not None and not diffusion.models.is_dir():
        raise LavError(
            f"There is no folder {diffusion.models} with models.",
            "Give the folder that holds the models by name, or leave it out.",
            Code.model_missing,
        )
