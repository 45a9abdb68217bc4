"""Stills for masks and light images: how large they are is known before they are decoded."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from lav_engine.errors import MediaError
from lav_engine.media.still import read_still


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".webp", ".bmp"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_still_is_read_whatever_its_kind(tmp_path: Path, suffix: str, channels: int):
    picture = np.full((90, 160, channels), 200, np.uint8)
    cv2.imwrite(str(tmp_path / f"a{suffix}"), picture)
    found = read_still(tmp_path / f"a{suffix}", cv2.IMREAD_GRAYSCALE)
    assert found.shape == (90, 160)
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - 200).max() <= 2  # JPEG's and WebP's rounding


def test_a_still_of_16_bits_is_read_as_8(tmp_path: Path):
    for suffix in (".png", ".tif"):
        cv2.imwrite(str(tmp_path / f"a{suffix}"), np.full((90, 160), 0x8000, np.uint16))
        assert read_still(tmp_path / f"a{suffix}", cv2.IMREAD_GRAYSCALE).max() == 0x80


@pytest.mark.parametrize("size", [(60000, 60000), (30000, 30000), (19000, 19000), (13000, 12000)])
def test_a_small_file_that_holds_a_huge_picture_is_refused(tmp_path: Path, size):
    path = black(tmp_path / "bomb.png", *size)
    with pytest.raises(MediaError, match=r"bomb\.png .* too large") as refused:
        read_still(path, cv2.IMREAD_GRAYSCALE)
    assert "16384 a side and 140 million" in refused.value.hint


def test_a_still_with_too_long_a_side_is_refused_with_its_size(tmp_path: Path):
    with pytest.raises(MediaError, match="20000 × 40 pixels; at most 16384 a side"):
        read_still(black(tmp_path / "long.png", 20000, 40), cv2.IMREAD_GRAYSCALE)


def test_what_is_no_still_is_refused(tmp_path: Path):
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").touch()
    whole = black(tmp_path / "whole.png", 64, 64).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:30])
    for name in ("text", "empty", "cut", "none"):
        with pytest.raises(MediaError, match=rf"{name}\.png"):
            read_still(tmp_path / f"{name}.png", cv2.IMREAD_GRAYSCALE)


def black(path: Path, width: int, height: int) -> Path:
    """A PNG of one bit per pixel, packed well."""
    packer, row = zlib.compressobj(1), bytes(1 + (width + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks))
    return path


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
