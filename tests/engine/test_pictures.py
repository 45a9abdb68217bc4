"""Takes that show an engine's own frames: exact where they don't, whole where they do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from toy_engine import SPEC, WARNING, Frames, Toy

from lav_engine import lightmap
from lav_engine.errors import LavError
from lav_engine.lightmap import LightFields, Origin
from lav_engine.mapstore import MapStore
from lav_engine.media.colour import planes_to_rgb, rgb_to_planes
from lav_engine.media.planes import Layout, Planes
from lav_engine.media.probe import probe
from lav_engine.media.source import Reader
from lav_engine.pictures import Pictures, composed, stored
from lav_engine.relight import relight
from lav_engine.spec import Delivery

WIDTH, HEIGHT = 96, 64
LAYOUTS = [
    Layout(WIDTH, HEIGHT, depth=8, across=2, down=2, matrix="bt709"),
    Layout(WIDTH, HEIGHT, depth=10, across=2, down=1, matrix="bt709"),
    Layout(WIDTH, HEIGHT, depth=12, across=1, down=1, matrix="rgb", is_full_range=True),
]
layouts = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda one: f"{one.matrix}-{one.depth}")


def source(layout: Layout) -> Planes:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] / 100
    return rgb_to_planes(np.stack([x, y, 0.5 * x], -1).astype(np.float32), layout)


def frame(level: float = 0.6) -> np.ndarray:
    return np.full((HEIGHT // 4, WIDTH // 4, 3), level, np.float32)


def half() -> np.ndarray:
    """The left half is the engine's."""
    share = np.zeros((HEIGHT // 4, WIDTH // 4), np.float32)
    share[:, : WIDTH // 8] = 1
    return share


def same(one: Planes, two: Planes) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(two, name)) for name in "yuv")


@layouts
def test_no_share_and_no_amount_leave_every_code(layout: Layout):
    planes = source(layout)
    assert same(composed(planes, planes, frame(), 0 * half()), planes)
    assert same(composed(planes, planes, frame(), half(), amount=0.0), planes)


@layouts
def test_a_whole_share_is_the_engines_frame(layout: Layout):
    planes = source(layout)
    shown = planes_to_rgb(composed(planes, planes, frame(), np.ones_like(half())))
    np.testing.assert_allclose(shown, 0.6, atol=4 / (1 << layout.depth))


@layouts
def test_beside_the_share_codes_are_the_cameras(layout: Layout):
    planes = source(layout)
    mixed = composed(planes, planes, frame(), half())
    kept, columns = np.s_[:, 2 * WIDTH // 3 :], planes.u.shape[1]
    assert np.array_equal(mixed.y[kept], planes.y[kept])
    assert np.array_equal(mixed.u[:, 2 * columns // 3 :], planes.u[:, 2 * columns // 3 :])
    assert abs(float(planes_to_rgb(mixed)[:, : WIDTH // 3].mean()) - 0.6) < 0.01


def test_half_the_amount_is_half_way():
    planes = source(LAYOUTS[2])
    shown = planes_to_rgb(composed(planes, planes, frame(), np.ones_like(half()), amount=0.5))
    np.testing.assert_allclose(shown, (planes_to_rgb(planes) + 0.6) / 2, atol=0.001)


def test_a_map_file_gives_its_pictures_back(tmp_path: Path):
    rng = np.random.default_rng(1)
    own = Pictures(rng.random((2, 6, 8, 3), np.float32), rng.random((2, 6, 8), np.float32))
    fields = LightFields(np.zeros((2, 6, 8, 3), np.float32), np.zeros((2, 6, 8, 3), np.float32))
    origin = Origin(0, 12, "wan", "1", "abc")
    lightmap.save(tmp_path / "with.npz", fields, origin, own)
    lightmap.save(tmp_path / "without.npz", fields, origin)
    found = lightmap.load_pictures(tmp_path / "with.npz")
    assert found is not None
    assert np.array_equal(found.frames, stored(own).frames)
    assert np.array_equal(found.share, stored(own).share)
    np.testing.assert_allclose(found.frames, own.frames, atol=1e-3)
    assert lightmap.load(tmp_path / "with.npz")[1] == origin
    assert lightmap.load_pictures(tmp_path / "without.npz") is None


def test_a_map_file_cut_off_in_its_pictures_is_refused(tmp_path: Path):
    own = Pictures(np.zeros((1, 6, 8, 3), np.float32), np.zeros((1, 6, 8), np.float32))
    fields = LightFields(own.frames, own.frames)
    lightmap.save(tmp_path / "map.npz", fields, Origin(0, 12, "wan", "1", "abc"), own)
    whole = (tmp_path / "map.npz").read_bytes()
    (tmp_path / "map.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LavError, match="damaged"):
        lightmap.load_pictures(tmp_path / "map.npz")


class Grey(Toy):
    """Its pictures are grey and its light is none."""

    def gain(self, frames: Frames, exposure: float) -> Frames:
        return np.zeros_like(frames)

    def picture(self, frames: Frames) -> Frames:
        return np.full_like(frames, 0.5)


@pytest.mark.parametrize(("delivery", "amount"), [("picture", 1.0), ("picture", 0.0), ("light", 1)])
def test_a_take_shows_what_its_delivery_says(toy_request, maps: MapStore, delivery, amount):
    request = toy_request("take.mkv", count=14, delivery=Delivery(delivery), amount=amount)
    steps = list(relight(request, Grey(), SPEC, maps))
    take = steps[-1].take
    assert take is not None
    assert take.warnings.count(WARNING) == 1
    assert sum(step.warning == WARNING for step in steps) == 1  # not per window
    shown, camera = (read(path)[:14] for path in (take.path, request.clip.path))
    assert len(shown) == 14
    if delivery == "picture" and amount:
        np.testing.assert_allclose(shown, 0.5, atol=0.005)
    else:
        assert np.array_equal(shown, camera)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    stored_pictures = [lightmap.load_pictures(path) for path in maps.folder.rglob("*.npz")]
    assert all((one is not None) == (delivery == "picture") for one in stored_pictures)


def read(path: Path) -> np.ndarray:
    facts = probe(path)
    with Reader(path, facts) as reader:
        return np.stack([planes_to_rgb(one) for one in reader.read(0, facts.frames)])
