"""The walk from a request to a take: shots, windows, engine, light map, delivery, file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from lav_engine import exposures
from lav_engine.content import Content
from lav_engine.engines.base import Engine, Window
from lav_engine.journal import Journal
from lav_engine.mapstore import MapStore
from lav_engine.preparation import Prepared, expose, longest, prepare
from lav_engine.progress import Progress
from lav_engine.render import Render, start_timecode
from lav_engine.spec import EngineSpec, Light, Options, RelightRequest, Stage, Take


def _unfenced() -> None:
    """Nobody else works on this job."""


def relight(
    request: RelightRequest,
    engine: Engine,
    spec: EngineSpec,
    maps: MapStore,
    journal: Path | None = None,
    fence: Callable[[], None] = _unfenced,
) -> Generator[Progress]:
    """Renders a take and publishes it. Nothing appears at the output path until it is whole.

    Windows whose light is in `maps` are not lit again, so a run that was killed goes on where it
    was and gives the same take. `journal` is a small file of this job's in which a run leaves word
    for the next: what to tidy up, and a take that was finished but not yet told; that is then all
    the next run gives. `fence` raises `Fenced` where the job has been given to another process; it
    is asked before anything is kept.

    Closing the generator cancels: the temporary file goes. Raises LavError; then, too, nothing is
    left behind but the light of finished windows.
    """
    started = time.monotonic()
    notes = Journal(journal, fence)
    take = notes.settle()
    if take is not None:
        yield Progress(Stage.publishing, take.clip.count, take.clip.count, 1.0, take=take)
        return
    prepared: Prepared | None = None
    for step in prepare(request, spec):
        if isinstance(step, Prepared):
            prepared = step
        elif step % 24 == 0:
            yield Progress(Stage.planning, step, 0, 0.0)
    assert prepared is not None
    for warning in prepared.warnings:
        yield Progress(Stage.planning, 0, 0, 0.0, warning=warning)
    content = Content(prepared.request, engine, spec)
    lights = expose(prepared, partial(_solved, engine, maps, content, fence))
    if prepared.light.exposure is None:
        lights = exposures.kept(lights, prepared.request.exposures)
    taken = partial(_take, prepared, spec, lights, maps, started)
    with ThreadPoolExecutor(os.cpu_count(), "delivery") as pool:
        yield from Render(
            prepared, engine, spec, maps, content, lights, pool, notes, fence, taken
        ).run()


def _solved(
    engine: Engine,
    maps: MapStore,
    content: Content,
    fence: Callable[[], None],
    anchors: Window,
    light: Light,
    options: Options,
) -> float:
    """The exposure in the store, else the engine's, kept there: windows go by the very number."""
    key = content.of_exposure(anchors, light)
    exposure = maps.exposure(key)
    if exposure is None:
        exposure = float(engine.expose(anchors, light, options))
        fence()
        maps.save_exposure(key, exposure)
    return exposure


def _take(
    prepared: Prepared,
    spec: EngineSpec,
    lights: dict[tuple[int, int], Light],
    maps: MapStore,
    started: float,
    warnings: tuple[str, ...],
    map_keys: tuple[str, ...],
) -> Take:
    request, facts = prepared.request, prepared.facts
    return Take(
        path=request.output.path,
        clip=prepared.clip,
        width=facts.width,
        height=facts.height,
        engine=spec.name,
        engine_version=spec.version,
        light=lights[longest(prepared)],
        amount=request.amount,
        codec=prepared.codec,
        timecode=start_timecode(facts, prepared.clip.first),
        reel=facts.reel,
        seconds=time.monotonic() - started,
        source_timecode=facts.timecode,
        source_frames=facts.frames,
        sheet=request.output.sheet,
        map_folder=maps.folder,
        map_keys=map_keys,
        exposures=exposures.told(lights, prepared.clip),
        warnings=(*prepared.warnings, *warnings),
        unmatched_words=prepared.unmatched_words,
    )
