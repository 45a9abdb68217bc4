"""A render in a process of its own that kills itself at a point: `python mortal.py JSON`.

A point is the nth system call of a kind on a file whose name holds a word (`os.link`, `take`, 1),
or the nth news of a stage (`stage`, `lighting`, 5). It prints what became of each window.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from fractions import Fraction
from pathlib import Path

from lav_fault_engine import spec  # pyright: ignore[reportMissingImports]
from lav_fault_engine.engine import FaultEngine  # pyright: ignore[reportMissingImports]

from lav_engine.mapstore import MapStore
from lav_engine.relight import relight
from lav_engine.spec import ClipRange, LampPatch, LightRequest, Output, RelightRequest


class Death:
    """Comes just before what it waits for has happened."""

    def __init__(self, kind: str, word: str, nth: int) -> None:
        self._kind, self._word, self._left = kind, word, nth
        sys.addaudithook(lambda event, words: self.meet(event, *words))

    def meet(self, event: str, *words: object) -> None:
        if event == self._kind and any(self._word in str(word) for word in words):
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def main(clip: str, folder: str, name: str, point: tuple[str, str, int] | None) -> None:
    base = Path(folder)
    request = RelightRequest(
        ClipRange(Path(clip), 0, 0, Fraction(0)),
        LightRequest(lamp=LampPatch(azimuth=-60)),
        Output(base / "out" / name, sheet=base / "out" / "sheet.png"),
        engine="fault",
    )
    death = Death(*point) if point else None
    maps = MapStore(base / "maps")
    for step in relight(request, FaultEngine(), spec, maps, base / "job" / "journal.json"):
        if step.window is not None:
            print("reused" if step.is_reused else "lit", flush=True)  # noqa: T201
        if death is not None:
            death.meet("stage", "end" if step.take else step.stage.value)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
