"""The light map: what it holds, and how it is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lav_engine.errors import Code, LavError
from lav_engine.lightmap import (
    LightFields,
    Origin,
    from_ratio,
    load,
    save,
    stored,
)
from lav_engine.media.colour import decode_bt1886, encode_bt1886

ORIGIN = Origin(first=96, grid=48, engine="draft", engine_version="1", request="abc")


def fields(seed: int = 0, frames: int = 3) -> LightFields:
    rng = np.random.default_rng(seed)
    gain = rng.normal(0, 1.5, (frames, 18, 32, 3)).astype(np.float32)
    gain[:, :4] = 0
    return LightFields(gain, rng.uniform(0, 0.1, gain.shape).astype(np.float32))


def test_a_map_comes_back_as_stored(tmp_path: Path):
    path = tmp_path / "window.npz"
    save(path, fields(), ORIGIN)
    back, origin = load(path)
    expected = stored(fields())
    assert origin == ORIGIN
    assert back.gain.dtype == np.float32
    np.testing.assert_array_equal(back.gain, expected.gain)
    np.testing.assert_array_equal(back.flare, expected.flare)


def test_storing_costs_half_a_10_bit_code_at_most_and_keeps_zeros():
    one, back = fields(), stored(fields())
    assert np.abs(back.gain - one.gain).max() <= 0.5 / 512  # of white: 876 * .00028 = .25 code
    assert np.abs(encode_bt1886(back.flare) - encode_bt1886(one.flare)).max() * 876 <= 0.5
    assert not back.gain[:, :4].any()


def test_storing_twice_changes_nothing_more():
    once = stored(fields())
    twice = stored(once)
    np.testing.assert_array_equal(once.gain, twice.gain)
    np.testing.assert_array_equal(once.flare, twice.flare)


def test_a_stored_map_says_what_it_is(tmp_path: Path):
    path = tmp_path / "window.npz"
    save(path, fields(), ORIGIN)
    with np.load(path) as file:
        header = json.loads(file["header"].tobytes())
        gain = np.cumsum(file["gain"], axis=2)
        np.testing.assert_array_equal(gain, np.rint(fields().gain * 512))
    assert header == {
        "version": 1,
        "space": "bt1886-709",
        "gain": "int16 log2 * 512, row differences",
        "flare": "uint16 square root * 2048, row differences",
        "frames": 3,
        "size": [32, 18],
        "first": 96,
        "grid": 48,
        "engine": "draft",
        "engine_version": "1",
        "request": "abc",
    }


def test_saving_leaves_only_the_file_and_replaces_the_one_before(tmp_path: Path):
    path = tmp_path / "window.npz"
    save(path, fields(0), ORIGIN)
    save(path, fields(1), replace(ORIGIN, request="def"))
    assert [file.name for file in tmp_path.iterdir()] == ["window.npz"]
    assert load(path)[1].request == "def"


def test_saving_into_a_missing_folder_is_a_sentence(tmp_path: Path):
    with pytest.raises(LavError) as error:
        save(tmp_path / "gone" / "window.npz", fields(), ORIGIN)
    assert error.value.code is Code.output_unwritable
    assert "could not be stored" in error.value.message


def rewrite(path: Path, **changes: object) -> None:
    with np.load(path) as file:
        parts = {name: file[name] for name in file.files}
    header = json.loads(parts["header"].tobytes()) | changes
    parts["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    np.savez(path, **parts)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"version": 3}, "version 3"),
        ({"space": "acescct"}, "acescct"),
        ({"gain": "linear"}, "holds light as"),
        ({"frames": 4}, "other than its header"),
        ({"size": [16, 18]}, "other than its header"),
        ({"size": 7}, "damaged"),
    ],
)
def test_a_map_of_another_kind_is_refused_with_its_reason(
    tmp_path: Path, changes: dict[str, object], words: str
):
    path = tmp_path / "window.npz"
    save(path, fields(), ORIGIN)
    rewrite(path, **changes)
    with pytest.raises(LavError, match=words):
        load(path)


@pytest.mark.parametrize("keep", [0, 3, 60, 1000, -40])
def test_a_truncated_map_is_refused(tmp_path: Path, keep: int):
    path = tmp_path / "window.npz"
    save(path, fields(), ORIGIN)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(LavError, match="damaged"):
        load(path)


def test_a_map_with_a_flipped_byte_is_refused(tmp_path: Path):
    path = tmp_path / "window.npz"
    save(path, fields(), ORIGIN)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)
    with pytest.raises(LavError, match="damaged"):
        load(path)


@pytest.mark.parametrize("name", ["gone.npz", "text.npz", "folder", "header.npz", "plain.npz"])
def test_what_is_no_map_is_refused(tmp_path: Path, name: str):
    (tmp_path / "text.npz").write_text("not a map")
    (tmp_path / "folder").mkdir()
    np.savez(tmp_path / "header.npz", header=np.frombuffer(b"[1]", np.uint8))
    with (tmp_path / "plain.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(LavError) as error:
        load(tmp_path / name)
    assert error.value.hint


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_numbers_are_refused(tmp_path: Path, value: float):
    bad = fields()
    bad.gain[0, 0, 0, 0] = value
    with pytest.raises(LavError, match="not a number"):
        save(tmp_path / "window.npz", bad, ORIGIN)
    with pytest.raises(LavError, match="not a number"):
        stored(bad)


def ramp() -> NDArray[np.float32]:
    x = np.linspace(0.2, 0.6, 64, dtype=np.float32)
    return np.broadcast_to(x[None, None, :, None], (2, 36, 64, 3)).copy()


def test_a_ratio_is_the_change_of_scene_light():
    reference = ramp()
    relit = encode_bt1886(decode_bt1886(reference) * np.array([2, 1, 0.5], np.float32))
    light = from_ratio(relit, reference)
    # The offset keeps a little back, most at the dark end (display .2 is .02 in light).
    np.testing.assert_allclose(light.gain, np.broadcast_to([1, 0, -1], light.gain.shape), atol=0.04)
    assert not light.flare.any()


def test_the_same_picture_has_no_light_of_its_own():
    assert not from_ratio(ramp(), ramp()).gain.any()


def test_a_ratio_is_bounded_and_quiet_in_black():
    black = np.zeros((1, 8, 8, 3), np.float32)
    assert np.abs(from_ratio(np.ones_like(black), black).gain).max() <= 6
    noisy = np.random.default_rng(0).uniform(0, 0.01, black.shape).astype(np.float32)
    assert np.abs(from_ratio(noisy, black).gain).max() < 0.05
