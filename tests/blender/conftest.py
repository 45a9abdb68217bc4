"""Real Blenders: bpy modules and executables, each script in a process of its own.

Found as `bpy-*/bin/python` in the running environment and in LAV_BLENDERS, a list of interpreters
with bpy and of Blender executables, separated as PATH is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

INSIDE = Path(__file__).parent / "inside"
PLUGIN = Path(__file__).parents[2] / "plugin"
LIMIT = 100  # seconds; test machines are shared


@dataclass(frozen=True)
class Blender:
    path: Path

    @property
    def name(self) -> str:
        return self.path.parents[1].name if self.is_module else self.path.name

    @property
    def is_module(self) -> bool:
        return "blender" not in self.path.name

    def run(
        self, script: str, folder: Path, *, in_window: bool = False, **given: Any
    ) -> dict[str, Any]:
        """What the script under inside/ tells; it writes into the folder as it likes."""
        told = folder / f"{script}.json"
        said = json.dumps({**given, "folder": str(folder), "told": str(told)})
        order = [str(INSIDE / f"{script}.py"), "--", said]
        alone = ["--factory-startup", "--python-exit-code", "1", "--python"]
        alone = alone if in_window else ["--background", *alone]
        command = [str(self.path), *([] if self.is_module else alone), *order]
        if in_window:
            command = ["xvfb-run", "--auto-servernum", *command]
        paths = os.pathsep.join([str(PLUGIN), str(INSIDE)])
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": paths, "BLENDER_USER_RESOURCES": str(folder / "user")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        assert done.returncode == 0, done.stdout[-500:] + done.stderr[-3000:]
        return json.loads(told.read_text())


def found() -> list[Blender]:
    beside = sorted(Path(sys.prefix).glob("bpy-*/bin/python"))
    named = filter(None, os.environ.get("LAV_BLENDERS", "").split(os.pathsep))
    return [Blender(path) for path in [*beside, *map(Path, named)]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "blender" not in metafunc.fixturenames:
        return
    none = pytest.param(None, marks=pytest.mark.skip("no Blender: set LAV_BLENDERS"), id="none")
    metafunc.parametrize("blender", [*map(_one, found(), count())] or [none], scope="module")


def _one(blender: Blender, at: int) -> Any:
    """The first one found always runs; what the others add is seldom and takes as long again."""
    return pytest.param(blender, id=blender.name, marks=[pytest.mark.slow] if at else [])


def difference(one: Any, other: Any, path: str = "") -> dict[str, tuple[Any, Any]]:
    """What is unlike in two dumps of a timeline, by its path."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return {} if one == other else {path: (one, other)}
    found: dict[str, tuple[Any, Any]] = {}
    for key in sorted(one.keys() | other.keys()):
        found.update(difference(one.get(key), other.get(key), f"{path}/{key}"))
    return found
