"""Shots: cuts are found exactly; flashes, motion, fades and dissolves are not cuts."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lav_engine.shots import anchors, cut_scores, scan_range, shots

Frames = list[NDArray[np.float32]]


def scene(seed: int, count: int, speed: float = 1.0) -> Frames:
    """A camera panning over coloured blotches with a blob moving the other way, and some noise."""
    rng = np.random.default_rng(seed)
    wide = cv2.GaussianBlur(rng.random((90, 600, 3)).astype(np.float32), (0, 0), 9)
    wide = 0.4 + 0.25 * (wide - wide.mean()) / wide.std() + 0.2 * (rng.random(3) - 0.5)
    blob = rng.random(3).tolist()
    frames = []
    for index in range(count):
        left = round(40 + index * speed)
        picture = wide[10:64, left : left + 96].copy()
        cv2.circle(picture, (70 - round(index * speed), 30), 12, blob, -1)
        noise = rng.normal(0, 0.01, picture.shape)
        frames.append(np.clip(picture + noise, 0, 1).astype(np.float32))
    return frames


@pytest.mark.parametrize("seed", range(6))
def test_a_cut_is_found_at_its_very_frame(seed: int):
    frames = scene(seed, 12) + scene(seed + 100, 9) + scene(seed + 200, 15)
    assert shots(frames, 1000) == [(1000, 1012), (1012, 1021), (1021, 1036)]


@pytest.mark.parametrize("seed", range(3))
def test_a_mixed_frame_on_the_cut_makes_one_cut_not_two(seed: int):
    one, two = scene(seed, 10), scene(seed + 100, 10)
    frames = [*one, (one[-1] + two[0]) / 2, *two]
    assert shots(frames, 0) in ([(0, 10), (10, 21)], [(0, 11), (11, 21)])


@pytest.mark.parametrize("speed", [0.0, 2.0, 6.0, 9.0])
def test_motion_is_not_a_cut(speed: float):
    assert shots(scene(1, 30, speed), 0) == [(0, 30)]


@pytest.mark.parametrize("length", [1, 2])
@pytest.mark.parametrize("gain", [0.0, 2.0, 20.0])
def test_a_flash_is_not_a_cut(gain: float, length: int):
    frames = scene(2, 20)
    for index in range(9, 9 + length):
        frames[index] = np.clip(frames[index] * np.float32(gain), 0, 1)
    assert shots(frames, 0) == [(0, 20)]


def test_a_dissolve_is_not_a_cut():
    one, two = scene(3, 24), scene(4, 24)
    shares = np.clip((np.arange(24) - 6) / 12, 0, 1).astype(np.float32)
    frames = [a * (1 - w) + b * w for a, b, w in zip(one, two, shares, strict=True)]
    assert shots(frames, 0) == [(0, 24)]


def test_a_fade_from_and_to_black_is_not_a_cut():
    level = np.minimum(np.arange(40), np.arange(40)[::-1]).astype(np.float32) / 20
    faded = [frame * share for frame, share in zip(scene(5, 40), level, strict=True)]
    assert shots(faded, 0) == [(0, 40)]


@settings(deadline=None, max_examples=20)  # each compares up to 32 frames
@given(st.integers(0, 12), st.integers(20, 32))
def test_a_cut_does_not_depend_on_where_the_scan_starts_or_ends(start: int, end: int):
    frames = scene(6, 16, 3.0) + scene(106, 16, 3.0)
    whole = cut_scores(frames)
    assert cut_scores(frames[start:end])[16 - start] == whole[16]


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 3000), st.integers(1, 20_000))
def test_a_scan_covers_the_range_and_lies_on_the_grid(first: int, count: int, more: int):
    media_frames = first + count + more
    start, end = scan_range(first, count, media_frames)
    assert 0 <= start <= first
    assert first + count <= end <= media_frames
    assert start % 480 == 0
    assert end % 480 == 0 or end == media_frames
    assert start == 0 or first - start >= 480
    assert end == media_frames or end - (first + count) >= 480


def test_ranges_in_one_neighbourhood_scan_the_same_frames():
    assert scan_range(1000, 48, 5000) == scan_range(1100, 200, 5000) == (480, 1920)


@settings(deadline=None)
@given(st.integers(0, 1000), st.integers(1, 500), st.integers(1, 9))
def test_anchors_are_evenly_spaced_inside_their_shot(first: int, length: int, k: int):
    found = anchors((first, first + length), k)
    assert len(found) == min(k, length)
    assert all(first <= frame < first + length for frame in found)
    steps = np.diff(found)
    assert len(steps) == 0 or steps.max() - steps.min() <= 1


def test_a_single_frame_is_a_shot():
    assert shots(scene(7, 1), 5) == [(5, 6)]
