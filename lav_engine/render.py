"""One pass over a clip: light a window or find it stored, deliver the frames it completes."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lav_engine import lightmap, pictures, sheet
from lav_engine.content import Content
from lav_engine.crossfade import CrossFade, FrameMap
from lav_engine.delivery import deliver
from lav_engine.engines.base import Engine, Step, Window
from lav_engine.frames import SmallFrames, as_stored, small_upright, working_size
from lav_engine.journal import Journal
from lav_engine.lightmap import LightFields
from lav_engine.mapstore import MapStore, Stored
from lav_engine.media import timecode
from lav_engine.media.convert import convert
from lav_engine.media.planes import Planes
from lav_engine.media.sink import Sink
from lav_engine.media.source import Reader
from lav_engine.pictures import Pictures, composed
from lav_engine.preparation import Prepared, user_mask
from lav_engine.progress import Picture, Progress
from lav_engine.publish import Reserved, discard, publish
from lav_engine.spec import Delivery, EngineSpec, Lane, Light, MediaFacts, Stage, Take
from lav_engine.windows import WindowSpan

PREVIEW_LONG_SIDE = 480
PREVIEW_EVERY = 0.5  # seconds
SHEET_COLUMNS = 6

LIGHTING = {Lane.cpu: 0.5, Lane.device: 0.95}  # share of the time that goes into a window's light


@dataclass
class Render:
    """One pass over the windows: lights a window, then delivers the frames it completes."""

    prepared: Prepared
    engine: Engine
    spec: EngineSpec
    maps: MapStore
    content: Content
    lights: dict[tuple[int, int], Light]
    pool: Executor
    journal: Journal
    fence: Callable[[], None]
    taken: Callable[[tuple[str, ...], tuple[str, ...]], Take]  # with these warnings and map keys
    warnings: tuple[str, ...] = ()
    _keys: list[str] = field(default_factory=list)
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
                announce=self.journal.announce,
            ) as sink:
                yield from self._windows(small, _chain(first, source), sink)
                yield self._progress(Stage.publishing)
                self.warnings = (*self.warnings, *reader.warnings, *sink.warnings)
                take = self._publish(sink)
        yield Progress(Stage.publishing, clip.count, clip.count, 1.0, take=take)

    def _windows(
        self, small: SmallFrames, source: Iterator[Planes], sink: Sink
    ) -> Iterator[Progress]:
        mask = user_mask(self.prepared)
        clip = self.prepared.clip
        fade = CrossFade(self.prepared.spans, clip)
        for index, span in enumerate(self.prepared.spans):
            frames = small.stack(*span.read)
            matte = mask.stack(*span.read) if mask else None
            window = Window(span.read[0], frames, clip.rate, matte)
            fields, own = yield from self._stored(index, span, window)
            yield from self._deliver(fade.add(index, fields, own), source, sink)

    def _stored(
        self, index: int, span: WindowSpan, window: Window
    ) -> Generator[Progress, None, Stored]:
        """A window's light as the store holds it: found there, else lit and put there."""
        light = self._light_of(span)
        key = self.content.of_window(window, light, span)
        new = self._new_in(index)
        found = self.maps.load(key)
        lit = found
        if lit is None:
            last = yield from self._light(window, light, new)
            lit = self._given(last, span)
            self.fence()
            self.maps.save(key, lit[0], self._origin(span, key), lit[1])
        else:
            self._lit += new
        self._keys.append(key)
        stored = replace(self._progress(Stage.lighting), window=index, key=key)
        yield replace(stored, is_reused=found is not None)
        return lit

    def _given(self, last: Step, span: WindowSpan) -> Stored:
        """Of an engine's last step the frames that the window gives out, as a file keeps them."""
        assert last.fields is not None
        fields = lightmap.stored(_part(last.fields, span))
        if self.prepared.request.delivery != Delivery.picture:
            return fields, None
        assert last.pictures is not None
        return fields, pictures.stored(_part_shown(last.pictures, span))

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

    def _origin(self, span: WindowSpan, key: str) -> lightmap.Origin:
        return lightmap.Origin(
            first=span.output[0],
            grid=self.spec.limits.frames,
            engine=self.spec.name,
            engine_version=self.spec.version,
            request=key,
        )

    def _deliver(
        self, maps: Iterator[tuple[int, FrameMap]], source: Iterator[Planes], sink: Sink
    ) -> Iterator[Progress]:
        amount, rotation = self.prepared.request.amount, self.prepared.facts.rotation
        for media_frame, upright in maps:
            gain, flare, *own = (as_stored(one, rotation) for one in upright)
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
        facts = self.prepared.facts
        size = working_size(facts, PREVIEW_LONG_SIDE)
        return _bytes(small_upright(planes, size, facts.rotation))

    def _keep_for_sheet(self, media_frame: int, before: Planes, after: Planes) -> None:
        clip = self.prepared.clip
        if self.prepared.request.output.sheet is None:
            return
        columns = min(SHEET_COLUMNS, clip.count)
        chosen = {clip.first + (2 * i + 1) * clip.count // (2 * columns) for i in range(columns)}
        if media_frame in chosen:
            self._sheet.append((media_frame, self._picture(before), self._picture(after)))

    def _publish(self, sink: Sink) -> Take:
        """Everything is whole and on disk before the first file gets its name."""
        files = [sink.finish()]
        with ExitStack() as leftovers:
            if self.prepared.request.output.sheet is not None:
                files.insert(0, self._drawn(self.prepared.request.output.sheet))
                leftovers.callback(discard, files[0])
            take = self.taken(self.warnings, tuple(self._keys))
            self.journal.finish(files, take)
            self.fence()
            for file in files:
                publish(file)
        return take

    def _drawn(self, path: Path) -> Reserved:
        words = self.prepared.light.prompt or self.spec.title
        caption = f"{self.prepared.facts.path.name}   {words}"
        return sheet.prepare(path, self._sheet, caption, self.journal.announce)


def start_timecode(facts: MediaFacts, first: int) -> str:
    """The time code of media frame `first`; "" where the source has none."""
    return timecode.add(facts.timecode, first, facts.rate) if facts.timecode else ""


def _chain(first: Planes, rest: Iterator[Planes]) -> Iterator[Planes]:
    yield first
    yield from rest


def _part(fields: LightFields, span: WindowSpan) -> LightFields:
    kept = _kept(span)
    return LightFields(fields.gain[kept], fields.flare[kept])


def _part_shown(pictures: Pictures, span: WindowSpan) -> Pictures:
    kept = _kept(span)
    return Pictures(pictures.frames[kept], pictures.share[kept])


def _kept(span: WindowSpan) -> slice:
    """Of the frames that a window reads, those it gives out."""
    return slice(span.output[0] - span.read[0], span.output[1] - span.read[0])


def _bytes(picture: NDArray[np.float32]) -> Picture:
    return (picture * 255 + 0.5).astype(np.uint8)
