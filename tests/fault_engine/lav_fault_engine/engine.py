"""Half a stop brighter; the words in `prompts.relight` say what goes wrong, and on which frame.

slow: 0.05 s a frame. busy: as long, at work. hang: never comes back. crash: a segmentation fault.
killed: as if by the system. memory: MemoryError. error: an exception nobody foresaw. bad-shape:
fields for one frame only. not-a-number: fields of nan. print: writes to stdout, where the channel
to the daemon would be.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import numpy as np

from lav_engine.engines.base import Step, Window
from lav_engine.lightmap import LightFields
from lav_engine.spec import Light, Options
from lav_fault_engine.kill_points import note, reach

STOPS = 0.5
SLOW = 0.05  # seconds


class FaultEngine:
    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        return 0.0

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        words = options.prompts.relight.split()
        total = len(window.frames)
        note("windows", window.first)
        for done in range(1, total + 1):
            started = time.perf_counter()
            for word in words:
                _fail(word)
            note("steps", time.time(), time.perf_counter() - started)
            yield Step(done, total)
            reach("step")
        reach("lit")
        shape = (1, 3, 3, 3) if "bad-shape" in words else window.frames.shape
        stops = np.nan if "not-a-number" in words else STOPS
        gain = np.full(shape, stops, np.float32)
        yield Step(total, total, LightFields(gain, np.zeros_like(gain)))


def _fail(word: str) -> None:
    if word == "slow":
        time.sleep(SLOW)
    elif word == "busy":
        ended = time.thread_time() + SLOW
        while time.thread_time() < ended:
            pass
    elif word == "hang":
        time.sleep(3600)
    elif word == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif word == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "memory":
        raise MemoryError
    elif word == "error":
        raise RuntimeError("a bug in an engine")
    elif word == "print":
        print("an engine that talks")  # noqa: T201
