"""The store of windows and exposures gives back what it was given, whole or not at all."""

from __future__ import annotations

import os
import resource
import signal
from dataclasses import replace

import numpy as np
import pytest

from lav_engine.errors import Code, LavError
from lav_engine.lightmap import LightFields, Origin
from lav_engine.mapstore import MapStore

KEY = "ab" + 62 * "0"
ORIGIN = Origin(0, 6, "toy", "1", KEY)


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
