"""Weights that are broken, not all there or another model's are told by file and tensor."""

from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from opening import BASE, STEM, WAN, WEIGHTS, changed, opened
from safetensors.torch import load_file, save_file

from lav_engine.engines.diffusion import files
from lav_engine.errors import Code, LavError


def _pickle(file: Path) -> None:
    file.rename(file.with_suffix(".bin"))


def _pointer(file: Path) -> None:
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def _cut_early(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def _text(file: Path) -> None:
    file.write_text("<html>Not found</html>")


BROKEN: list[tuple[Callable[[Path], None], str]] = [
    (_pickle, "can run code"),
    (_pointer, "a Git LFS pointer"),
    (_cut, "cut off"),
    (_cut_early, "cut off after 100 bytes"),
    (_text, "not a safetensors file"),
    (lambda file: file.write_bytes(b""), "not a safetensors file"),
    (lambda file: file.write_bytes(file.read_bytes() + b"more"), "too long"),
]


@pytest.mark.parametrize(("breakage", "reason"), BROKEN, ids=[reason for _, reason in BROKEN])
def test_a_broken_file_is_named_before_anything_is_loaded(
    own: Path, breakage: Callable[[Path], None], reason: str
) -> None:
    file = own / BASE / "unet" / WEIGHTS
    breakage(file)
    with pytest.raises(LavError, match=reason) as caught:
        opened("wan", own)
    assert caught.value.code == Code.model_unusable
    assert str(file.with_suffix("")) in caught.value.message
    assert caught.value.hint


def entry(shape: list[Any], start: int, end: int) -> dict[str, Any]:
    return {"dtype": "F32", "shape": shape, "data_offsets": [start, end]}


@pytest.mark.parametrize(
    "entries",
    [
        {"a": entry([2], 0, 8), "b": entry([2], 4, 12)},
        {"a": entry([2], 0, 8), "b": entry([1], 12, 16)},
        {"a": entry([1], 4, 8)},
        {"a": entry([-1, -1], 0, 4)},
        {"a": entry([1.0], 0, 4)},
        {"a": entry([True], 0, 4)},
        {"a": entry([1], 0, 4), "b": 3},
    ],
    ids=["overlap", "hole", "late start", "negative", "fraction", "boolean", "number"],
)
def test_a_header_that_cannot_be_is_told(tmp_path: Path, entries: dict[str, Any]) -> None:
    text, file = json.dumps(entries).encode(), tmp_path / "a.safetensors"
    file.write_bytes(struct.pack("<Q", len(text)) + text + bytes(16))
    with pytest.raises(LavError, match="not a safetensors file") as caught:
        files.header(file)
    assert str(file) in caught.value.message


NAME = "conv_out.bias"
FOREIGN = [
    (lambda weights: weights.pop(NAME), f"{NAME} is missing"),
    (lambda weights: weights.update(stray=torch.zeros(1)), "stray is no weight of this model"),
    (lambda weights: weights.update({NAME: torch.zeros(7)}), f"{NAME} is 7 where .* has 4"),
]


@pytest.mark.parametrize(("change", "reason"), FOREIGN, ids=[reason for _, reason in FOREIGN])
def test_weights_of_something_else_are_told_by_their_first_wrong_key(
    own: Path, change: Callable[[dict[str, torch.Tensor]], object], reason: str
) -> None:
    changed(own / BASE / "unet" / WEIGHTS, change)
    with pytest.raises(LavError, match=reason) as caught:
        opened("wan", own).relighter_unet(0.5)
    assert caught.value.code == Code.model_unusable


def test_ic_light_for_backgrounds_in_the_other_ones_place_is_told(own: Path) -> None:
    right = own / "iclight-fc" / "iclight_sd15_fc.safetensors"
    shutil.copy(own / "iclight-fbc" / "iclight_sd15_fbc.safetensors", right)
    with pytest.raises(LavError, match=r"conv_in.weight is 8x12x3x3 where the model has 8x8x3x3"):
        opened("wan", own).relighter_unet(0.5)


@pytest.mark.parametrize(
    "name", ["wan", f"{STEM}-00001-of-00002", f"{STEM}.non_ema"], ids=lambda one: one
)
def test_weights_under_a_name_that_is_not_read_are_told(own: Path, name: str) -> None:
    part = own / WAN / "transformer"
    (part / f"{STEM}.safetensors").rename(part / f"{name}.safetensors")
    with pytest.raises(LavError, match=r"holds (neither|no)") as caught:
        opened("wan", own)
    assert caught.value.code == Code.model_unusable
    assert str(part) in caught.value.message


def test_half_of_a_split_model_is_told_by_the_missing_file(own: Path) -> None:
    part = own / WAN / "transformer"
    names = list(load_file(part / WEIGHTS))
    first, second = (f"diffusion_pytorch_model-0000{n}-of-00002.safetensors" for n in (1, 2))
    places = {name: (first if at < 9 else second) for at, name in enumerate(names)}
    index = {"metadata": {}, "weight_map": places}
    (part / f"{WEIGHTS}.index.json").write_text(json.dumps(index))
    whole = load_file(part / WEIGHTS)
    (part / WEIGHTS).unlink()
    for file in (first, second):
        save_file({name: whole[name] for name in names if places[name] == file}, part / file)
    assert opened("wan", own).prior(parity=False, new_background=False)
    (part / second).unlink()
    with pytest.raises(LavError, match=f"{second} cannot be used: it is missing"):
        opened("wan", own)


@pytest.mark.parametrize("places", [None, [], 3, {"a": 1}], ids=str)
def test_an_index_that_names_no_files_is_told(own: Path, places: object) -> None:
    index = own / WAN / "transformer" / f"{STEM}.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": places}))
    with pytest.raises(LavError, match="does not say which file") as caught:
        opened("wan", own)
    assert str(index) in caught.value.message


def test_a_missing_model_is_told_before_anything_is_loaded(own: Path) -> None:
    shutil.rmtree(own / WAN)
    with pytest.raises(LavError, match=r"lav models pull wan2\.1-1.3b") as caught:
        opened("wan", own)
    assert caught.value.code == Code.model_missing
    with pytest.raises(LavError, match=r"lav models pull wan2\.1-14b"):
        opened("wan", own, video_model="wan2.1-14b")
