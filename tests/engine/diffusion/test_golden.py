"""Whole short runs of the paper's own code, replayed through our classes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = (
    "e_anim_relight_short",
    "e_anim_relight_short_fixedcfg",
    "e_paint_short",
    "e_cog_short",
    "e_wan_short",
)


@pytest.mark.parametrize("name", RUNS)
def test_every_stored_tensor_is_ours(golden: Path, name: str) -> None:
    from replay import replay  # pyright: ignore[reportMissingImports]

    rows = replay(golden, name)
    assert len(rows) > 12
    assert [row for row in rows if not row.passed] == []


def test_a_run_borrows_what_it_leaves_out(golden: Path, tmp_path: Path) -> None:
    from stored import Golden  # pyright: ignore[reportMissingImports]

    for ending in (".json", ".safetensors", "_draws.json"):
        stored = (golden / f"e_wan_short{ending}").read_bytes()
        (tmp_path / f"e_wan_full{ending}").write_bytes(stored)
    facts = json.loads((tmp_path / "e_wan_full.json").read_text())
    for name in ("bg", "gamma", "n_prompt", "relight_steps_arg", "relight_prompt"):
        del facts[name]
    (tmp_path / "e_wan_full.json").write_text(json.dumps(facts))

    run = Golden(tmp_path, "e_wan_full")
    assert run.pixels().shape == (9, 3, 64, 64)
    assert run.find("prompt_embeds").shape == (1, 64, 32)
    assert run.fact("bg") == "TOP"
    assert (run.facts["gamma"], run.facts["relight_steps_arg"]) == (0.7, 15)


def test_a_wrong_draw_is_over_tolerance(golden: Path, tmp_path: Path) -> None:
    from replay import replay  # pyright: ignore[reportMissingImports]

    reseeded(golden, tmp_path)
    over = [row.name for row in replay(tmp_path, "e_wan_short") if not row.passed]
    assert {"latents_initial", "step00.latents_out", "frames_np"} <= set(over)


@pytest.mark.slow
@pytest.mark.parametrize("same", [True, False])
def test_the_command_says_so_from_any_folder(golden: Path, tmp_path: Path, same: bool) -> None:
    reseeded(golden, tmp_path)
    command = [sys.executable, golden / "replay.py", golden if same else tmp_path, "e_wan_short"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == (0 if same else 1)
    assert ("OVER" in run.stdout) != same


def reseeded(golden: Path, folder: Path) -> None:
    """The Wan run with a seed that it was not made with; weights and the rest are borrowed."""
    for ending in (".json", ".safetensors", "_draws.json"):
        stored = (golden / f"e_wan_short{ending}").read_bytes()
        (folder / f"e_wan_short{ending}").write_bytes(stored)
    facts = json.loads((folder / "e_wan_short.json").read_text())
    (folder / "e_wan_short.json").write_text(json.dumps(facts | {"seed": 43}))
