"""Transparency passes through a render untouched, or its loss is said beforehand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lav_engine import catalog
from lav_engine.estimate import take_bytes
from lav_engine.mapstore import MapStore
from lav_engine.media.probe import probe
from lav_engine.media.source import Reader
from lav_engine.preparation import plan
from lav_engine.relight import relight
from lav_engine.spec import ClipRange, Codec, LampPatch, LightRequest, Output, RelightRequest, Take

DRAFT = catalog.engine("draft")
WIDTH, HEIGHT, FRAMES = 160, 96, 4


@pytest.fixture
def request_to(tmp_path: Path):
    """For takes of a title: 8 bit RGB under every code of alpha, clear at its left end."""
    path = tmp_path / "title.mov"
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    with av.open(path, "w") as container:
        stream = container.add_stream("qtrle", rate=24)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "argb"
        for n in range(FRAMES):
            alpha = (x * 256 // WIDTH + y % 2) * (x >= n)
            codes = np.stack([alpha, 60 + x, 60 + y, 90 + 0 * x], axis=-1).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(codes, format="argb")))
        container.mux(stream.encode(None))

    def make(name: str, amount: float = 1.0) -> RelightRequest:
        light = LightRequest(lamp=LampPatch(azimuth=-60.0), exposure=0.0)
        output = Output(tmp_path / name, audio=False, for_host=True)
        return RelightRequest(ClipRange(path, 0, 0, Fraction(0)), light, output, amount=amount)

    return make


def rendered(request: RelightRequest, maps: MapStore) -> Take:
    *_, last = relight(request, catalog.load_engine(DRAFT), DRAFT, maps)
    assert last.take is not None
    return last.take


def alphas(path: Path) -> list[np.ndarray]:
    """In 8 bits."""
    with Reader(path) as reader:
        whole = (1 << reader.layout.depth) - 1
        planes = list(reader.read(0, FRAMES))
    return [np.rint(one.a * (255 / whole)) for one in planes if one.a is not None]


@pytest.mark.parametrize("amount", [0.0, 1.0])
@pytest.mark.parametrize(("name", "codec"), [("t.mov", Codec.prores), ("t.mkv", Codec.ffv1)])
def test_a_take_is_as_transparent_as_its_source(
    request_to, maps: MapStore, name: str, codec: Codec, amount: float
):
    request = request_to(name, amount)
    take = rendered(request, maps)
    assert take.codec == codec
    assert not any("transparency" in one for one in take.warnings)
    before, after = alphas(request.clip.path), alphas(take.path)
    assert len(before) == len(after) == FRAMES
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))


def test_more_room_is_planned_for_prores_with_alpha(request_to):
    request = request_to("t.mov")
    request = replace(request, clip=replace(request.clip, count=FRAMES))
    facts = probe(request.clip.path)
    deep = replace(facts, has_alpha=False, bit_depth=10)
    assert facts.has_alpha
    assert take_bytes(request, facts) > 3 * take_bytes(request, deep)


@pytest.mark.parametrize("name", ["t.mp4", "t.mov"])
def test_a_plan_says_that_h264_leaves_transparency_out(request_to, name: str):
    request = request_to(name)
    request = replace(request, output=replace(request.output, codec=Codec.h264))
    warnings = plan(request, DRAFT, catalog.load_engine(DRAFT)).warnings
    assert "The clip's transparency is left out; prores or ffv1 would keep it." in warnings
