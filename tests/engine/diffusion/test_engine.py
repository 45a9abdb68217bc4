"""The three engines over tiny models in folders: windows in, relit frames and their map out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from lav_engine import catalog
from lav_engine.engines.base import Step, Window
from lav_engine.engines.diffusion import device, section
from lav_engine.engines.diffusion.engine import DiffusionEngine
from lav_engine.engines.diffusion.family import FAMILIES
from lav_engine.errors import Code, LavError
from lav_engine.lightmap import MAX_STOPS
from lav_engine.spec import Diffusion, Key, Lamp, Light, Lora, Mode, Options, Prompts, Scope

LIGHT = Light(prompt="warm light", lamps=(Lamp(azimuth=-90),), exposure=0.0)
BEACH = Prompts(background="a beach at noon")
SIZE = 48, 32
WAITS = 3  # steps before the number of steps is known
families = pytest.mark.parametrize("name", FAMILIES)


@pytest.fixture(scope="session")
def engines() -> dict[str, DiffusionEngine]:
    """Shared, as a worker's are: what ran before must not show."""
    return {name: DiffusionEngine(family) for name, family in FAMILIES.items()}


@pytest.fixture(scope="session")
def few(models: Path) -> Callable[..., Options]:
    """Options with as few steps as still go through everything: a relit one and a plain one."""

    def make(scope: Scope = Scope.both, prompts: Prompts = Prompts(), **more: object) -> Options:
        given = {"steps": 2, "relight_steps": 2, "models": models, **more}
        return Options(prompts, scope, seed=3, diffusion=Diffusion(**given))  # pyright: ignore[reportArgumentType]

    return make


def window(count: int = 3, size: tuple[int, int] = SIZE, masked: bool = False) -> Window:
    """A textured picture that drifts; the mask is a block in its middle."""
    width, height = size
    picture = np.random.default_rng(1).random((height, width, 3)).astype(np.float32)
    frames = np.stack([np.roll(cv2.blur(picture, (5, 5)), t, 1) for t in range(count)])
    mask = np.zeros((count, height, width), np.float32)
    mask[:, height // 4 : -height // 4, width // 4 : -width // 4] = 1
    return Window(8, frames, Fraction(24), mask if masked else None)


def last(engine: DiffusionEngine, options: Options, given: Window, light: Light = LIGHT) -> Step:
    *_, step = engine.relight(given, light, options)
    return step


def gain(step: Step) -> np.ndarray:
    assert step.fields is not None
    return step.fields.gain


@families
def test_a_window_comes_back_with_a_map_and_pictures_of_its_own_size(name, engines, few):
    given = window()
    steps = list(engines[name].relight(given, LIGHT, few(steps=3)))
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert {step.total for step in steps[WAITS:]} == {done[-1]}
    assert done[: WAITS + 2] == [0] * (WAITS + 1) + [1]  # a word before each wait of a start
    end = steps[-1]
    assert gain(end).shape == given.frames.shape
    assert np.isfinite(gain(end)).all()
    assert gain(end).std() > 0.01
    assert end.pictures is not None
    assert end.pictures.frames.shape == given.frames.shape
    assert (end.pictures.share == 1).all()
    previews = [step.preview for step in steps if step.preview is not None]
    assert len(previews) >= 2
    assert all(one.shape == given.frames.shape[1:] for one in previews)


@families
def test_the_same_seed_gives_the_same_light_whatever_ran_before(name, engines, few):
    fresh = gain(last(DiffusionEngine(FAMILIES[name]), few(), window()))
    other = gain(last(engines[name], replace(few(), seed=4), window(), replace(LIGHT, prompt="x")))
    torch.manual_seed(99)
    again = gain(last(engines[name], few(), window()))
    assert np.array_equal(fresh, again)
    assert not np.array_equal(fresh, other)


def exchange(path: Path, factor: float) -> None:
    """The same file with other weights: the size stays."""
    other = path.with_suffix(".new")
    save_file({name: one * factor for name, one in load_file(path).items()}, other)
    os.replace(other, path)


def test_weights_exchanged_under_the_same_name_are_loaded_anew(few, models, tmp_path):
    folder = tmp_path / "models"
    shutil.copytree(models, folder)
    width, layer = 16, "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_v"
    lora = tmp_path / "lora.safetensors"
    shapes = {"A": (2, width), "B": (width, 2)}
    stream = torch.Generator().manual_seed(9)
    save_file(
        {f"{layer}.lora_{one}.weight": torch.randn(shapes[one], generator=stream) for one in "AB"},
        lora,
    )
    options = few(models=folder, image_loras=(Lora(lora),))
    engine = DiffusionEngine(FAMILIES["animatediff"])
    relit = partial(last, engine, options, window(2))
    first = gain(relit())
    kept = engine._models
    assert np.array_equal(gain(relit()), first)
    assert engine._models is kept
    exchange(lora, 3)
    second = gain(relit())
    assert not np.array_equal(second, first)
    exchange(next((folder / "iclight-fc").glob("*.safetensors")), 3)
    assert not np.array_equal(gain(relit()), second)


@families
@pytest.mark.parametrize("count", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_one_and_two_frames_are_a_window_too(name, count, engines, few):
    given = window(count)
    assert gain(last(engines[name], few(), given)).shape == given.frames.shape


@pytest.mark.slow
@families
def test_a_picture_of_one_multiple_is_relit(name, engines, few):
    side = catalog.engine(name).limits.multiple
    given = window(2, (side, side))
    assert np.isfinite(gain(last(engines[name], few(), given))).all()


def test_cancelling_at_any_step_leaves_the_next_job_as_it_would_be(engines, few):
    engine, options = engines["animatediff"], few()
    *earlier, end = engine.relight(window(), LIGHT, options)
    whole, count = gain(end), len(earlier) + 1
    for stop in range(1, count):
        running = engine.relight(window(), LIGHT, options)
        for _ in range(stop):
            next(running)
        running.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert np.array_equal(gain(last(engine, options, window())), whole)


def test_exposure_is_added_in_stops_key_by_key(engines, few):
    engine, given, options = engines["animatediff"], window(), few()
    plain = gain(last(engine, options, given))
    brighter = gain(last(engine, options, given, replace(LIGHT, exposure=1.0)))
    assert np.allclose(brighter, plain + 1, atol=1e-6)
    keys = tuple(Key(8 + 2 * n, replace(LIGHT, exposure=float(n))) for n in range(2))
    ramp = last(engine, options, given, replace(LIGHT, keys=keys))
    means = gain(ramp).mean(axis=(1, 2, 3))
    assert np.diff(means) == pytest.approx([0.5, 0.5], abs=0.2)


def test_exposing_takes_what_the_light_itself_asks_for(engines, few):
    assert engines["wan"].expose(window(), replace(LIGHT, bias=-0.8), few()) == -0.8


@pytest.mark.parametrize("scope", [Scope.subject, Scope.background])
def test_a_scope_keeps_the_light_on_its_side_of_the_mask(scope, engines, few):
    given = window(masked=True)
    assert given.mask is not None
    step = last(engines["animatediff"], few(scope), given)
    lit = given.mask == (scope == Scope.subject)
    assert (gain(step)[~lit] == 0).all()
    assert np.abs(gain(step)[lit]).mean() > 0.01
    assert step.pictures is not None
    assert np.array_equal(step.pictures.share == 1, lit)


@pytest.mark.parametrize("mode", Mode)
def test_a_new_background_surrounds_the_subject(mode, engines, few, monkeypatch):
    given = window(masked=True)
    assert given.mask is not None
    if mode == Mode.parity:  # its square is too much for two cores
        monkeypatch.setattr(
            engines["animatediff"], "_family", replace(FAMILIES["animatediff"], square=64)
        )
    options = few(Scope.new_background, BEACH, steps=4, mode=mode)
    steps = list(engines["animatediff"].relight(given, LIGHT, options))
    assert {step.total for step in steps[WAITS:]} == {steps[-1].done}
    end = steps[-1]
    assert end.pictures is not None
    assert np.array_equal(end.pictures.share, 1 - given.mask)
    assert np.abs(gain(end)).max() <= MAX_STOPS


def test_a_subject_too_small_to_keep_is_told(engines, few):
    given = window(masked=True)
    assert given.mask is not None
    thin = np.zeros_like(given.mask)
    thin[:, :, 10:12] = 1
    with pytest.raises(LavError, match="frames 8 to 10") as caught:
        last(engines["animatediff"], few(Scope.new_background, BEACH), replace(given, mask=thin))
    assert caught.value.code == Code.mask_unusable


@pytest.mark.slow
@families
def test_parity_mode_runs(name, few):
    engine = DiffusionEngine(replace(FAMILIES[name], square=64 if FAMILIES[name].square else 0))
    given = window(5 if name != "cogvideox" else 9)
    step = last(engine, few(mode=Mode.parity, steps=4), given)
    assert gain(step).shape == given.frames.shape


@pytest.mark.parametrize(
    "asked",
    [
        {"steps": 1},
        {"relight_steps": 1},
        {"steps": 1, "mode": Mode.parity},
        {"relight_steps": 1, "mode": Mode.parity},
        {"steps": 10, "strength": 0.01},
    ],
)
def test_the_fewest_steps_and_the_finest_table_run(asked, engines, few):
    step = last(engines["cogvideox"], few(**asked), window(1))
    assert np.isfinite(gain(step)).all()


@pytest.mark.parametrize(
    "asked",
    [
        {"steps": None, "strength": 0.01},
        {"steps": 11, "strength": 0.01},
        {"relight_steps": 11, "relight_strength": 0.01},
    ],
)
@families
def test_more_noise_levels_than_there_are_is_told_before_the_job_waits(name, asked, engines, few):
    options = few(**asked)
    for ask in (engines[name].identity, partial(engines[name].cost, (9,), SIZE)):
        with pytest.raises(LavError, match="at most 1000") as caught:
            ask(options)
        assert caught.value.code == Code.bad_value


def test_parity_is_planned_at_the_size_it_runs_at(engines, few):
    engine, options = engines["animatediff"], few(mode=Mode.parity)
    small, large = (engine.cost((16,), size, options) for size in (SIZE, (960, 544)))
    assert small == large == engine.cost((16,), (512, 512), options)
    plain = [engine.cost((16,), size, few()).memory_bytes for size in (SIZE, (512, 512))]
    assert plain[0] < plain[1] == small.memory_bytes


@pytest.mark.parametrize("words", ["", "light " * 1000])
def test_no_words_and_a_thousand_words_are_fine(words, engines, few):
    options = few(prompts=Prompts(relight=words, video=words))
    step = last(engines["wan"], options, window(2), replace(LIGHT, prompt=""))
    assert np.isfinite(gain(step)).all()


@pytest.mark.slow
def test_the_light_image_and_the_lamps_steer_the_result(engines, few, tmp_path):
    engine, given = engines["animatediff"], window(2)
    left = gain(last(engine, few(), given))
    right = gain(last(engine, few(), given, replace(LIGHT, lamps=(Lamp(azimuth=90),))))
    assert not np.array_equal(left, right)
    image = np.zeros((30, 90, 3), np.uint8)
    image[:, 60:] = (40, 160, 255)
    cv2.imwrite(str(tmp_path / "light.png"), image)
    own = gain(last(engine, few(light_image=tmp_path / "light.png"), given))
    assert not np.array_equal(own, right)
    shown = few(light_image=tmp_path / "light.png", background=True)
    assert not np.array_equal(gain(last(engine, shown, given)), own)


def test_a_light_image_that_is_none_is_told(engines, few, tmp_path):
    (tmp_path / "light.png").write_text("no picture")
    with pytest.raises(LavError, match="cannot be read as a picture"):
        last(engines["animatediff"], few(light_image=tmp_path / "light.png"), window(2))
    cv2.imwrite(str(tmp_path / "light.png"), np.zeros((20, 20_000), np.uint8))
    with pytest.raises(LavError, match=r"light image .* 20000 × 20 pixels"):
        last(engines["animatediff"], few(light_image=tmp_path / "light.png"), window(2))


def test_a_device_that_runs_out_of_memory_goes_on_with_a_smaller_plan(few, monkeypatch):
    engine = DiffusionEngine(FAMILIES["animatediff"])
    whole = gain(last(engine, few(), window()))
    run, runs = section.Section.steps, []

    def short_at_first(self):
        runs.append(self)
        for index, step in enumerate(run(self)):
            if len(runs) == 1 and index == WAITS + 2:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            yield step

    monkeypatch.setattr(section.Section, "steps", short_at_first)
    steps = list(engine.relight(window(), LIGHT, few()))
    warnings = [step.warning for step in steps if step.warning]
    assert len(runs) == 2
    assert len(warnings) == 1
    assert "ran out of memory" in warnings[0]
    assert np.allclose(gain(steps[-1]), whole, atol=1e-4)


def test_memory_that_is_short_for_every_plan_is_told(few, monkeypatch):
    def short(self):
        raise torch.OutOfMemoryError("CUDA out of memory.")
        yield

    monkeypatch.setattr(section.Section, "steps", short)
    with pytest.raises(LavError, match="even with the smallest plan") as caught:
        last(DiffusionEngine(FAMILIES["wan"]), few(), window(2))
    assert caught.value.code == Code.vram_short


@families
def test_the_cost_names_the_device_and_grows_with_the_windows(name, engines, few):
    options = few()
    one = engines[name].cost((9,), SIZE, options)
    two = engines[name].cost((9, 9), SIZE, options)
    assert one.device
    assert one.memory_bytes > 0
    assert two.seconds == pytest.approx(2 * one.seconds)


def test_too_little_memory_is_told_before_anything_is_loaded(few, monkeypatch):
    tiny = device.Device(device.Kind.cuda, "small card", 10**6, 10**5, 10**5)
    monkeypatch.setattr(device, "current", lambda: tiny)
    with pytest.raises(LavError) as caught:
        last(DiffusionEngine(FAMILIES["wan"]), few(), window(2))
    assert caught.value.code in {Code.vram_short, Code.memory_short}


def test_windows_share_the_noise_of_frames_and_latent_frames_they_share(few):
    def drawn(first: int) -> tuple[torch.Tensor, torch.Tensor]:
        given = replace(window(9), first=first)
        models: Any = None  # not asked for before the steps begin
        video, image = section.Section(FAMILIES["wan"], models, given, LIGHT, few())._noises()
        return video.draw((1, 4, 3, 2, 2), 2), image.draw((9, 4, 2, 2), 0)

    (video, image), (later_video, later_image) = drawn(44), drawn(48)
    assert torch.equal(video[:, :, 1:], later_video[:, :, :2])
    assert torch.equal(image[4:], later_image[:5])
    assert not torch.equal(video[0, :, 0], image[0])
