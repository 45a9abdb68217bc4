"""`lav relight --engine wan` as people run it, with tiny models in a folder and no network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("diffusers")

from tiny_models import write_models

from lav_engine.mapstore import MapStore
from lav_engine.media.colour import planes_to_rgb
from lav_engine.media.probe import probe
from lav_engine.media.source import Reader

FEW = ("--steps", 2, "--relight-steps", 2, "--seed", 5)
FRAMES = 6
pytestmark = pytest.mark.timeout(300)  # the worker imports torch, on a busy machine


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """The worker's; it is made after this. Tensors this small cost threads more than they save."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_NUM_THREADS", "1")
        yield


@pytest.fixture(scope="module")
def models(server) -> Path:
    return write_models(server.folder / "models")


@pytest.fixture(scope="module")
def small(server, make_clip) -> Path:
    return make_clip(server.folder / "small.mp4", FRAMES, (70, 50))


def frames(path: Path) -> np.ndarray:
    facts = probe(path)
    with Reader(path, facts) as reader:
        return np.stack([planes_to_rgb(one) for one in reader.read(0, facts.frames)])


def test_wan_relights_a_clip_with_models_from_a_folder(lav, models, small, folder):
    out = folder / "take.mkv"
    words = ("--prompt", "warm sunset from the left", "--models", models, "--json", "-o", out)
    result = lav("relight", small, "--engine", "wan", *FEW, *words)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert (report["engine"], report["frames"], report["output"]) == ("wan", FRAMES, str(out))
    assert probe(out).frames == FRAMES
    assert (probe(out).width, probe(out).height) == (70, 50)
    assert np.abs(frames(out) - frames(small)).mean() > 0.01


def test_a_take_of_the_engines_own_frames_can_be_delivered_again(
    lav, server, models, small, folder
):
    out = folder / "take.mkv"
    words = ("--from", "left", "--delivery", "picture", "--models", models, "-o", out)
    result = lav("relight", small, "--engine", "wan", *FEW, *words)
    assert result.returncode == 0, result.stderr
    job = next(job for job in server.client.jobs() if job.take.path == str(out))
    store = MapStore(Path(job.take.map_folder))
    found = store.load(job.take.map_keys[0])
    assert found is not None
    fields, pictures = found
    assert pictures is not None
    assert pictures.frames.shape == fields.gain.shape
    assert (pictures.share == 1).all()


def test_the_plan_tells_device_and_memory(lav, models, small, folder):
    out = folder / "take.mkv"
    result = lav("relight", small, "--engine", "wan", "--from", "left", "--models", models,
                 "--plan", "--json", "-o", out)  # fmt: skip
    assert result.returncode == 0, result.stderr
    plan = json.loads(result.stdout)
    assert plan["device"]
    assert plan["memory_bytes"] > 0
    assert (plan["working_width"], plan["working_height"]) == (64, 48)
    assert not out.exists()


def test_a_missing_model_is_named_with_the_command_that_fetches_it(lav, small, folder):
    (folder / "empty").mkdir()
    out = folder / "take.mkv"
    words = ("--from", "left", "--models", folder / "empty", "-o", out)
    result = lav("relight", small, "--engine", "wan", *words)
    assert result.returncode != 0
    assert "lav models pull" in result.stderr
    assert [path.name for path in folder.iterdir()] == ["empty"]


def test_a_single_frame_is_not_previewed(lav, small, folder):
    words = ("--at", 0, "--from", "left", "-o", folder / "frame.png")
    result = lav("preview", small, "--engine", "wan", *words)
    assert result.returncode != 0
    assert "draft" in result.stderr


def test_words_that_say_no_light_reach_an_engine_that_reads_them(lav, models, small, folder):
    words = ("--prompt", "warm light in a library", "--models", models, "--plan", "--json")
    for engine, unread in (("draft", ["library"]), ("wan", [])):
        out = folder / "take.mkv"
        result = lav("relight", small, "--engine", engine, *words, "-o", out)
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["unmatched_words"] == unread
