"""A mask's outline moves out and in, as smoothly as a slider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from lav_engine import catalog
from lav_engine.content import Content
from lav_engine.engines.base import Window
from lav_engine.engines.draft.engine import DraftEngine
from lav_engine.errors import LavError
from lav_engine.mask import UserMask
from lav_engine.media.probe import probe
from lav_engine.preparation import check_request
from lav_engine.spec import ClipRange, Lamp, Light, LightRequest, Output, RelightRequest
from lav_engine.windows import WindowSpan

SIZE = (160, 90)
BOX = np.s_[30:60, 50:110]


@pytest.fixture
def still(tmp_path: Path) -> Path:
    picture = np.zeros((90, 160), np.uint8)
    picture[BOX] = 255
    path = tmp_path / "mask.png"
    assert cv2.imwrite(str(path), picture)
    return path


@pytest.fixture
def request_(make_clip: Callable[..., Path], tmp_path: Path, still: Path) -> RelightRequest:
    clip = make_clip(tmp_path / "clip.mp4", frames=4)
    light = LightRequest(light=Light(lamps=(Lamp(),), exposure=0.0))
    return RelightRequest(
        ClipRange(clip, 0, 4, probe(clip).rate), light, Output(tmp_path / "take.mkv"), mask=still
    )


def grown(request: RelightRequest, grow: float) -> np.ndarray:
    facts = probe(request.clip.path)
    assert request.mask
    return UserMask(request.mask, facts, request.clip, SIZE, grow).stack(0, 1)[0]


@pytest.mark.parametrize("pixels", [1, 4, 9, -1, -4, -9])
def test_the_outline_moves_by_that_part_of_the_pictures_height(
    request_: RelightRequest, pixels: int
) -> None:
    mask = grown(request_, pixels / 90)
    across, down = (mask[45] > 0.5).sum(), (mask[:, 80] > 0.5).sum()
    assert (across, down) == (60 + 2 * pixels, 30 + 2 * pixels)


def test_parts_of_a_pixel_count(request_: RelightRequest) -> None:
    areas = [grown(request_, tenths / 900).sum() for tenths in range(-25, 26)]
    steps = np.diff(areas)
    assert steps.min() > 0
    assert steps.max() < 2 * np.median(steps)
    np.testing.assert_array_equal(grown(request_, 0.0)[BOX], 1)


def test_a_mask_clip_grows_too(request_: RelightRequest, still: Path) -> None:
    facts = probe(request_.clip.path)
    plain, wide = (
        UserMask(request_.clip.path, facts, request_.clip, SIZE, grow).stack(0, 4)
        for grow in (0.0, 0.05)
    )
    assert wide.shape == plain.shape
    assert (wide >= plain).all()
    assert wide.mean() > plain.mean()


def test_what_stays_at_the_edge_of_the_picture_does_not_shrink_from_it(
    request_: RelightRequest, tmp_path: Path
) -> None:
    picture = np.zeros((90, 160), np.uint8)
    picture[50:] = 255
    cv2.imwrite(str(tmp_path / "low.png"), picture)
    mask = grown(replace(request_, mask=tmp_path / "low.png"), -0.05)
    assert mask[-1].min() == 1
    assert (mask > 0.5).sum() < 40 * 160


@pytest.mark.parametrize("grow", [0.11, -0.2, float("nan")])
def test_more_than_that_is_refused(request_: RelightRequest, grow: float) -> None:
    with pytest.raises(LavError, match="cannot grow by"):
        check_request(replace(request_, mask_grow=grow), catalog.engine("draft"))


def test_a_grown_mask_is_another_light_in_the_store(request_: RelightRequest) -> None:
    content = Content(request_, DraftEngine(), catalog.engine("draft"))
    frames = np.full((1, 90, 160, 3), 0.5, np.float32)
    span, light = WindowSpan((0, 1), (0, 1), (1.0,)), Light(exposure=0.0)
    names = {
        content.of_window(Window(0, frames, request_.clip.rate, mask), light, span)
        for mask in (grown(request_, grow)[None] for grow in (0.0, 0.01, 0.011))
    }
    assert len(names) == 3
