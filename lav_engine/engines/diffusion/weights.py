"""Whether weight files can be used, before anything is loaded from them.

Only safetensors: its header is plain JSON, so that checking and loading runs no code of the file
(a .bin or .ckpt is a pickle, and loading one does). Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from math import prod
from pathlib import Path
from typing import Any

from lav_engine.engines.diffusion.models import Model, Part
from lav_engine.errors import Code, LavError

PICKLES = (".bin", ".ckpt", ".pt", ".pth")
POINTER = b"version https://git-lfs"
HEADER_MOST = 100 << 20  # bytes, as in the safetensors format
BYTES = {"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2}
BYTES |= {"BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8}
AGAIN = "Fetch it again with `lav models pull`, or copy the whole file."
# What a tokenizer is read from, one of these.
VOCABULARIES = (("tokenizer.json",), ("spiece.model",), ("vocab.json", "merges.txt"))

# What must be the same number in the configs of a model's parts: a text encoder's width and what
# the network reads; a VAE's latent channels and what the network runs on.
SHARED = (
    ("text width", ("cross_attention_dim", "text_embed_dim", "text_dim", "hidden_size", "d_model")),
    ("number of latent channels", ("in_channels", "latent_channels", "z_dim")),
)

Shapes = dict[str, tuple[int, ...]]


def unusable(path: Path, reason: str, hint: str = AGAIN) -> LavError:
    return LavError(f"{path} cannot be used: {reason}.", hint, Code.model_unusable)


def check_model(model: Model, folder: Path) -> None:
    """All of a model, as far as headers and configs tell; raises LavError(MODEL_UNUSABLE)."""
    if model.file:
        header(folder / model.file)
    for part in model.parts:
        check_part(folder / part.folder)
        _check_named(folder / part.folder, part)
    if "tokenizer" in model.reads:
        check_tokenizer(folder / "tokenizer")
    if "scheduler" in model.reads:
        check_json(folder / "scheduler" / "scheduler_config.json")
    for what, names in SHARED:
        _check_shared(folder, model, what, names)


def check_part(folder: Path) -> Shapes:
    """Tensor shapes by name of a network's folder; raises LavError(MODEL_UNUSABLE)."""
    check_json(folder / "config.json")
    shapes: Shapes = {}
    for file in files(folder):
        shapes |= header(file)
    _complete(folder, shapes)
    return shapes


def parameters(folder: Path) -> int:
    """How many numbers a network has; raises LavError(MODEL_UNUSABLE)."""
    return sum(prod(shape) for file in files(folder) for shape in header(file).values())


def files(folder: Path) -> list[Path]:
    """A network's weight files; other copies of them beside these are not read."""
    found = sorted(file for file in folder.glob("*.safetensors") if not _is_copy(file))
    if found:
        return found
    pickled = sorted(file for file in folder.glob("*") if file.suffix in PICKLES)
    if pickled:
        raise pickle(pickled[0])
    raise unusable(folder, "it holds no .safetensors file")


def pickle(path: Path) -> LavError:
    hint = "Use the same model as .safetensors; `lav models pull` fetches those."
    return unusable(path, "files of this kind can run code when they are opened", hint)


def header(path: Path) -> Shapes:
    """Tensor shapes by name of one .safetensors file, which must be whole."""
    if path.suffix in PICKLES:
        raise pickle(path)
    try:
        with path.open("rb") as file:
            start = file.read(len(POINTER))
            file.seek(0)
            length = int.from_bytes(file.read(8), "little")
            text = file.read(min(length, HEADER_MOST)) if start != POINTER else b""
    except OSError as error:
        raise unusable(path, (error.strerror or "it cannot be read").lower()) from error
    if start == POINTER:
        hint = "Run `git lfs pull` in its folder, or `lav models pull`."
        raise unusable(path, "it is a Git LFS pointer to the weights, not the weights", hint)
    size = path.stat().st_size
    if 0 < length <= HEADER_MOST and size < 8 + length:
        raise unusable(path, f"it is cut off after {size:,} bytes, inside its list of tensors")
    entries = _entries(path, text)
    end = 8 + length + max((entry["data_offsets"][1] for entry in entries.values()), default=0)
    if size != end:
        state = "cut off" if size < end else "too long"
        raise unusable(path, f"it is {state}: {size:,} bytes instead of {end:,}")
    return {name: tuple(entry["shape"]) for name, entry in entries.items()}


def check_lora(path: Path) -> None:
    """Raises LavError(MODEL_UNUSABLE): it is no whole .safetensors file."""
    try:
        header(path)
    except LavError as error:
        hint = "Choose a LoRA that is a whole .safetensors file, or get this one from its maker."
        raise LavError(error.message, hint, error.code) from error


def check_tokenizer(folder: Path) -> None:
    """Raises LavError(MODEL_UNUSABLE): files are missing or broken."""
    if not any(all((folder / name).is_file() for name in names) for names in VOCABULARIES):
        raise no_tokenizer(folder)
    for file in sorted(folder.glob("*.json")):
        check_json(file)
    merges = folder / "merges.txt"
    if merges.is_file() and not _are_merges(merges):
        raise unusable(merges, "it is no list of pairs")


def no_tokenizer(folder: Path) -> LavError:
    return unusable(folder, "it holds no tokenizer that can be read")


def check_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise unusable(path, "it is missing", AGAIN) from None
    except (OSError, ValueError) as error:
        raise unusable(path, "it is not a JSON file") from error
    if not isinstance(content, dict):
        raise unusable(path, "it is not a JSON object")
    return content


def check_loaded(folder: Path, info: Mapping[str, Iterable[Any]]) -> None:
    """`info` is what diffusers' and transformers' from_pretrained report about keys."""
    check_keys(
        folder,
        missing=sorted(info["missing_keys"]),
        unexpected=sorted(info["unexpected_keys"]),
        misshapen=sorted(info["mismatched_keys"]),
    )


def check_keys(
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


def check_shapes(path: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    """Like `check_keys`, for weights given as names and shapes."""
    misshapen = [
        (name, found[name], wanted[name])
        for name in wanted
        if name in found and tuple(found[name]) != tuple(wanted[name])
    ]
    missing = [name for name in wanted if name not in found]
    check_keys(path, missing, [name for name in found if name not in wanted], misshapen)


def _entries(path: Path, text: bytes) -> dict[str, dict[str, Any]]:
    try:
        entries = json.loads(text)
        entries.pop("__metadata__", None)
        reached = 0
        for entry in sorted(entries.values(), key=lambda entry: entry["data_offsets"]):
            (start, end), shape = entry["data_offsets"], entry["shape"]
            if not all(type(size) is int and size >= 0 for size in (*shape, start, end)):
                raise ValueError(entry)
            # The format allows no holes and nothing twice.
            if start != reached or prod(shape) * BYTES[entry["dtype"]] != end - start:
                raise ValueError(entry)
            reached = end
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise unusable(path, "it is not a safetensors file") from error
    return entries


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
        check_keys(folder, missing, [], [])


def _check_named(folder: Path, part: Part) -> None:
    """Libraries look for one name, or for the index of a split model."""
    names = f"{part.weights}.safetensors", f"{part.weights}.safetensors.index.json"
    if not any((folder / name).is_file() for name in names):
        hint = f"Its weights may have been renamed. {AGAIN}"
        raise unusable(folder, f"it holds neither {names[0]} nor {names[1]}", hint)


def _is_copy(file: Path) -> bool:
    return any(mark in file.name for mark in (".fp16.", ".non_ema."))


def _are_merges(path: Path) -> bool:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return False
    pairs = [line for line in lines if line.strip() and not line.startswith("#version")]
    return bool(pairs) and all(len(line.split()) == 2 for line in pairs)


def _size(shape: Iterable[int]) -> str:
    return "x".join(map(str, shape)) or "a number"


def _more(names: list[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
