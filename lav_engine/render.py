"""One pass over a clip: light a window, store its map, deliver the frames it completes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Iterator
from concurrent.futures import Executor
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
from lav_engine.media.convert import convert
from lav_engine.media.planes import Planes
from lav_engine.media.sink import Sink
from lav_engine.media.source import Reader
from lav_engine.preparation import Prepared, user_mask
from lav_engine.progress import Picture, Progress
from lav_engine.spec import EngineSpec, Light, MediaFacts, Stage
from lav_engine.windows import WindowSpan

PREVIEW_LONG_SIDE = 480
PREVIEW_EVERY = 0.5  # seconds
SHEET_COLUMNS = 6

FrameMap = tuple[NDArray[np.float32], NDArray[np.float32]]  # gain and flare, each (h, w, 3)


@dataclass
class Render:
    """One pass over the windows: lights a window, then delivers the frames it completes."""

    prepared: Prepared
    engine: Engine
    spec: EngineSpec
    maps: Path
    lights: dict[tuple[int, int], Light]
    pool: Executor
    warnings: tuple[str, ...] = ()
    _fading: dict[int, FrameMap] = field(default_factory=dict)  # half-blended, by media frame
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
            fields = lightmap.stored(_part(fields, span.read[0], span.output))
            lightmap.save(self.maps / f"{index:06d}.npz", fields, self._origin(span))
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

    def _origin(self, span: WindowSpan) -> lightmap.Origin:
        return lightmap.Origin(
            first=span.output[0],
            grid=self.spec.limits.frames,
            engine=self.spec.name,
            engine_version=self.spec.version,
            request=request_hash(self.prepared, self.spec),
        )

    def _blend(
        self, index: int, span: WindowSpan, fields: LightFields
    ) -> Iterator[tuple[int, FrameMap]]:
        """The finished maps of a window's frames; those that the next one fades into are kept."""
        spans, clip = self.prepared.spans, self.prepared.clip
        following = spans[index + 1] if index + 1 < len(spans) else None
        for offset, media_frame in enumerate(range(*span.output)):
            if not clip.first <= media_frame < clip.end:
                continue
            weight = np.float32(span.weight(media_frame))
            share = fields.gain[offset] * weight, fields.flare[offset] * weight
            if media_frame in self._fading:
                before = self._fading.pop(media_frame)
                share = share[0] + before[0], share[1] + before[1]
            if following and following.weight(media_frame) > 0:
                self._fading[media_frame] = share
            else:
                yield media_frame, share

    def _deliver(
        self, maps: Iterator[tuple[int, FrameMap]], source: Iterator[Planes], sink: Sink
    ) -> Iterator[Progress]:
        for media_frame, (gain, flare) in maps:
            planes = next(source)
            assert planes.media_frame == media_frame
            if sink.layout.depth > planes.layout.depth:  # smoother gradients, for nothing
                planes = convert(planes, sink.layout)
            relit = deliver(planes, gain, flare, self.prepared.request.amount, self.pool)
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
