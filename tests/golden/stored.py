"""A golden run as it is stored: settings, draws, tensors, and what a run of its family lends it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import load_file
from torch import Tensor

HERE = Path(__file__).parent

# The reference's own, where a run does not say (its scripts' defaults).
USUAL: dict[str, Any] = {"n_prompt": "", "guidance_scale": 2, "relight_steps_arg": 15}
FAMILIES: dict[str, dict[str, Any]] = {
    "anim": USUAL | {"num_step": 25, "strength": 0.5, "gamma": 0.5},
    "paint": USUAL | {"num_step": 50, "strength": 0.5, "gamma": 0.5, "guidance_scale": 4},
    "cog": USUAL | {"num_step": 25, "strength": 0.4, "gamma": 0.7},
    "wan": USUAL | {"num_step": 25, "strength": 0.4, "gamma": 0.7},
}
LENDERS = {"anim": ("anim",), "paint": ("paint", "anim"), "cog": ("cog",), "wan": ("wan", "cog")}
PROMPTS = ("vdm_prompt", "n_prompt")  # what stored embeddings are of


def stored_file(folder: Path, name: str) -> Path:
    """`name` in `folder`, or else in this one."""
    for place in (folder, HERE):
        if (place / name).exists():
            return place / name
    raise SystemExit(f"There is no {name} in {folder}, nor in {HERE}.")


class Golden:
    """What a run leaves out (source, mask, embeddings) is looked for in its family's runs."""

    def __init__(self, folder: Path, name: str) -> None:
        self.family = _family(name)
        self._folder = folder
        self._own = _settings(folder / f"{name}.json")
        self.facts = FAMILIES[self.family] | self._own
        self.fixed_order = "fixedcfg" in f"{name} {self.facts.get('tag')}"
        if not (folder / f"{name}.safetensors").exists():
            raise SystemExit(f"There is no {name}.safetensors in {folder}.")
        loaded = load_file(folder / f"{name}.safetensors")
        self.tensors = {_step_name(key): tensor for key, tensor in loaded.items()}
        self.draws: list[dict[str, Any]] | None = None
        if (folder / f"{name}_draws.json").exists():
            self.draws = json.loads((folder / f"{name}_draws.json").read_text())

    def fact(self, *names: str) -> Any:
        """The first of `names` that the run states, or one of its family."""
        for facts in (self.facts, *(facts for _, facts in self._lenders())):
            for name in names:
                if facts.get(name) is not None:
                    return facts[name]
        raise SystemExit(f"Neither this run nor one of its family says its {' or '.join(names)}.")

    def find(self, name: str) -> Tensor:
        if name in self.tensors:
            return self.tensors[name]
        for path, facts in self._lenders():
            if name.endswith("_embeds") and any(
                self._own.get(prompt) not in (None, facts.get(prompt)) for prompt in PROMPTS
            ):
                continue
            tensors = load_file(path.with_suffix(".safetensors"))
            if name in tensors:
                return tensors[name]
        raise SystemExit(f"Neither this run nor one of its family has its {name}.")

    def pixels(self) -> Tensor:
        """The source, (F, 3, H, W) in [-1, 1]"""
        return self.find("source_u8").permute(0, 3, 1, 2).float() / 127.5 - 1

    def kept(self, frames: int, stored: int) -> Sequence[int]:
        """Which of our frames the `stored` ones are."""
        if stored == frames:
            return range(frames)
        kept: list[int] = self.facts.get("frames_kept") or [0, frames - 1]
        return kept if len(kept) == stored else range(stored)

    def _lenders(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        for place in (self._folder, HERE):
            for family in LENDERS[self.family]:
                for path in sorted(place.glob(f"e_{family}_*.json")):
                    if path.with_suffix(".safetensors").exists():
                        facts = json.loads(path.read_text())
                        yield path, facts if isinstance(facts, dict) else {}


def _family(name: str) -> str:
    for family in FAMILIES:
        if name.removeprefix("e_").startswith(family):
            return family
    raise SystemExit(f"{name} is no run of {', '.join(FAMILIES)}: e_anim_relight_short is one.")


def _settings(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise SystemExit(f"There is no {path.name} in {path.parent}.")
    facts: dict[str, Any] = json.loads(path.read_text())
    return {name: fact for name, fact in facts.items() if fact is not None}


def _step_name(key: str) -> str:
    """step003.x, step3.x and step03.x are one."""
    return re.sub(r"^step(\d+)", lambda found: f"step{int(found[1]):02d}", key)
