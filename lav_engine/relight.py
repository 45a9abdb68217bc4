"""The walk from a request to a take: shots, windows, engine, light map, delivery, file."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lav_engine import lightmap, sheet
from lav_engine.delivery import deliver
from lav_engine.engines.base import Engine, Window
from lav_engine.frames import SmallFrames, working_size
from lav_engine.lightmap import LightFields
from lav_engine.media import timecode
from lav_engine.media.colour import small_rgb
from lav_engine.media.sink import Sink
from lav_engine.media.source import Planes, Reader
from lav_engine.preparation import Prepared, expose, longest, prepare, user_mask
from lav_engine.spec import EngineSpec, Light, MediaFacts, RelightRequest, Stage, Take
from lav_engine.windows import WindowSpan

PREVIEW_LONG_SIDE = 480
PREVIEW_EVERY = 0.5  # seconds
SHEET_COLUMNS = 6

Picture = NDArray[np.uint8]  # (H, W, 3) RGB


@dataclass(frozen=True, slots=True)
class Progress:
    stage: Stage
    done: int  # frames of this stage
    total: int
    fraction: float  # of the whole job, 0..1
    preview: Picture | None = None
    warning: str | None = None
    window: int | None = None  # index of a window that has just been stored
    take: Take | None = None  # with the last one


def relight(
    request: RelightRequest, engine: Engine, spec: EngineSpec, maps: Path
) -> Iterator[Progress]:
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
    render = _Render(prepared, engine, spec, maps, lights)
    yield from render.run()
    light = lights[longest(prepared)]
    take = _take(prepared, spec, light, maps, time.monotonic() - started, render.warnings)
    count = prepared.clip.count
    yield Progress(Stage.publishing, count, count, 1.0, take=take)


def request_hash(prepared: Prepared, spec: EngineSpec) -> str:
    """Names everything that shapes a map, except the amount: same hash, same map."""
    request, facts = prepared.request, prepared.facts
    stat = facts.path.stat()
    parts = (
        facts.path,
        stat.st_size,
        stat.st_mtime_ns,
        spec.name,
        spec.version,
        prepared.light,
        request.options,
        request.mask,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def start_timecode(facts: MediaFacts, first: int) -> str:
    """The time code of media frame `first`; "" where the source has none."""
    return timecode.add(facts.timecode, first, facts.rate) if facts.timecode else ""


def _chain(first: Planes, rest: Iterator[Planes]) -> Iterator[Planes]:
    yield first
    yield from rest


def _part(fields: LightFields, first: int, output: tuple[int, int]) -> LightFields:
    """Of a window whose first frame is `first`, the frames it gives out."""
    kept = slice(output[0] - first, output[1] - first)
    return LightFields(fields.gain[kept], fields.flare[kept])


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


@dataclass
class _Render:
    """One pass over the windows: lights a window, then delivers the frames it completes."""

    prepared: Prepared
    engine: Engine
    spec: EngineSpec
    maps: Path
    lights: dict[tuple[int, int], Light]
    warnings: tuple[str, ...] = ()
    _fading: dict[int, LightFields] = field(default_factory=dict)  # half-blended, by media frame
    _delivered: int = 0
    _sheet: list[tuple[int, Picture, Picture]] = field(default_factory=list)
    _previewed: float = 0.0

    def run(self) -> Iterator[Progress]:
        prepared = self.prepared
        clip, output = prepared.clip, prepared.request.output
        with (
            SmallFrames(prepared.facts, prepared.size) as small,
            Reader(prepared.facts.path, prepared.facts) as reader,
        ):
            source = reader.read(clip.first, clip.count)
            first = next(source)
            with Sink(
                output.path,
                prepared.facts,
                first.layout,
                prepared.codec,
                clip.count,
                clip.rate,
                timecode=start_timecode(prepared.facts, clip.first),
                for_host=output.for_host,
                audio_from=clip if output.audio else None,
            ) as sink:
                yield from self._windows(small, _chain(first, source), sink)
                yield self._progress(Stage.publishing)
                self._write_sheet()
                sink.commit()
            self.warnings = (*reader.warnings, *sink.warnings)

    def _windows(
        self, small: SmallFrames, source: Iterator[Planes], sink: Sink
    ) -> Iterator[Progress]:
        mask = user_mask(self.prepared)
        clip = self.prepared.clip
        for index, span in enumerate(self.prepared.spans):
            frames = small.stack(*span.read)
            matte = mask.stack(*span.read) if mask else None
            window = Window(span.read[0], frames, clip.rate, matte)
            fields = yield from self._light(window, self._light_of(span))
            fields = _part(fields, span.read[0], span.output)
            lightmap.save(self.maps / f"{index:06d}.npz", fields, self._header(span))
            yield replace(self._progress(Stage.lighting), window=index)
            yield from self._deliver(self._blend(index, span, fields), source, sink)

    def _light(self, window: Window, light: Light) -> Generator[Progress, None, LightFields]:
        fields: LightFields | None = None
        for step in self.engine.relight(window, light, self.prepared.request.options):
            fields = step.fields
            yield self._progress(Stage.lighting)
        assert fields is not None
        return fields

    def _light_of(self, span: WindowSpan) -> Light:
        first, _ = span.output
        return next(light for shot, light in self.lights.items() if shot[0] <= first < shot[1])

    def _header(self, span: WindowSpan) -> lightmap.Header:
        return lightmap.Header(
            first=span.output[0],
            end=span.output[1],
            working_size=self.prepared.size,
            grid=self.spec.limits.frames,
            engine=f"{self.spec.name} {self.spec.version}",
            request_hash=request_hash(self.prepared, self.spec),
        )

    def _blend(
        self, index: int, span: WindowSpan, fields: LightFields
    ) -> Iterator[tuple[int, LightFields]]:
        """The finished maps of a window's frames; those that the next one fades into are kept."""
        spans, clip = self.prepared.spans, self.prepared.clip
        following = spans[index + 1] if index + 1 < len(spans) else None
        for offset, media_frame in enumerate(range(*span.output)):
            if not clip.first <= media_frame < clip.end:
                continue
            share = lightmap.scaled(lightmap.frame(fields, offset), span.weight(media_frame))
            if media_frame in self._fading:
                share = lightmap.added(self._fading.pop(media_frame), share)
            if following and following.weight(media_frame) > 0:
                self._fading[media_frame] = share
            else:
                yield media_frame, share

    def _deliver(
        self, maps: Iterator[tuple[int, LightFields]], source: Iterator[Planes], sink: Sink
    ) -> Iterator[Progress]:
        for media_frame, fields in maps:
            planes = next(source)
            assert planes.media_frame == media_frame
            relit = deliver(planes, fields, self.prepared.request.amount)
            sink.write(relit)
            self._delivered += 1
            self._keep_for_sheet(media_frame, planes, relit)
            yield replace(self._progress(Stage.delivering), preview=self._preview(relit))

    def _progress(self, stage: Stage) -> Progress:
        count = self.prepared.clip.count
        return Progress(stage, self._delivered, count, self._delivered / count)

    def _preview(self, relit: Planes) -> Picture | None:
        now = time.monotonic()
        if now - self._previewed < PREVIEW_EVERY:
            return None
        self._previewed = now
        return self._picture(relit)

    def _picture(self, planes: Planes) -> Picture:
        width, height = working_size(self.prepared.facts, PREVIEW_LONG_SIDE)
        return (small_rgb(planes, width, height) * 255 + 0.5).astype(np.uint8)

    def _keep_for_sheet(self, media_frame: int, before: Planes, after: Planes) -> None:
        clip = self.prepared.clip
        if self.prepared.request.output.sheet is None:
            return
        columns = min(SHEET_COLUMNS, clip.count)
        chosen = {clip.first + (2 * i + 1) * clip.count // (2 * columns) for i in range(columns)}
        if media_frame in chosen:
            self._sheet.append((media_frame, self._picture(before), self._picture(after)))

    def _write_sheet(self) -> None:
        output, light = self.prepared.request.output, self.prepared.light
        if output.sheet is not None:
            caption = f"{self.prepared.facts.path.name}   {light.prompt or self.spec.title}"
            sheet.write(output.sheet, self._sheet, caption)
