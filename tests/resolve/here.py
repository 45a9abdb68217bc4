"""The Python executor at the other end of a Carrier that is no more than JSON."""

from __future__ import annotations

import importlib.util
import json
import queue
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).parents[2] / "resolve_scripts" / "Light-A-Video.py"
HELLO = {"hello": {"contract": 1, "language": "python", "runtime": "3.11", "script": "0.1.0"}}


def executor(resolve: Any) -> Any:
    """The script's own, without the rest of the script."""
    spec = importlib.util.spec_from_file_location("entry", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Executor(resolve)


class Here:
    def __init__(self, resolve: Any) -> None:
        self.executor = executor(resolve)
        self.requests: list[dict[str, Any]] = []
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.is_mute = False

    def send(self, request: dict[str, Any]) -> None:
        heard = json.loads(json.dumps(request))
        self.requests.append(heard)
        if not self.is_mute:
            self.answers.put(json.loads(json.dumps(self.executor.answer(heard))))

    def next(self, seconds: float) -> dict[str, Any] | None:
        try:
            return self.answers.get(timeout=seconds)
        except queue.Empty:
            return None

    def close(self) -> None:
        pass
