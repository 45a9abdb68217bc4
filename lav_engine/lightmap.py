"""The light map: per-channel log2 gain and a low-frequency flare, relative to the source.

A take that shows an engine's own frames keeps them in the same file, so that it can be delivered
again at another amount.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine import pictures as own
from lav_engine.errors import Code, LavError
from lav_engine.media.colour import decode_bt1886
from lav_engine.pictures import Pictures
from lav_engine.publish import NO_SPACE

VERSION = 1
WITH_PICTURES = 2  # holds an engine's own frames as well
GAIN_STEPS = np.float32(512)  # per stop
FLARE_STEPS = np.float32(2048)  # per unit of the square root, which spreads them as the eye does
ENCODING = {
    "space": "bt1886-709",  # the scene-linear space gain and flare live in
    "gain": "int16 log2 * 512, row differences",
    "flare": "uint16 square root * 2048, row differences",
}
MAX_STOPS = 6.0  # a ratio says no more than this
# Scene-linear: what both sides of a ratio are raised by. About display .04, where a generated
# picture is mostly noise; the gain fades to 0 below it.
RATIO_OFFSET = 0.0005
# Working-size pixels, standard deviation: takes a generated picture's own noise out.
RATIO_BLUR = 0.7

# What numpy and zipfile say about a file that is no map, or no longer one.
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class LightFields:
    """The map of consecutive frames: out = in * 2**gain + flare, in scene-linear Rec.709."""

    gain: NDArray[np.float32]  # (F, H, W, 3), stops; exactly 0 where nothing changes
    flare: NDArray[np.float32]  # (F, H, W, 3), scene-linear, low frequency, >= 0


@dataclass(frozen=True, slots=True)
class Origin:
    """What a stored map was made from."""

    first: int  # media frame of the first field
    grid: int  # media frames from one window to the next
    engine: str
    engine_version: str
    request: str  # names everything the engine was given (`content.Content.of_window`)


def from_ratio(relit: NDArray[np.float32], reference: NDArray[np.float32]) -> LightFields:
    """The map that turns `reference` into `relit`, for engines that return pictures.

    Both (F, H, W, 3) display-referred in [0, 1]; the reference went through the same losses (a
    VAE's, say), so that they cancel.
    """
    light = np.log2(decode_bt1886(relit) + RATIO_OFFSET)
    light -= np.log2(decode_bt1886(reference) + RATIO_OFFSET)
    gain = np.clip(light, -MAX_STOPS, MAX_STOPS)
    smooth = [cv2.GaussianBlur(frame, (0, 0), RATIO_BLUR) for frame in gain]
    return LightFields(np.stack(smooth).astype(np.float32), np.zeros_like(gain))


def stored(fields: LightFields) -> LightFields:
    """As a file gives it back: deliver this, and a render made from the file is the same render."""
    return _unpacked(*_packed(fields))


def save(path: Path, fields: LightFields, origin: Origin, pictures: Pictures | None = None) -> None:
    """Write one window's map, whole or not at all.

    A numpy .npz: header (JSON), gain, flare, and with pictures their frames and share.
    """
    gain, flare = _packed(fields)
    frames, height, width, _ = gain.shape
    header = {
        "version": WITH_PICTURES if pictures else VERSION,
        **ENCODING,
        "frames": frames,
        "size": [width, height],
        **asdict(origin),
    }
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as raw:
            # Level 1: half of numpy's own time for a few per cent more disk.
            with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
                _write(file, "header", np.frombuffer(json.dumps(header).encode(), np.uint8))
                _write(file, "gain", _differences(gain))
                _write(file, "flare", _differences(flare))
                for name, array in (own.packed(pictures) if pictures else {}).items():
                    _write(file, name, _differences(array))
            raw.flush()
            os.fsync(raw.fileno())
        draft.replace(path)
    except OSError as error:
        is_full = error.errno in NO_SPACE
        raise LavError(
            f"The light of frames {origin.first} to {origin.first + frames - 1} could not be "
            f"stored: {error.strerror}.",
            f"{'Free some space on' if is_full else 'Check'} the disk that has {path.parent}, then "
            "render again.",
            Code.disk_short if is_full else Code.output_unwritable,
        ) from error
    finally:
        with suppress(OSError):
            draft.unlink()


def load(path: Path) -> tuple[LightFields, Origin]:
    """Raises LavError when the file is missing, damaged, or of another version or space."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            header = json.loads(file["header"].tobytes())
            _check(header, path)
            gain, flare = _sums(file["gain"]), _sums(file["flare"])
        shape = (header["frames"], header["size"][1], header["size"][0], 3)
        origin = Origin(**{name: header[name] for name in Origin.__dataclass_fields__})
    except FileNotFoundError as error:
        raise _unusable(path, "is missing") from error
    except _UNREADABLE as error:
        raise _unusable(path, "is damaged") from error
    if not gain.shape == flare.shape == shape or (gain.dtype, flare.dtype) != (np.int16, np.uint16):
        raise _unusable(path, "has fields other than its header says")
    return _unpacked(gain, flare), origin


def load_pictures(path: Path) -> Pictures | None:
    """The engine's own frames in a map that `load` accepts; None where it has none."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            if "frames" not in file:
                return None
            found = own.unpacked({name: _sums(file[name]) for name in ("frames", "share")})
    except _UNREADABLE as error:
        raise _unusable(path, "is damaged") from error
    if found.frames.shape != (*found.share.shape, 3):
        raise _unusable(path, "has frames other than its header says")
    return found


def _packed(fields: LightFields) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    """Whole steps, each about half a 10-bit code at most: smaller and faster than half floats."""
    if not (np.isfinite(fields.gain).all() and np.isfinite(fields.flare).all()):
        raise LavError(
            "The engine returned a light that is not a number, so these frames cannot be lit.",
            "Change the light or the engine, and report this clip.",
            Code.internal,
        )
    gain = np.empty(fields.gain.shape, np.int16)
    flare = np.empty(fields.flare.shape, np.uint16)
    for n in range(len(gain)):  # frame by frame stays in the processor's cache
        gain[n] = np.rint(fields.gain[n] * GAIN_STEPS).clip(-(2**15), 2**15 - 1)
        flare[n] = np.rint(np.sqrt(fields.flare[n]) * FLARE_STEPS).clip(0, 2**16 - 1)
    return gain, flare


def _unpacked(gain: NDArray[np.int16], flare: NDArray[np.uint16]) -> LightFields:
    fields = LightFields(np.empty(gain.shape, np.float32), np.empty(flare.shape, np.float32))
    for n in range(len(gain)):
        fields.gain[n] = gain[n] / GAIN_STEPS
        fields.flare[n] = (flare[n] / FLARE_STEPS) ** 2
    return fields


def _differences(field: NDArray[Any]) -> NDArray[Any]:
    """Of each value from its left neighbour, modulo 2**16: smooth light packs twice as well."""
    return np.diff(field, axis=2, prepend=np.zeros_like(field[:, :, :1]))


def _sums(differences: NDArray[Any]) -> NDArray[Any]:
    return np.cumsum(differences, axis=2, dtype=differences.dtype)


def _write(file: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    member: IO[bytes]
    with file.open(f"{name}.npy", "w", force_zip64=True) as member:
        np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)


def _check(header: dict[str, Any], path: Path) -> None:
    if header["version"] not in (VERSION, WITH_PICTURES):
        raise _unusable(
            path,
            f"is of version {header['version']}, and this program reads up to {WITH_PICTURES}",
        )
    found = {name: header[name] for name in ENCODING}
    if found != ENCODING:
        raise _unusable(path, f"holds light as {found}, and this program reads {ENCODING}")


def _unusable(path: Path, why: str) -> LavError:
    return LavError(
        f"The light map {path.name} {why}, so its frames have no light.",
        "Render the clip again; the section is relit.",
        Code.media_unreadable,
    )
