"""One network from its folder: checked, loaded without a word, ready to run."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import diffusers.utils.logging
import torch
import transformers.utils.logging
from huggingface_hub.errors import StrictDataclassError

from lav_engine.engines.diffusion import weights
from lav_engine.errors import LavError

LOUD = ("diffusers", "transformers", "huggingface_hub", "accelerate", "peft")
# What a config of another class comes to.
MISFITS = (ValueError, TypeError, KeyError, AttributeError, StrictDataclassError)


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
        raise weights.unusable(folder, f"its config does not fit {kind.__name__}") from error
    missing = [name for name in info["missing_keys"] if name not in spare]
    weights.check_loaded(folder, {**info, "missing_keys": missing})
    return model.requires_grad_(False).eval()


def tokenizer(kind: Any, folder: Path) -> Any:
    """Raises LavError(MODEL_UNUSABLE)."""
    try:
        with quiet():
            return kind.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise _no_tokenizer(folder) from error


def _no_tokenizer(folder: Path) -> LavError:
    return weights.unusable(folder, "it holds no tokenizer that can be read")


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
