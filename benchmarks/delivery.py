"""How long does delivery take? A map of 512 pixels onto 1080p and 4K planes, on one thread.

python benchmarks/delivery.py [--runs 15] [--json benchmarks/results/delivery.json]

The kernel is the compiled pass over every pixel; the frame adds what is done to the map first
(exponentials, edges, widening). Process time, medians, codec not included.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from verdicts import Figure, Row, failures, save, show

from lav_engine import delivery
from lav_engine.compiled import compiled
from lav_engine.delivery import deliver
from lav_engine.dither import dither_rows
from lav_engine.media.planes import Layout, Planes

LAYOUTS = {
    "1080p 10-bit 4:2:2": Layout(1920, 1080, 10, 2, 1, "bt709"),
    "1080p 8-bit 4:2:0": Layout(1920, 1080, 8, 2, 2, "bt709"),
    "4K 10-bit 4:2:2": Layout(3840, 2160, 10, 2, 1, "bt709"),
    "4K 8-bit 4:2:0": Layout(3840, 2160, 8, 2, 2, "bt709"),
}
LIGHTS = ("gain", "gain and flare")
MAP = 288, 512  # rows, columns
KERNEL_LIMIT = 20.0  # ns per pixel and thread


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    rows = [
        _measure(name, layout, light, args.runs)
        for name, layout in LAYOUTS.items()
        for light in LIGHTS
    ]
    heads = "picture", "light"
    show("Delivery, one thread", heads, rows)
    if args.json:
        save(args.json, "delivery", heads, rows)
    return 1 if failures(rows) else 0


def _measure(name: str, layout: Layout, light: str, runs: int) -> Row:
    planes, gain = _picture(layout), _gain()
    flare = np.full_like(gain, 0.02 if "flare" in light else 0.0)
    relit = np.empty_like(planes.y), np.empty_like(planes.u), np.empty_like(planes.v)
    job = (
        (planes.y, planes.u, planes.v),
        relit,
        *delivery._light(planes, gain, flare, 1.0),
        *delivery._meaning(layout),
        dither_rows(layout.width),
        delivery.PHASES,
    )
    kernel = _seconds(lambda: compiled(delivery._relight)(0, layout.chroma_shape[0], *job), runs)
    frame = _seconds(lambda: deliver(planes, gain, flare), runs)
    pixels = layout.width * layout.height
    return Row(
        (name, light),
        (
            Figure("kernel ns/px", kernel / pixels * 1e9, high=KERNEL_LIMIT),
            Figure("frame ns/px", frame / pixels * 1e9),
            Figure("kernel ms", kernel * 1e3),
            Figure("frame ms", frame * 1e3),
        ),
    )


def _picture(layout: Layout) -> Planes:
    rng = np.random.default_rng(0)
    shapes = (layout.height, layout.width), layout.chroma_shape, layout.chroma_shape
    y, u, v = (rng.integers(0, 1 << layout.depth, size).astype(layout.dtype) for size in shapes)
    return Planes(layout, 0, y, u, v)


def _gain() -> NDArray[np.float32]:
    """A smooth light with a subject's edge in it."""
    y, x = np.mgrid[0 : MAP[0], 0 : MAP[1]].astype(np.float32)
    inside = np.hypot((x - 256) / 90, (y - 160) / 110) < 1
    shade = np.where(inside, 1.2 - x / 256, -0.6 + x / 1024)
    return np.stack([shade, 0.9 * shade, 0.7 * shade], axis=-1).astype(np.float32)


def _seconds(call: Callable[[], object], runs: int) -> float:
    call()
    times = []
    for _ in range(runs):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return float(np.median(times))


if __name__ == "__main__":
    raise SystemExit(main())
