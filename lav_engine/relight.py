"""The walk from a request to a take: shots, windows, engine, light map, delivery, file."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lav_engine.engines.base import Engine
from lav_engine.preparation import Prepared, expose, longest, prepare
from lav_engine.progress import Progress
from lav_engine.render import Render, start_timecode
from lav_engine.spec import EngineSpec, Light, RelightRequest, Stage, Take


def relight(
    request: RelightRequest, engine: Engine, spec: EngineSpec, maps: Path
) -> Generator[Progress]:
    """Renders a take and publishes it. Nothing appears at the output path until it is whole.

    `maps` is an existing folder that gets one light map file per window. Closing the generator
    cancels: the temporary file goes. Raises LavError; then, too, nothing is left behind.
    """
    started = time.monotonic()
    prepared: Prepared | None = None
    for step in prepare(request, spec):
        if isinstance(step, Prepared):
            prepared = step
        elif step % 24 == 0:
            yield Progress(Stage.planning, step, 0, 0.0)
    assert prepared is not None
    for warning in prepared.warnings:
        yield Progress(Stage.planning, 0, 0, 0.0, warning=warning)
    lights = expose(prepared, engine)
    with ThreadPoolExecutor(os.cpu_count(), "delivery") as pool:
        render = Render(prepared, engine, spec, maps, lights, pool)
        yield from render.run()
    light = lights[longest(prepared)]
    take = _take(prepared, spec, light, maps, time.monotonic() - started, render.warnings)
    count = prepared.clip.count
    yield Progress(Stage.publishing, count, count, 1.0, take=take)


def _take(
    prepared: Prepared,
    spec: EngineSpec,
    light: Light,
    maps: Path,
    seconds: float,
    warnings: tuple[str, ...],
) -> Take:
    request, facts = prepared.request, prepared.facts
    return Take(
        path=request.output.path,
        clip=prepared.clip,
        width=facts.width,
        height=facts.height,
        engine=spec.name,
        engine_version=spec.version,
        light=light,
        amount=request.amount,
        codec=prepared.codec,
        timecode=start_timecode(facts, prepared.clip.first),
        reel=facts.reel,
        seconds=seconds,
        source_timecode=facts.timecode,
        source_frames=facts.frames,
        sheet=request.output.sheet,
        map_folder=maps,
        warnings=(*prepared.warnings, *warnings),
        unmatched_words=prepared.unmatched_words,
    )
