"""Takes share the windows that are the same in both, and light the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy_engine import SPEC, Toy

from lav_engine.errors import Fenced
from lav_engine.mapstore import MapStore
from lav_engine.media.planes import Planes
from lav_engine.media.source import Reader
from lav_engine.progress import Progress
from lav_engine.relight import relight
from lav_engine.spec import (
    Codec,
    Delivery,
    Diffusion,
    LampPatch,
    LightRequest,
    Options,
    RelightRequest,
    Take,
)

MakeClip = Callable[..., Path]

WINDOWS = 4  # of the range that tests take


def run(
    request: RelightRequest, maps: MapStore, engine: Toy | None = None, **more: object
) -> tuple[Take, list[int], list[Progress]]:
    """The take, the first frames of the windows that were lit, and what was told about windows."""
    engine = engine or Toy()
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


def test_a_repeated_take_lights_nothing_and_is_the_same_file(toy_request, maps: MapStore):
    first, lit, told = run(toy_request("one.mkv"), maps)
    assert lit == [0, 5, 11, 17]
    assert not any(step.is_reused for step in told)
    engine = Toy()
    second, lit, told = run(toy_request("two.mkv"), maps, engine)
    assert (lit, engine.exposed) == ([], 0)
    assert all(step.is_reused for step in told)
    assert [step.key for step in told] == list(second.map_keys) == list(first.map_keys)
    assert second.light == first.light
    assert first.path.read_bytes() == second.path.read_bytes()


@pytest.mark.parametrize("codec", [Codec.prores, Codec.h264])
def test_another_amount_or_codec_lights_nothing(toy_request, maps: MapStore, codec: Codec):
    run(toy_request("one.mkv"), maps)
    fresh, _, _ = run(toy_request("two.mov", codec=codec, amount=0.4), MapStore(maps.folder / "x"))
    again, lit, _ = run(toy_request("three.mov", codec=codec, amount=0.4), maps)
    assert lit == []
    assert again.path.read_bytes() == fresh.path.read_bytes()


@pytest.mark.parametrize("suffix", ["mkv", "mov"])
def test_an_extended_range_lights_what_is_missing_and_keeps_old_frames(
    toy_request, maps: MapStore, suffix: str
):
    old, _, _ = run(toy_request(f"old.{suffix}", 8, 8), maps)
    new, lit, _ = run(toy_request(f"new.{suffix}", 2, 26), maps)
    assert lit == [0, 17, 23]
    assert_same(frames(new.path)[6:14], frames(old.path))
    fresh, _, _ = run(toy_request(f"fresh.{suffix}", 2, 26), MapStore(maps.folder / "other"))
    assert fresh.path.read_bytes() == new.path.read_bytes()


def test_a_slipped_range_lights_only_new_windows(toy_request, maps: MapStore):
    run(toy_request("old.mkv", 0, 12), maps)
    _, lit, _ = run(toy_request("new.mkv", 6, 12), maps)
    assert lit == [11]


@pytest.mark.parametrize("what", ["light", "options", "delivery", "models", "exposure"])
def test_what_shapes_the_light_lights_it_anew(toy_request, maps: MapStore, what: str):
    wanted = toy_request("one.mkv")
    run(wanted, maps)
    changed = {
        "light": {"light": LightRequest(lamp=LampPatch(azimuth=-61.0))},
        "options": {"options": Options(seed=1)},
        "delivery": {"delivery": Delivery.picture},
        "exposure": {"light": replace(wanted.light, exposure=0.5)},
        "models": {},
    }[what]
    engine = Toy("other weights" if what == "models" else "")
    _, lit, _ = run(toy_request("two.mkv", **changed), maps, engine)
    assert len(lit) == WINDOWS


def test_a_file_that_options_name_counts_by_what_is_in_it(
    toy_request, maps: MapStore, tmp_path: Path
):
    def lit(name: str, image: Path) -> int:
        options = Options(diffusion=Diffusion(light_image=image))
        return len(run(toy_request(name, options=options), maps)[1])

    one, two = tmp_path / "one.png", tmp_path / "two.png"
    one.write_bytes(b"warm")
    two.write_bytes(b"warm")
    assert (lit("a.mkv", one), lit("b.mkv", two)) == (WINDOWS, 0)
    one.write_bytes(b"cold")
    assert lit("c.mkv", one) == WINDOWS


def test_pictures_of_the_engines_own_come_from_the_store_too(toy_request, maps: MapStore):
    first, _, _ = run(toy_request("one.mkv", delivery=Delivery.picture), maps)
    second, lit, _ = run(toy_request("two.mkv", delivery=Delivery.picture), maps)
    assert lit == []
    assert first.path.read_bytes() == second.path.read_bytes()


def test_a_map_that_is_damaged_is_lit_again(toy_request, maps: MapStore):
    first, _, told = run(toy_request("one.mkv"), maps)
    path = maps.path(told[2].key or "")
    path.write_bytes(path.read_bytes()[:-100])
    second, lit, _ = run(toy_request("two.mkv"), maps)
    assert lit == [11]
    assert first.path.read_bytes() == second.path.read_bytes()


def test_a_source_that_changed_meanwhile_is_noticed(
    toy_request, make_clip: MakeClip, maps: MapStore
):
    wanted = toy_request("one.mkv")
    walk = relight(wanted, Toy(), SPEC, maps)
    while next(walk).window != 1:
        pass
    walk.close()
    make_clip(frames=30, start=3)  # in its place
    again, lit, _ = run(toy_request("two.mkv"), maps)
    assert len(lit) == WINDOWS
    fresh, _, _ = run(toy_request("three.mkv"), MapStore(maps.folder / "other"))
    assert again.light == fresh.light
    assert again.path.read_bytes() == fresh.path.read_bytes()


@pytest.mark.parametrize("allowed", range(WINDOWS + 4))
def test_a_job_given_to_another_process_keeps_and_shows_nothing_more(
    toy_request, maps: MapStore, tmp_path: Path, allowed: int
):
    """It is asked before the exposure, the announcement, each map, the journal and the name."""
    asked = 0

    def fence() -> None:
        nonlocal asked
        asked += 1
        if asked > allowed:
            raise Fenced

    wanted = toy_request("out/take.mkv")
    wanted.output.path.parent.mkdir()
    with pytest.raises(Fenced):
        run(wanted, maps, journal=tmp_path / "journal.json", fence=fence)
    assert list(wanted.output.path.parent.iterdir()) == []
    assert len(list(maps.folder.rglob("*.npz"))) == min(max(allowed - 2, 0), WINDOWS)
