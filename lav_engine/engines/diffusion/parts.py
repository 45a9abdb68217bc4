"""One network from its folder: checked, loaded without a word, ready to run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import diffusers.utils.logging
import torch
import transformers.utils.logging
from huggingface_hub.errors import StrictDataclassError

from lav_engine.engines.diffusion import files, weights

LOUD = ("diffusers", "transformers", "huggingface_hub", "accelerate", "peft")
SMALLER = "Choose a working size and a window length that fit, or another video model."
TRIED = 25  # steps, the engines' usual number
# What a config of another class comes to.
MISFITS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,  # and files under other names
    StrictDataclassError,
    TypeError,
    ValueError,
)


def load(kind: Any, folder: Path, dtype: torch.dtype, spare: Collection[str] = ()) -> Any:
    """A diffusers or transformers class from a local folder, frozen.

    `spare` names what the files may lack, as the caller puts something in its place.

    Raises LavError(MODEL_UNUSABLE) for files that are broken or belong to something else.
    """
    weights.check_part(folder)
    try:
        with quiet():
            model, info = kind.from_pretrained(
                folder,
                dtype=dtype,
                local_files_only=True,
                use_safetensors=True,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # to be reported, not to be kept
            )
    except MISFITS as error:
        reason = f"its config or the names of its files do not fit {kind.__name__}"
        raise files.unusable(folder, reason) from error
    missing = [name for name in info["missing_keys"] if name not in spare]
    weights.check_loaded(folder, {**info, "missing_keys": missing})
    return model.requires_grad_(False).eval()


def limit(network: Any, folder: Path, short: Callable[[Any, tuple[int, ...]], str]) -> None:
    """Lets `network` refuse latents that `short` has a reason against, before its layers fail.

    It then raises LavError(MODEL_UNUSABLE).
    """

    def check(module: Any, given: tuple[Any, ...], named: dict[str, Any]) -> None:
        latents = given[0] if given else named["hidden_states"]
        if reason := short(module, tuple(latents.shape)):
            raise files.unusable(folder, reason, SMALLER)

    network.register_forward_pre_hook(check, with_kwargs=True)


def tokenizer(kind: Any, folder: Path) -> Any:
    """Raises LavError(MODEL_UNUSABLE)."""
    try:
        with quiet():
            return kind.from_pretrained(folder, local_files_only=True)
    except Exception as error:  # tokenizers raises just that for files it rejects
        raise weights.no_tokenizer(folder) from error


def scheduler(kind: Any, folder: Path, **fixed: Any) -> dict[str, Any]:
    """The config of a diffusers scheduler that `kind` can run with, `fixed` in place of its own.

    Raises LavError(MODEL_UNUSABLE).
    """
    file = folder / "scheduler_config.json"
    config = {**files.check_json(file), **fixed}
    try:
        with quiet():
            made = kind.from_config(config)
            made.set_timesteps(TRIED)
            nothing = torch.zeros(1, 1, 1, 1, 1)
            made.step(nothing, made.timesteps[0], nothing, generator=torch.Generator())
    except (*MISFITS, RuntimeError) as error:
        raise files.unusable(file, f"it does not fit {kind.__name__}") from error
    return config


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps the libraries' advice and progress bars to themselves, and leaves them as they were."""
    with ExitStack() as stack:
        for name in LOUD:
            log = logging.getLogger(name)
            stack.callback(log.setLevel, log.level)
            log.setLevel(logging.CRITICAL)
        for bars in (diffusers.utils.logging, transformers.utils.logging):
            if bars.is_progress_bar_enabled():
                stack.callback(bars.enable_progress_bar)
                bars.disable_progress_bar()
        yield
