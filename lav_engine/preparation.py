"""What comes before the first window: facts, checks, light, shots, windows, exposure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lav_engine import shots as scenes
from lav_engine import windows
from lav_engine.engines.base import Costly, Engine, Window
from lav_engine.errors import Code, LavError
from lav_engine.estimate import map_bytes, memory_bytes, render_seconds, take_bytes
from lav_engine.frames import SmallFrames, engine_size, working_size
from lav_engine.light import rig
from lav_engine.mask import UserMask
from lav_engine.media.encoder import losses
from lav_engine.media.probe import probe
from lav_engine.request import check, choose_codec, whole_range
from lav_engine.spec import (
    ClipRange,
    Codec,
    EngineSpec,
    Light,
    MediaFacts,
    Options,
    Plan,
    RelightRequest,
    Scope,
)

SCAN_LONG_SIDE = 64  # pixels; enough to tell shots apart
ANCHORS = 5
SUBJECT = 0.5  # a mask's pixel from this value on belongs to the subject


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that can be rendered. Only exposures may still be missing from `light`."""

    request: RelightRequest
    facts: MediaFacts
    clip: ClipRange
    size: tuple[int, int]  # width, height the engine works at
    codec: Codec
    light: Light
    shots: tuple[tuple[int, int], ...]  # those that the range touches
    spans: tuple[windows.WindowSpan, ...]
    warnings: tuple[str, ...]
    unmatched_words: tuple[str, ...]


def check_request(request: RelightRequest, spec: EngineSpec) -> MediaFacts:
    """Probes and checks without decoding the range. Raises LavError."""
    facts = probe(request.clip.path)
    clip = whole_range(request.clip, facts)
    check(replace(request, clip=clip), facts, spec)
    resolve_light(request, spec)
    choose_codec(request.output, facts)
    if request.mask is not None:
        UserMask(request.mask, facts, clip, engine_size(facts, spec.limits), request.mask_grow)
    return facts


def resolve_light(request: RelightRequest, spec: EngineSpec) -> rig.Resolved:
    """Engines that read words, or are given a picture of the light, need no lamps. LavError."""
    options = request.options
    said = request.light.prompt.strip() or options.prompts.relight.strip()
    told = bool(said or options.diffusion.light_image)
    return rig.resolve(request.light, needs_lamps=not (spec.reads_words and told))


def prepare(request: RelightRequest, spec: EngineSpec) -> Iterator[int | Prepared]:
    """Yields the number of frames scanned for cuts so far, at last the prepared request."""
    facts = check_request(request, spec)
    clip = whole_range(request.clip, facts)
    resolved = resolve_light(request, spec)
    codec = choose_codec(request.output, facts)
    lost = losses(codec, facts)
    found: tuple[tuple[int, int], ...] = ()
    for step in _find_shots(clip, facts):
        if isinstance(step, int):
            yield step
        else:
            found = step
    prepared = Prepared(
        request=replace(request, clip=clip),
        facts=facts,
        clip=clip,
        size=engine_size(facts, spec.limits),
        codec=codec,
        light=resolved.light,
        shots=_touched(found, clip),
        spans=windows.plan(clip.first, clip.count, facts.frames, found, spec.limits),
        warnings=(*facts.notes, *lost, *_cut_warning(found, clip)),
        unmatched_words=() if spec.reads_words else resolved.unmatched_words,
    )
    _check_subject(prepared)
    yield prepared


def expose(
    prepared: Prepared, solve: Callable[[Window, Light, Options], float]
) -> dict[tuple[int, int], Light]:
    """The light of each shot with its exposure filled in, solved from the shot's anchor frames.

    `solve` is the engine's `expose`, or answers for it. Anchors depend on the shot alone, so any
    two ranges inside it get the same exposure.
    """
    light = prepared.light
    if light.exposure is not None:
        return dict.fromkeys(prepared.shots, light)
    lights, mask = {}, user_mask(prepared)
    with SmallFrames(prepared.facts, prepared.size) as small:
        for shot in prepared.shots:
            anchors = scenes.anchors(shot, ANCHORS)
            matte = mask.at(anchors) if mask else None
            window = Window(anchors[0], small.at(anchors), prepared.facts.rate, matte)
            solved = solve(window, light, prepared.request.options)
            lights[shot] = replace(light, exposure=solved)
    return lights


def user_mask(prepared: Prepared) -> UserMask | None:
    request = prepared.request
    if request.mask is None:
        return None
    return UserMask(request.mask, prepared.facts, prepared.clip, prepared.size, request.mask_grow)


def _check_subject(prepared: Prepared) -> None:
    """Says before anything is relit that the mask does not show what the scope is about."""
    scope, mask = prepared.request.options.scope, user_mask(prepared)
    if mask is None or scope == Scope.both:
        return
    spans = [span.read for span in prepared.spans]
    seen = ((first, end, mask.stack(first, end).max() >= SUBJECT) for first, end in spans)
    if scope == Scope.new_background:
        empty = next(((first, end) for first, end, has_subject in seen if not has_subject), None)
    else:
        empty = None if any(one[2] for one in seen) else (spans[0][0], spans[-1][1])
    if empty:
        raise LavError(
            f"The mask shows no subject in frames {empty[0]} to {empty[1] - 1}.",
            "Give a mask that is white on the subject, or render the range in which it is seen.",
            Code.mask_unusable,
        )


def plan(request: RelightRequest, spec: EngineSpec, engine: Engine) -> Plan:
    """What rendering would take, with the exposure it would use. Decodes the scan region."""
    *_, prepared = prepare(request, spec)
    assert isinstance(prepared, Prepared)
    lights = expose(prepared, engine.expose)
    request, facts = prepared.request, prepared.facts  # its range is filled in
    seconds = render_seconds(request, facts)
    memory, device, notes = memory_bytes(facts, prepared.size, spec), "", ()
    if isinstance(engine, Costly):
        counts = tuple(span.read[1] - span.read[0] for span in prepared.spans)
        cost = engine.cost(counts, prepared.size, request.options)
        seconds += cost.seconds
        memory, device, notes = cost.memory_bytes, cost.device, cost.warnings
    return Plan(
        shots=prepared.shots,
        windows=len(prepared.spans),
        working_size=prepared.size,
        disk_bytes=take_bytes(request, facts) + map_bytes(request, prepared.size),
        memory_bytes=memory,
        seconds=seconds,
        light=lights[longest(prepared)],
        codec=prepared.codec,
        warnings=(*prepared.warnings, *notes),
        unmatched_words=prepared.unmatched_words,
        device=device,
    )


def longest(prepared: Prepared) -> tuple[int, int]:
    """The shot with most of the range's frames: the one whose exposure is shown."""
    clip = prepared.clip
    return max(prepared.shots, key=lambda shot: min(shot[1], clip.end) - max(shot[0], clip.first))


def _find_shots(clip: ClipRange, facts: MediaFacts) -> Iterator[int | tuple[tuple[int, int], ...]]:
    first, end = scenes.scan_range(clip.first, clip.count, facts.frames)
    thumbnails: list[NDArray[np.uint8]] = []  # bytes, so that memory stays flat over long scans
    with SmallFrames(facts, working_size(facts, SCAN_LONG_SIDE)) as small:
        for frame in small.stream(first, end):
            thumbnails.append((frame * 255 + 0.5).astype(np.uint8))
            yield len(thumbnails)
    yield tuple(
        scenes.shots((one.astype(np.float32) / np.float32(255) for one in thumbnails), first)
    )


def _touched(shots: tuple[tuple[int, int], ...], clip: ClipRange) -> tuple[tuple[int, int], ...]:
    return tuple(shot for shot in shots if shot[0] < clip.end and shot[1] > clip.first)


def _cut_warning(shots: tuple[tuple[int, int], ...], clip: ClipRange) -> tuple[str, ...]:
    cuts = [str(first) for first, _ in _touched(shots, clip)[1:]]
    if not cuts:
        return ()
    count = "A cut was" if len(cuts) == 1 else f"{len(cuts)} cuts were"
    return (f"{count} found inside the clip (frame {', '.join(cuts)}); each part is lit alone.",)
