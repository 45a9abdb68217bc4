"""A render that kills or stops itself at a point, in a process of its own: `python mortal.py JSON`.

A point is the nth system call of a kind on a file whose name holds a word (`os.link`, `take`, 1),
or the nth news of a stage (`stage`, `lighting`, 5).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from lav_engine.engines.base import Step, Window
from lav_engine.lightmap import LightFields
from lav_engine.mapstore import MapStore
from lav_engine.progress import Progress
from lav_engine.relight import relight
from lav_engine.spec import (
    ClipRange,
    EngineLimits,
    EngineSpec,
    LampPatch,
    Lane,
    Light,
    LightRequest,
    Options,
    Output,
    RelightRequest,
)
from lav_server.claims import check_claim, journal

LIMITS = EngineLimits(long_side=96, multiple=2, frames=8, overlap=2, preroll=2, lane=Lane.cpu)
SPEC = EngineSpec(name="half", title="Half", summary="", limits=LIMITS, factory="")


class Half:
    """Half a stop brighter, frame by frame."""

    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        return float(anchors.frames.mean())

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        total = len(window.frames)
        for done in range(1, total + 1):
            yield Step(done, total)
        gain = np.full(window.frames.shape, 0.5, np.float32)
        yield Step(total, total, LightFields(gain, np.zeros_like(gain)))


def render(clip: Path, folder: Path, name: str, epoch: int = 0) -> Iterator[Progress]:
    """`folder`/out/`name` and a sheet; with an epoch, under that claim of the job `folder`/job."""
    (folder / "out").mkdir(parents=True, exist_ok=True)
    request = RelightRequest(
        ClipRange(clip, 0, 0, Fraction(0)),
        LightRequest(lamp=LampPatch(azimuth=-60)),
        Output(folder / "out" / name, sheet=folder / "out" / "sheet.png"),
    )
    maps, job = MapStore(folder / "maps"), folder / "job"
    if not epoch:
        return relight(request, Half(), SPEC, maps, folder / "journal.json")
    fence = partial(check_claim, job, epoch)
    return relight(request, Half(), SPEC, maps, journal(job, epoch), fence)


class Death:
    """Comes just before what it waits for has happened; as SIGSTOP it is only apparent."""

    def __init__(self, kind: str, word: str, nth: int, by: int) -> None:
        self._kind, self._word, self._left, self._by = kind, word, nth, by
        sys.addaudithook(lambda event, words: self.meet(event, *words))

    def meet(self, event: str, *words: object) -> None:
        if event == self._kind and any(self._word in str(word) for word in words):
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), self._by)


def main(
    clip: str,
    folder: str,
    name: str,
    point: tuple[str, str, int],
    by: int = signal.SIGKILL,
    epoch: int = 0,
) -> None:
    death = Death(*point, by)
    for step in render(Path(clip), Path(folder), name, epoch):
        death.meet("stage", "end" if step.take else step.stage.value)


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
