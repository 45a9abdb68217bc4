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

from lav_engine import lightmap, pictures, sheet
from lav_engine.delivery import deliver
from lav_engine.engines.base import Engine, Step, Window
from lav_engine.frames import SmallFrames, working_size
from lav_engine.lightmap import LightFields
from lav_engine.media import timecode
from lav_engine.media.colour import small_rgb
from lav_engine.media.convert import convert
from lav_engine.media.planes import Planes
from lav_engine.media.sink import Sink
from lav_engine.media.source import Reader
from lav_engine.pictures import Pictures, composed
from lav_engine.preparation import Prepared, user_mask
from lav_engine.progress import Picture, Progress
from lav_engine.spec import Delivery, EngineSpec, Lane, Light, MediaFacts, Stage
from lav_engine.windows import WindowSpan

PREVIEW_LONG_SIDE = 480
PREVIEW_EVERY = 0.5  # seconds
SHEET_COLUMNS = 6

LIGHTING = {Lane.cpu: 0.5, Lane.device: 0.95}  # share of the time that goes into a window's light

# Gain and flare, each (h, w, 3); with an engine's own pictures their frame and share.
FrameMap = tuple[NDArray[np.float32], ...]


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
    _lit: float = 0.0  # frames
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
            self.warnings = (*self.warnings, *reader.warnings, *sink.warnings)

    def _windows(
        self, small: SmallFrames, source: Iterator[Planes], sink: Sink
    ) -> Iterator[Progress]:
        mask = user_mask(self.prepared)
        clip = self.prepared.clip
        for index, span in enumerate(self.prepared.spans):
            frames = small.stack(*span.read)
            matte = mask.stack(*span.read) if mask else None
            window = Window(span.read[0], frames, clip.rate, matte)
            last = yield from self._light(window, self._light_of(span), self._new_in(index))
            assert last.fields is not None
            fields = lightmap.stored(_part(last.fields, span.read[0], span.output))
            own = None
            if self.prepared.request.delivery == Delivery.picture:
                assert last.pictures is not None
                own = pictures.stored(_part_shown(last.pictures, span.read[0], span.output))
            lightmap.save(self.maps / f"{index:06d}.npz", fields, self._origin(span), own)
            yield replace(self._progress(Stage.lighting), window=index)
            yield from self._deliver(self._blend(index, span, fields, own), source, sink)

    def _light(self, window: Window, light: Light, new: int) -> Generator[Progress, None, Step]:
        """The engine's last step. `new` frames of the range are lit by it."""
        last: Step | None = None
        before = self._lit
        for step in self.engine.relight(window, light, self.prepared.request.options):
            last = step
            # A window that starts over with less memory does not take back what was reported.
            self._lit = max(self._lit, before + new * step.done / max(step.total, 1))
            preview = None if step.preview is None else _bytes(step.preview)
            warning = None if step.warning in self.warnings else step.warning
            if warning:
                self.warnings = (*self.warnings, warning)
            yield replace(self._progress(Stage.lighting), preview=preview, warning=warning)
        assert last is not None
        return last

    def _new_in(self, index: int) -> int:
        """Frames of the range that no earlier window gives."""
        spans, clip = self.prepared.spans, self.prepared.clip
        first = spans[index - 1].output[1] if index else clip.first
        return max(min(spans[index].output[1], clip.end) - max(first, clip.first), 0)

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
        self, index: int, span: WindowSpan, fields: LightFields, own: Pictures | None
    ) -> Iterator[tuple[int, FrameMap]]:
        """The finished maps of a window's frames; those that the next one fades into are kept."""
        spans, clip = self.prepared.spans, self.prepared.clip
        following = spans[index + 1] if index + 1 < len(spans) else None
        parts = (fields.gain, fields.flare, *((own.frames, own.share) if own else ()))
        for offset, media_frame in enumerate(range(*span.output)):
            if not clip.first <= media_frame < clip.end:
                continue
            weight = np.float32(span.weight(media_frame))
            share = tuple(part[offset] * weight for part in parts)
            if media_frame in self._fading:
                before = self._fading.pop(media_frame)
                share = tuple(one + other for one, other in zip(share, before, strict=True))
            if following and following.weight(media_frame) > 0:
                self._fading[media_frame] = share
            else:
                yield media_frame, share

    def _deliver(
        self, maps: Iterator[tuple[int, FrameMap]], source: Iterator[Planes], sink: Sink
    ) -> Iterator[Progress]:
        amount = self.prepared.request.amount
        for media_frame, (gain, flare, *own) in maps:
            planes = next(source)
            assert planes.media_frame == media_frame
            if sink.layout.depth > planes.layout.depth:  # smoother gradients, for nothing
                planes = convert(planes, sink.layout)
            relit = planes
            if not own or own[1].min() < 1:
                relit = deliver(planes, gain, flare, amount, self.pool)
            if own:
                relit = composed(relit, planes, own[0], own[1], amount)
            sink.write(relit)
            self._delivered += 1
            self._keep_for_sheet(media_frame, planes, relit)
            yield replace(self._progress(Stage.delivering), preview=self._preview(relit))

    def _progress(self, stage: Stage) -> Progress:
        count = self.prepared.clip.count
        lighting = LIGHTING[self.spec.limits.lane]
        done = lighting * self._lit + (1 - lighting) * self._delivered
        return Progress(stage, self._delivered, count, min(done / count, 1.0))

    def _preview(self, relit: Planes) -> Picture | None:
        now = time.monotonic()
        if now - self._previewed < PREVIEW_EVERY:
            return None
        self._previewed = now
        return self._picture(relit)

    def _picture(self, planes: Planes) -> Picture:
        width, height = working_size(self.prepared.facts, PREVIEW_LONG_SIDE)
        return _bytes(small_rgb(planes, width, height))

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
        request.delivery,  # a map that is to show the engine's own frames holds them
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


def _part_shown(pictures: Pictures, first: int, output: tuple[int, int]) -> Pictures:
    kept = slice(output[0] - first, output[1] - first)
    return Pictures(pictures.frames[kept], pictures.share[kept])


def _bytes(picture: NDArray[np.float32]) -> Picture:
    return (picture * 255 + 0.5).astype(np.uint8)
