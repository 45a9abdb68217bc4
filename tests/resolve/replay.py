"""A Carrier whose Resolve is a transcript: each call is answered as it was when it was recorded.

Calls may come in another order than then, for each is known by its object, method and arguments;
one that is made more often than then gets its last answer again.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from pathlib import Path
from typing import Any


class Replay:
    def __init__(self, transcript: Path) -> None:
        lines = transcript.read_text(encoding="utf-8").splitlines()
        first, *exchanges = map(json.loads, lines)
        self._answers: deque[dict[str, Any]] = deque([first])
        self._known: defaultdict[str, deque[dict[str, Any]]] = defaultdict(deque)
        for exchange in exchanges:
            self._learn(exchange)

    def send(self, request: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"n": request["n"], "values": []}
        for call in request.get("calls", ()):
            known = self._known[json.dumps(call)]
            lacking = {"error": f"{call} is not in the transcript"}
            said = known.popleft() if len(known) > 1 else known[0] if known else lacking
            if "error" in said:
                answer.update(said)
                break
            answer["values"].append(said["value"])
        self._answers.append(answer)

    def next(self, seconds: float) -> dict[str, Any] | None:
        return self._answers.popleft() if self._answers else None

    def close(self) -> None:
        pass

    def _learn(self, exchange: dict[str, Any]) -> None:
        calls, values = exchange["calls"], exchange["values"]
        for call, value in zip(calls, values, strict="error" not in exchange):
            self._known[json.dumps(call)].append({"value": value})
        if "error" in exchange:
            told = {key: exchange[key] for key in ("error", "absent") if key in exchange}
            self._known[json.dumps(calls[len(values)])].append(told)
