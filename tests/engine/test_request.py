"""What is said of a request before a frame is decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from lav_engine import catalog
from lav_engine.errors import Code, MediaError
from lav_engine.media.probe import probe
from lav_engine.preparation import plan
from lav_engine.request import check_shape
from lav_engine.spec import ClipRange, LampPatch, LightRequest, Output, RelightRequest

DRAFT = catalog.engine("draft")


@pytest.mark.parametrize("size", [(16384, 64), (16384, 128), (16384, 192), (64, 4096), (513, 32)])
def test_strips_are_refused(make_clip: Callable[..., Path], size: tuple[int, int]) -> None:
    facts = replace(probe(make_clip(frames=1)), width=size[0], height=size[1])
    with pytest.raises(MediaError, match=rf"{size[0]} × {size[1]}.*16:1") as refusal:
        check_shape(facts)
    assert refusal.value.code is Code.media_unsupported


@pytest.mark.parametrize("size", [(16384, 1024), (512, 32), (16, 16), (32, 512)])
def test_wide_and_small_pictures_are_not(
    make_clip: Callable[..., Path], size: tuple[int, int]
) -> None:
    check_shape(replace(probe(make_clip(frames=1)), width=size[0], height=size[1]))


def test_a_plan_says_that_h264_keeps_fewer_bits(
    make_clip: Callable[..., Path], tmp_path: Path
) -> None:
    light = LightRequest(lamp=LampPatch(azimuth=-80), exposure=0.0)
    clip = ClipRange(make_clip(frames=2), 0, 0, Fraction(0))

    def warnings(name: str) -> tuple[str, ...]:
        request = RelightRequest(clip, light, Output(tmp_path / name, audio=False))
        return plan(request, DRAFT, catalog.load_engine(DRAFT)).warnings

    assert any("10 bits a channel, H.264 keeps 8" in one for one in warnings("take.mp4"))
    assert not any("bits a channel" in one for one in warnings("take.mkv"))
