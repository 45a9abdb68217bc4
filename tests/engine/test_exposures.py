"""A take that extends another keeps that one's exposures, and so its frames, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lav_engine import exposures
from lav_engine.engines.base import Step, Window
from lav_engine.errors import LavError
from lav_engine.lightmap import LightFields
from lav_engine.mapstore import MapStore
from lav_engine.media.probe import probe
from lav_engine.media.source import Reader
from lav_engine.relight import relight
from lav_engine.spec import (
    ClipRange,
    Codec,
    EngineLimits,
    EngineSpec,
    LampPatch,
    Lane,
    Light,
    LightRequest,
    Options,
    Output,
    RelightRequest,
    ShotExposure,
    Take,
)

FRAMES, CUT = 2000, 300
WIDTH, HEIGHT = 32, 18
OLD, NEW = (250, 350), (200, 800)  # first, count: more of the second shot is looked at for the new
LIMITS = EngineLimits(long_side=32, multiple=2, frames=48, overlap=2, preroll=2, lane=Lane.cpu)
SPEC = EngineSpec(name="even", title="Even", summary="", limits=LIMITS, factory="")


class Even:
    """As bright as the exposure says, which is judged by how dark the anchors are."""

    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        return float(-np.log2(anchors.frames.mean()) / 4)

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        gain = np.full(window.frames.shape, light.exposure, np.float32)
        yield Step(1, 1, LightFields(gain, np.zeros_like(gain)))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shots; the second is long and grows brighter all the while."""
    path = tmp_path_factory.mktemp("clip") / "clip.mkv"
    across, down = np.mgrid[0:HEIGHT, 0:WIDTH]
    one = np.stack([40 + 5 * down, 90 + 0 * down, 60 + 3 * across], -1)
    two = np.stack([90 - 2 * down, 30 + 2 * across, 20 + 2 * down], -1)
    with av.open(path, "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(FRAMES):
            picture = one if index < CUT else two + 100 * index // FRAMES
            frame = av.VideoFrame.from_ndarray(picture.astype(np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def take_of(
    clip: Path, output: Path, span: tuple[int, int], earlier: tuple[ShotExposure, ...] = ()
) -> Take:
    request = RelightRequest(
        ClipRange(clip, *span, Fraction(0)),
        LightRequest(lamp=LampPatch(azimuth=-60)),
        Output(output, Codec.ffv1),
        exposures=earlier,
    )
    *_, last = relight(request, Even(), SPEC, MapStore(output.parent / "maps"))
    assert last.take is not None
    return last.take


def frames(take: Take) -> list[bytes]:
    facts = probe(take.path)
    with Reader(take.path, facts) as reader:
        planes = list(reader.read(0, facts.frames))
    return [one.y.tobytes() + one.u.tobytes() + one.v.tobytes() for one in planes]


def test_an_extended_take_of_a_long_shot_keeps_its_frames_bit_for_bit(clip: Path, tmp_path: Path):
    old = take_of(clip, tmp_path / "old.mkv", OLD)
    ends = [(one.first, one.end) for one in old.exposures]
    assert ends == [(250, CUT), (CUT, 600)]
    start = OLD[0] - NEW[0]
    anew = take_of(clip, tmp_path / "anew.mkv", NEW)
    assert anew.exposures[1].exposure != old.exposures[1].exposure
    assert frames(anew)[start : start + OLD[1]] != frames(old)
    new = take_of(clip, tmp_path / "new.mkv", NEW, old.exposures)
    assert [one.exposure for one in new.exposures] == [one.exposure for one in old.exposures]
    assert frames(new)[start : start + OLD[1]] == frames(old)
    third = take_of(clip, tmp_path / "third.mkv", (100, 1500), new.exposures)
    assert frames(third)[100 : 100 + NEW[1]] == frames(new)


def test_only_shots_that_hold_frames_of_the_earlier_take_keep_its_exposure():
    lights = {(0, 100): Light(exposure=1.0), (100, 200): Light(exposure=2.0)}
    earlier = [ShotExposure(90, 100, -1.0), ShotExposure(200, 300, -3.0)]
    kept = exposures.kept(lights, earlier)
    assert [light.exposure for light in kept.values()] == [-1.0, 2.0]
    assert exposures.kept(lights, []) == lights


def test_an_exposure_beyond_all_bounds_is_refused():
    with pytest.raises(LavError, match="outside its range"):
        exposures.kept({(0, 9): Light(exposure=0.0)}, [ShotExposure(0, 9, 99.0)])
