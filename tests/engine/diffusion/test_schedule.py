"""How many steps, which are relit and how much: the paper's tables, and sane edges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lav_engine.engines.diffusion.schedule import (
    ANIMATEDIFF,
    COGVIDEOX,
    PAINT,
    WAN,
    Schedule,
    generating,
    relighting,
)

HERE = Path(__file__).parents[2] / "golden"
TABLES: dict[str, dict[str, Any]] = json.loads((HERE / "d_steps.json").read_text())["lam"]
MODES = {"animatediff": ANIMATEDIFF, "wan": WAN, "cog": COGVIDEOX, "inpaint": PAINT}


def asked(table: str) -> tuple[str, int, float]:
    mode, steps, strength = table.split()
    return mode, int(steps.split("=")[1]), float(strength.split("=")[1])


@pytest.mark.parametrize("table", [name for name in TABLES if not name.startswith("inpaint")])
def test_relighting_follows_the_papers_table(table: str) -> None:
    mode, count, strength = asked(table)
    wanted = TABLES[table]
    steps = relighting(count, strength, parity=True)
    assert (steps.total, steps.kept) == (wanted["N"], wanted["n"])
    weights = MODES[mode].weights([0.0] * steps.kept)
    relit = [one.fusion for one in weights if one]
    assert len(relit) == wanted["relight_steps"]
    if "lbd" in wanted:
        assert relit == pytest.approx(wanted["lbd"][: len(relit)], abs=1e-12)


@pytest.mark.parametrize("table", [name for name in TABLES if name.startswith("inpaint")])
def test_generating_follows_the_papers_table(table: str) -> None:
    _, count, strength = asked(table)
    wanted = TABLES[table]
    steps = generating(count, strength, parity=True)
    assert (steps.start, steps.kept) == (wanted["outpaint"], wanted["n"])
    times = [999 - 999 * index / (count - 1) for index in range(count)]
    relit = [one.fusion for one in PAINT.weights(times[steps.start :]) if one]
    assert len(relit) == wanted["relight_steps"]
    assert relit == pytest.approx(wanted["lbd"][: len(relit)], abs=1e-6)


def test_cog_gives_detail_back_more_slowly_than_it_relights() -> None:
    weights = [one for one in COGVIDEOX.weights([0.0] * 24) if one]
    assert weights[6].fusion == pytest.approx(1 - (6 / 23) ** 2)
    assert weights[6].detail == pytest.approx(1 - 6 / 23)


@pytest.mark.parametrize("schedule", MODES.values())
def test_a_single_step_is_relit_whole(schedule: Schedule) -> None:
    (only,) = schedule.weights([500.0])
    assert only is not None
    assert (only.fusion, only.detail) == (1.0, 1.0)


@pytest.mark.parametrize("count", [1, 4, 15, 25, 50])
@pytest.mark.parametrize("strength", [0.01, 0.3, 0.4, 0.5, 0.9, 1.0])
def test_repaired_counts_are_what_was_asked_for(count: int, strength: float) -> None:
    assert relighting(count, strength, parity=False).kept == count
    steps = generating(count, strength, parity=False)
    assert steps.total == count
    assert 1 <= steps.kept <= count


@pytest.mark.parametrize("counted", [relighting, generating])
@pytest.mark.parametrize("parity", [False, True])
def test_a_step_is_run_however_few_are_asked_for(counted: Any, parity: bool) -> None:
    for count in (1, 2, 4):
        for strength in (0.01, 0.2, 0.4, 0.9, 1.0):
            steps = counted(count, strength, parity=parity)
            assert 1 <= steps.kept <= steps.total


def test_the_papers_relighter_steps() -> None:
    kept = [relighting(count, 0.9, parity=True).kept for count in (15, 4, 25)]
    assert kept == [15, 3, 25]
