"""Plans shrink in order, the first that fits is taken, and what does not fit is said in numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lav_engine.engines.diffusion import device, models
from lav_engine.engines.diffusion.device import Device, Kind
from lav_engine.engines.diffusion.family import FAMILIES
from lav_engine.engines.diffusion.memory import Text, Turns
from lav_engine.engines.diffusion.models import GB
from lav_engine.errors import Code, LavError

CARD = Device(Kind.cuda, "Big Card", 80 * GB, 79 * GB, 64 * GB, has_bf16=True)
CPU = Device(Kind.cpu, "processor", 32 * GB, 28 * GB, 28 * GB)
APPLE = Device(Kind.mps, "Apple GPU", 48 * GB, 40 * GB, 40 * GB, has_bf16=True)
CASES = [("animatediff", (512, 512), 16), ("cogvideox", (720, 480), 49), ("wan", (832, 480), 49)]


def planned(case: tuple[str, tuple[int, int], int], on: Device, name: str | None = None):
    engine, size, frames = case
    video = models.video_model(engine, name)
    return device.plans(FAMILIES[engine], size, frames, on, video)


def with_free(on: Device, gigabytes: float) -> Device:
    return replace(on, free=int(gigabytes * GB))


@pytest.mark.parametrize("on", [CARD, APPLE, CPU], ids=lambda on: on.kind)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_plans_go_from_the_largest_to_the_smallest(case, on: Device) -> None:
    needs = [plan.device_bytes for plan in planned(case, on)]
    assert needs == sorted(set(needs), reverse=True)
    assert len(needs) > 1
    assert len({plan.placement for plan in planned(case, on)}) == len(needs)
    assert all(plan.sentence.endswith(".") for plan in planned(case, on))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_more_frames_and_larger_pictures_need_more(case) -> None:
    engine, (width, height), frames = case
    usual = planned(case, CARD)[0].device_bytes
    assert planned((engine, (width, height), 2 * frames), CARD)[0].device_bytes > usual
    assert planned((engine, (2 * width, height), frames), CARD)[0].device_bytes > usual


def test_a_large_card_keeps_everything_and_a_small_one_takes_turns() -> None:
    plans = planned(CASES[2], CARD)
    assert device.choose(plans, CARD) == plans[0]
    usual, small = (device.choose(plans, with_free(CARD, free)) for free in (16, 12.5))
    assert (usual.placement.text, usual.placement.turns) == (Text.ram, Turns.together)
    assert (small.placement.text, small.placement.turns) == (Text.ram, Turns.one)


def test_a_larger_sibling_goes_block_by_block_where_it_does_not_fit_whole() -> None:
    plans = planned(CASES[2], CARD, "wan2.1-14b")
    chosen = device.choose(plans, with_free(CARD, 24))
    assert chosen.placement.turns == Turns.blocks
    assert chosen.ram_bytes > 28 * GB


@pytest.mark.parametrize("on", [APPLE, CPU], ids=lambda on: on.kind)
def test_where_there_is_one_memory_nothing_is_moved_to_another(on: Device) -> None:
    for plan in planned(CASES[2], on):
        assert plan.placement.turns == Turns.together
        assert plan.placement.text != Text.ram
        assert plan.ram_bytes == 0


def test_too_little_graphics_memory_is_said_with_both_numbers() -> None:
    with pytest.raises(
        LavError, match=r"needs about .* GB of memory on the Big Card, 2\.0 GB"
    ) as e:
        device.choose(planned(CASES[2], CARD), with_free(CARD, 2))
    assert e.value.code == Code.vram_short


def test_too_little_main_memory_is_another_shortage() -> None:
    with pytest.raises(LavError, match=r"of memory, 2\.0 GB are free") as caught:
        device.choose(planned(CASES[2], CPU), with_free(CPU, 2))
    assert caught.value.code == Code.memory_short
    poor = replace(with_free(CARD, 24), ram=4 * GB)
    with pytest.raises(LavError, match="main memory") as caught:
        device.choose(planned(CASES[2], poor, "wan2.1-14b"), poor)
    assert caught.value.code == Code.memory_short


def test_types_follow_the_device_and_what_a_model_was_made_for() -> None:
    old = replace(CARD, has_bf16=False)
    wan, base = models.MODELS["wan2.1-1.3b"], models.MODELS[models.BASE]
    assert (CARD.dtype(wan), old.dtype(wan), CPU.dtype(wan)) == ("bfloat16", "float16", "float32")
    assert (CARD.dtype(base), CPU.dtype(base)) == ("float16", "float32")


def test_plans_that_load_alike_are_equal_whatever_the_window() -> None:
    long, short = planned(CASES[2], CARD)[0], planned(("wan", (832, 480), 9), CARD)[0]
    assert long == short
    assert long.device_bytes > short.device_bytes


def test_this_computers_device_has_memory() -> None:
    here = device.current()
    assert here.free > 0
    assert here.name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_the_registry_says_the_memory_that_is_planned(case: tuple[str, tuple[int, int], int]):
    vast = replace(CARD, total=999 * GB, free=999 * GB)
    for model in models.siblings(case[0]):
        assert model.vram == pytest.approx(planned(case, vast, model.name)[0].device_bytes, abs=GB)
