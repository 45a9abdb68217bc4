"""One file of a model, read without running anything of it.

Only safetensors: its header is plain JSON, so that checking and loading runs no code of the file
(a .bin or .ckpt is a pickle, and loading one does). Standard library only.
"""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

from lav_engine.errors import Code, LavError

PICKLES = (".bin", ".ckpt", ".pt", ".pth")
POINTER = b"version https://git-lfs"
HEADER_MOST = 100 << 20  # bytes, as in the safetensors format
BYTES = {"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2}
BYTES |= {"BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8}
AGAIN = "Fetch it again with `lav models pull`, or copy the whole file."

Shapes = dict[str, tuple[int, ...]]


def unusable(path: Path, reason: str, hint: str = AGAIN) -> LavError:
    return LavError(f"{path} cannot be used: {reason}.", hint, Code.model_unusable)


def pickle(path: Path) -> LavError:
    hint = "Use the same model as .safetensors; `lav models pull` fetches those."
    return unusable(path, "files of this kind can run code when they are opened", hint)


def header(path: Path) -> Shapes:
    """Tensor shapes by name of one .safetensors file; raises LavError(MODEL_UNUSABLE).

    The file must be whole: as long as its list of tensors says, which leaves no holes.
    """
    if path.suffix in PICKLES:
        raise pickle(path)
    length, text = _list_of_tensors(path)
    size = path.stat().st_size
    if 0 < length <= HEADER_MOST and size < 8 + length:
        raise unusable(path, f"it is cut off after {size:,} bytes, inside its list of tensors")
    entries = _entries(path, text)
    end = 8 + length + max((entry["data_offsets"][1] for entry in entries.values()), default=0)
    if size != end:
        state = "cut off" if size < end else "too long"
        raise unusable(path, f"it is {state}: {size:,} bytes instead of {end:,}")
    return {name: tuple(entry["shape"]) for name, entry in entries.items()}


def check_json(path: Path) -> dict[str, Any]:
    """What a config holds; raises LavError(MODEL_UNUSABLE)."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise unusable(path, "it is missing") from None
    except (OSError, ValueError) as error:
        raise unusable(path, "it is not a JSON file") from error
    if not isinstance(content, dict):
        raise unusable(path, "it is not a JSON object")
    return content


def _list_of_tensors(path: Path) -> tuple[int, bytes]:
    """Its length as the file gives it, and as much of it as there is."""
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
    return length, text


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


def stamp(path: Path) -> tuple[int, ...]:
    """Size, times and place of a file: others where it was written or exchanged.

    Raises OSError.
    """
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
