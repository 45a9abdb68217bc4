"""What does the Draft engine cost? Process time per frame and memory, at its working size.

    python benchmarks/draft.py [--frames 24] [--long 240] [--json PATH]

The picture is drawn here: a ball before a mottled wall, 16:9. `first` reads the scene and lights
it; `lamp` is the same window again under another lamp; `single` is a preview of one frame. Memory
is the highest resident size while `frames` and `long` frames go through in windows.
"""

from __future__ import annotations

import argparse
import statistics
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import psutil
import sphere
from numpy.typing import NDArray
from verdicts import Figure, Row, failures, save, show

from lav_engine.engines.base import Window
from lav_engine.engines.draft import spec
from lav_engine.engines.draft.engine import DraftEngine
from lav_engine.spec import Ambient, Lamp, Light, Options

LAMPS = tuple(
    Light(
        lamps=(Lamp(azimuth=azimuth, elevation=20, kelvin=3200),),
        ambient=Ambient(-2.3),
        exposure=0.0,
        haze=0.04,
    )
    for azimuth in (-70.0, 70.0)
)
HEADS = ("what",)
MIB = 2**20


def main() -> int:
    args = _arguments()
    cv2.setNumThreads(2)
    rows = [_times(args.frames), _memory(args.frames, args.long)]
    for row in rows:
        show("Draft engine", HEADS, [row])
    if args.json:
        save(args.json, "draft", HEADS, rows)
    return 1 if failures(rows) else 0


def _times(count: int) -> Row:
    first, lamp, single = [], [], []
    for turn in range(5):
        engine = DraftEngine()
        clip = _clip(turn * 1000, count)
        first.append(_cost(engine, clip, LAMPS[0]))
        lamp.append(_cost(engine, clip, LAMPS[1]))
        single.append(_cost(engine, _clip(turn * 1000 + 500, 1), LAMPS[0]))
    return Row(
        ("process ms per frame",),
        (
            Figure("first", statistics.median(first[1:]), None, 80.0),
            Figure("lamp", statistics.median(lamp[1:]), None, 30.0),
            Figure("single", statistics.median(single[1:]), None, 90.0),
        ),
    )


def _memory(short: int, long: int) -> Row:
    peaks = [_peak(count) for count in (short, long)]
    return Row(
        ("resident MiB",),
        (
            Figure(f"{short} frames", peaks[0]),
            Figure(f"{long} frames", peaks[1]),
            Figure("growth", peaks[1] / peaks[0], None, 1.1),
        ),
    )


def _cost(engine: DraftEngine, clip: Window, light: Light) -> float:
    started = time.process_time()
    for _ in engine.relight(clip, light, Options()):
        pass
    return 1000 * (time.process_time() - started) / len(clip.frames)


def _peak(count: int) -> float:
    engine, process = DraftEngine(), psutil.Process()
    step, peak = spec.limits.frames, 0
    for first in range(0, count, step):
        clip = _clip(first, step + spec.limits.overlap + spec.limits.preroll)
        for _ in engine.relight(clip, LAMPS[0], Options()):
            peak = max(peak, process.memory_info().rss)
    return peak / MIB


def _clip(first: int, count: int) -> Window:
    width = spec.limits.long_side
    height = round(width * 9 / 16 / 2) * 2
    still = sphere.render(height, width)
    wall = np.random.default_rng(7).normal(0, 0.02, still.shape[:2]).astype(np.float32)[..., None]
    frames = [np.clip(_moved(still + wall, 2.0 * t), 0, 1) for t in range(first, first + count)]
    return Window(first, np.stack(frames), Fraction(24))


def _moved(picture: NDArray[np.float32], pixels: float) -> NDArray[np.float32]:
    return np.roll(picture, round(pixels) % 60 - 30, axis=1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--long", type=int, default=240)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
