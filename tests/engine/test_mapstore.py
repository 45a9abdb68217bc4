"""The store of windows, and which takes share them."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lav_engine.engines.base import Step, Window
from lav_engine.errors import Code, Fenced, LavError
from lav_engine.lightmap import LightFields, Origin
from lav_engine.mapstore import MapStore
from lav_engine.media.planes import Planes
from lav_engine.media.source import Reader
from lav_engine.pictures import Pictures
from lav_engine.progress import Progress
from lav_engine.relight import relight
from lav_engine.spec import (
    ClipRange,
    Codec,
    Delivery,
    Diffusion,
    EngineLimits,
    EngineSpec,
    LampPatch,
    Lane,
    Light,
    LightRequest,
    Options,
    Output,
    RelightRequest,
    Take,
)

MakeClip = Callable[..., Path]

SPEC = EngineSpec(
    name="bright",
    title="Bright",
    summary="",
    limits=EngineLimits(
        long_side=64,
        multiple=2,
        frames=6,
        overlap=2,
        preroll=1,
        lane=Lane.cpu,
        deliveries=(Delivery.light, Delivery.picture),
    ),
    factory="",
)
WINDOWS = 4  # of the range that tests take
KEY = "ab" + 62 * "0"
ORIGIN = Origin(0, 6, "bright", "1", KEY)


class Bright:
    """A gain and a picture that depend on all that an engine is given; counts what it is asked."""

    def __init__(self, models: str = "") -> None:
        self.models = models
        self.lit: list[int] = []  # first frames of windows
        self.exposed = 0

    def identity(self, options: Options) -> str:
        return self.models

    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        self.exposed += 1
        return float(anchors.frames.mean()) + 0.1

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        self.lit.append(window.first)
        assert light.exposure is not None
        gain = 0.3 * window.frames + np.float32(light.exposure)
        yield Step(
            1,
            1,
            LightFields(gain, np.zeros_like(gain)),
            pictures=Pictures(1 - window.frames, np.ones(gain.shape[:3], np.float32)),
        )


@pytest.fixture
def maps(tmp_path: Path) -> MapStore:
    return MapStore(tmp_path / "maps")


@pytest.fixture
def request_for(make_clip: MakeClip, tmp_path: Path) -> Callable[..., RelightRequest]:
    clip = make_clip(frames=30)

    def make(
        name: str, first: int = 0, count: int = 24, codec: Codec | None = None, **more: object
    ) -> RelightRequest:
        request = RelightRequest(
            ClipRange(clip, first, count, Fraction(0)),
            LightRequest(lamp=LampPatch(azimuth=-60.0)),
            Output(tmp_path / name, codec, audio=False),
            engine="bright",
        )
        return replace(request, **more)  # pyright: ignore[reportArgumentType]

    return make


def run(
    request: RelightRequest, maps: MapStore, engine: Bright | None = None, **more: object
) -> tuple[Take, list[int], list[Progress]]:
    """The take, the first frames of the windows that were lit, and what was told about windows."""
    engine = engine or Bright()
    steps = list(relight(request, engine, SPEC, maps, **more))  # pyright: ignore[reportArgumentType]
    take = steps[-1].take
    assert take is not None
    return take, engine.lit, [step for step in steps if step.window is not None]


def frames(path: Path) -> list[Planes]:
    with Reader(path) as reader:
        return list(reader.read(0, reader.facts.frames))


def assert_same(one: list[Planes], two: list[Planes]) -> None:
    assert len(one) == len(two)
    for a, b in zip(one, two, strict=True):
        for plane in "yuv":
            np.testing.assert_array_equal(getattr(a, plane), getattr(b, plane))


def fields(seed: int = 1) -> LightFields:
    random = np.random.default_rng(seed).random((2, 8, 6, 3), dtype=np.float32)
    return LightFields(random, random)


def test_what_is_saved_is_given_back_and_marked_as_used(maps: MapStore):
    assert maps.load(KEY) is None
    maps.save(KEY, fields(), ORIGIN)
    os.utime(maps.path(KEY), (1, 1))
    found = maps.load(KEY)
    assert found is not None
    np.testing.assert_allclose(found[0].gain, fields().gain, atol=1e-3)
    assert found[1] is None
    assert maps.path(KEY).stat().st_mtime > 1


@pytest.mark.parametrize("damage", ["cut", "zeros", "flipped", "empty", "another's"])
def test_a_damaged_map_counts_as_missing(maps: MapStore, damage: str):
    maps.save(KEY, fields(), ORIGIN)
    path = maps.path(KEY)
    whole = path.read_bytes()
    if damage == "another's":
        maps.save(KEY, fields(), replace(ORIGIN, request="cd"))
    else:
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        cut = whole[: len(whole) // 2]
        path.write_bytes(
            {"cut": cut, "zeros": bytes(len(whole)), "flipped": flipped, "empty": b""}[damage]
        )
    assert maps.load(KEY) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"exposure": null}', "\0\0"])
def test_a_damaged_exposure_counts_as_missing(maps: MapStore, text: str):
    maps.save_exposure(KEY, 1 / 3)
    assert maps.exposure(KEY) == 1 / 3
    maps.path(KEY).with_suffix(".json").write_text(text)
    assert maps.exposure(KEY) is None


def test_a_full_disk_leaves_the_store_whole(maps: MapStore):
    maps.save(KEY, fields(), ORIGIN)
    before = {path: path.read_bytes() for path in maps.folder.rglob("*") if path.is_file()}
    was, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, most))
        with pytest.raises(LavError) as caught:
            maps.save(KEY, fields(2), ORIGIN)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (was, most))
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.code == Code.disk_short
    assert {path: path.read_bytes() for path in maps.folder.rglob("*") if path.is_file()} == before


def test_a_repeated_take_lights_nothing_and_is_the_same_file(request_for, maps: MapStore):
    first, lit, told = run(request_for("one.mkv"), maps)
    assert lit == [0, 5, 11, 17]
    assert not any(step.is_reused for step in told)
    engine = Bright()
    second, lit, told = run(request_for("two.mkv"), maps, engine)
    assert (lit, engine.exposed) == ([], 0)
    assert all(step.is_reused for step in told)
    assert [step.key for step in told] == list(second.map_keys) == list(first.map_keys)
    assert second.light == first.light
    assert first.path.read_bytes() == second.path.read_bytes()


@pytest.mark.parametrize("codec", [Codec.prores, Codec.h264])
def test_another_amount_or_codec_lights_nothing(request_for, maps: MapStore, codec: Codec):
    run(request_for("one.mkv"), maps)
    fresh, _, _ = run(request_for("two.mov", codec=codec, amount=0.4), MapStore(maps.folder / "x"))
    again, lit, _ = run(request_for("three.mov", codec=codec, amount=0.4), maps)
    assert lit == []
    assert again.path.read_bytes() == fresh.path.read_bytes()


@pytest.mark.parametrize("suffix", ["mkv", "mov"])
def test_an_extended_range_lights_what_is_missing_and_keeps_old_frames(
    request_for, maps: MapStore, suffix: str
):
    old, _, _ = run(request_for(f"old.{suffix}", 8, 8), maps)
    new, lit, _ = run(request_for(f"new.{suffix}", 2, 26), maps)
    assert lit == [0, 17, 23]
    assert_same(frames(new.path)[6:14], frames(old.path))
    fresh, _, _ = run(request_for(f"fresh.{suffix}", 2, 26), MapStore(maps.folder / "other"))
    assert fresh.path.read_bytes() == new.path.read_bytes()


def test_a_slipped_range_lights_only_new_windows(request_for, maps: MapStore):
    run(request_for("old.mkv", 0, 12), maps)
    _, lit, _ = run(request_for("new.mkv", 6, 12), maps)
    assert lit == [11]


@pytest.mark.parametrize("what", ["light", "options", "delivery", "models", "exposure"])
def test_what_shapes_the_light_lights_it_anew(request_for, maps: MapStore, what: str):
    wanted = request_for("one.mkv")
    run(wanted, maps)
    changed = {
        "light": {"light": LightRequest(lamp=LampPatch(azimuth=-61.0))},
        "options": {"options": Options(seed=1)},
        "delivery": {"delivery": Delivery.picture},
        "exposure": {"light": replace(wanted.light, exposure=0.5)},
        "models": {},
    }[what]
    engine = Bright("other weights" if what == "models" else "")
    _, lit, _ = run(request_for("two.mkv", **changed), maps, engine)
    assert len(lit) == WINDOWS


def test_a_file_that_options_name_counts_by_what_is_in_it(
    request_for, maps: MapStore, tmp_path: Path
):
    def lit(name: str, image: Path) -> int:
        options = Options(diffusion=Diffusion(light_image=image))
        return len(run(request_for(name, options=options), maps)[1])

    one, two = tmp_path / "one.png", tmp_path / "two.png"
    one.write_bytes(b"warm")
    two.write_bytes(b"warm")
    assert (lit("a.mkv", one), lit("b.mkv", two)) == (WINDOWS, 0)
    one.write_bytes(b"cold")
    assert lit("c.mkv", one) == WINDOWS


def test_pictures_of_the_engines_own_come_from_the_store_too(request_for, maps: MapStore):
    first, _, _ = run(request_for("one.mkv", delivery=Delivery.picture), maps)
    second, lit, _ = run(request_for("two.mkv", delivery=Delivery.picture), maps)
    assert lit == []
    assert first.path.read_bytes() == second.path.read_bytes()


def test_a_map_that_is_damaged_is_lit_again(request_for, maps: MapStore):
    first, _, told = run(request_for("one.mkv"), maps)
    path = maps.path(told[2].key or "")
    path.write_bytes(path.read_bytes()[:-100])
    second, lit, _ = run(request_for("two.mkv"), maps)
    assert lit == [11]
    assert first.path.read_bytes() == second.path.read_bytes()


def test_a_source_that_changed_meanwhile_is_noticed(
    request_for, make_clip: MakeClip, maps: MapStore
):
    wanted = request_for("one.mkv")
    walk = relight(wanted, Bright(), SPEC, maps)
    while next(walk).window != 1:
        pass
    walk.close()
    make_clip(frames=30, start=3)  # in its place
    again, lit, _ = run(request_for("two.mkv"), maps)
    assert len(lit) == WINDOWS
    fresh, _, _ = run(request_for("three.mkv"), MapStore(maps.folder / "other"))
    assert again.light == fresh.light
    assert again.path.read_bytes() == fresh.path.read_bytes()


@pytest.mark.parametrize("allowed", range(WINDOWS + 4))
def test_a_job_given_to_another_process_keeps_and_shows_nothing_more(
    request_for, maps: MapStore, tmp_path: Path, allowed: int
):
    """It is asked before the exposure, the announcement, each map, the journal and the name."""
    asked = 0

    def fence() -> None:
        nonlocal asked
        asked += 1
        if asked > allowed:
            raise Fenced

    wanted = request_for("out/take.mkv")
    wanted.output.path.parent.mkdir()
    with pytest.raises(Fenced):
        run(wanted, maps, journal=tmp_path / "journal.json", fence=fence)
    assert list(wanted.output.path.parent.iterdir()) == []
    assert len(list(maps.folder.rglob("*.npz"))) == min(max(allowed - 2, 0), WINDOWS)
