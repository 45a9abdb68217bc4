"""Whether a model's files are whole and belong together, before anything is loaded from them.

Standard library only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from pathlib import Path
from typing import Any

from lav_engine.engines.diffusion.files import (
    AGAIN,
    PICKLES,
    Shapes,
    check_json,
    header,
    pickle,
    unusable,
)
from lav_engine.engines.diffusion.models import Model, Part
from lav_engine.errors import LavError

# What a tokenizer is read from, one of these.
VOCABULARIES = (("tokenizer.json",), ("spiece.model",), ("vocab.json", "merges.txt"))

# What must be the same number in the configs of a model's parts: a text encoder's width and what
# the network reads; a VAE's latent channels and what the network runs on.
SHARED = (
    ("text width", ("cross_attention_dim", "text_embed_dim", "text_dim", "hidden_size", "d_model")),
    ("number of latent channels", ("in_channels", "latent_channels", "z_dim")),
)


def check_model(model: Model, folder: Path) -> None:
    """All of a model, as far as headers and configs tell; raises LavError(MODEL_UNUSABLE)."""
    if model.file:
        header(folder / model.file)
    for part in model.parts:
        check_part(folder / part.folder)
        _check_named(folder / part.folder, part)
    if "tokenizer" in model.reads:
        _check_tokenizer(folder / "tokenizer")
    if "scheduler" in model.reads:
        check_json(folder / "scheduler" / "scheduler_config.json")
    for what, names in SHARED:
        _check_shared(folder, model, what, names)


def check_part(folder: Path) -> Shapes:
    """Tensor shapes by name of a network's folder; raises LavError(MODEL_UNUSABLE)."""
    check_json(folder / "config.json")
    shapes: Shapes = {}
    for file in _weight_files(folder):
        shapes |= header(file)
    _complete(folder, shapes)
    return shapes


def parameters(folder: Path) -> int:
    """How many numbers a network has; raises LavError(MODEL_UNUSABLE)."""
    return sum(prod(shape) for file in _weight_files(folder) for shape in header(file).values())


def check_lora(path: Path) -> None:
    """Raises LavError(MODEL_UNUSABLE): it is no whole .safetensors file."""
    try:
        header(path)
    except LavError as error:
        hint = "Choose a LoRA that is a whole .safetensors file, or get this one from its maker."
        raise LavError(error.message, hint, error.code) from error


def no_tokenizer(folder: Path) -> LavError:
    return unusable(folder, "it holds no tokenizer that can be read")


def check_loaded(folder: Path, info: Mapping[str, Iterable[Any]]) -> None:
    """`info` is what diffusers' and transformers' from_pretrained report about keys."""
    _check_keys(
        folder,
        missing=sorted(info["missing_keys"]),
        unexpected=sorted(info["unexpected_keys"]),
        misshapen=sorted(info["mismatched_keys"]),
    )


def check_shapes(path: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Like `_check_keys`, for weights given as names and shapes."""
    misshapen = [
        (name, found[name], wanted[name])
        for name in wanted
        if name in found and tuple(found[name]) != tuple(wanted[name])
    ]
    missing = [name for name in wanted if name not in found]
    _check_keys(path, missing, [name for name in found if name not in wanted], misshapen)


def _weight_files(folder: Path) -> list[Path]:
    """A network's weight files; other copies of them beside these are not read."""
    found = sorted(file for file in folder.glob("*.safetensors") if not _is_copy(file))
    if found:
        return found
    pickled = sorted(file for file in folder.glob("*") if file.suffix in PICKLES)
    if pickled:
        raise pickle(pickled[0])
    raise unusable(folder, "it holds no .safetensors file")


def _is_copy(file: Path) -> bool:
    return any(mark in file.name for mark in (".fp16.", ".non_ema."))


def _check_named(folder: Path, part: Part) -> None:
    """Libraries look for one name, or for the index of a split model."""
    names = f"{part.weights}.safetensors", f"{part.weights}.safetensors.index.json"
    if not any((folder / name).is_file() for name in names):
        hint = f"Its weights may have been renamed. {AGAIN}"
        raise unusable(folder, f"it holds neither {names[0]} nor {names[1]}", hint)


def _complete(folder: Path, shapes: Shapes) -> None:
    """All files and tensors that the index of a split model names are there."""
    for index in sorted(folder.glob("*.safetensors.index.json")):
        places = check_json(index).get("weight_map")
        if not isinstance(places, dict) or not all(isinstance(one, str) for one in places.values()):
            raise unusable(index, "it does not say which file has which tensor")
        absent = sorted({file for file in places.values() if not (folder / file).is_file()})
        if absent:
            raise unusable(folder / absent[0], f"it is missing{_more(absent)}")
        missing = sorted(name for name in places if name not in shapes)
        _check_keys(folder, missing, [], [])


def _check_shared(folder: Path, model: Model, what: str, names: tuple[str, ...]) -> None:
    found: dict[int, str] = {}
    for part in model.parts:
        config = check_json(folder / part.folder / "config.json")
        if part.folder == "vae" and what != "text width":  # its in_channels are colours
            config.pop("in_channels", None)
        found |= {config[name]: part.folder for name in names if isinstance(config.get(name), int)}
    if len(found) > 1:
        told = " and ".join(f"{value} in {part}" for value, part in found.items())
        hint = "Parts of different models are mixed here: fetch it again with `lav models pull`."
        raise unusable(folder, f"its parts disagree on the {what}, {told}", hint)


def _check_tokenizer(folder: Path) -> None:
    """Raises LavError(MODEL_UNUSABLE): files are missing or broken."""
    if not any(all((folder / name).is_file() for name in names) for names in VOCABULARIES):
        raise no_tokenizer(folder)
    for file in sorted(folder.glob("*.json")):
        check_json(file)
    merges = folder / "merges.txt"
    if merges.is_file() and not _are_merges(merges):
        raise unusable(merges, "it is no list of pairs")


def _are_merges(path: Path) -> bool:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return False
    pairs = [line for line in lines if line.strip() and not line.startswith("#version")]
    return bool(pairs) and all(len(line.split()) == 2 for line in pairs)


def _check_keys(
    path: Path,
    missing: list[str],
    unexpected: list[str],
    misshapen: list[tuple[str, Iterable[int], Iterable[int]]],
) -> None:
    """Raises LavError(MODEL_UNUSABLE): these are the weights of something else."""
    if misshapen:
        name, found, wanted = misshapen[0]
        reason = f"{name} is {_size(found)} where the model has {_size(wanted)}"
    elif missing:
        reason = f"{missing[0]}{_more(missing)} is missing"
    elif unexpected:
        reason = f"{unexpected[0]}{_more(unexpected)} is no weight of this model"
    else:
        return
    hint = "Weights of different models are mixed here: fetch it again with `lav models pull`."
    raise unusable(path, reason, hint)


def _size(shape: Iterable[int]) -> str:
    return "x".join(map(str, shape)) or "a number"


def _more(names: list[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
