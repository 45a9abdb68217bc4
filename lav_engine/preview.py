"""One frame relit at once, as a picture: stateless, writes nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.delivery import deliver
from lav_engine.engines.base import Engine, Glancing, Window
from lav_engine.errors import Code, LavError
from lav_engine.frames import SmallFrames, engine_size, upright_size, working_size
from lav_engine.light import rig
from lav_engine.lightmap import LightFields
from lav_engine.mask import UserMask
from lav_engine.media.colour import Picture, rgb_to_planes
from lav_engine.media.planes import Layout, Planes
from lav_engine.media.probe import probe
from lav_engine.request import (
    check_amount,
    check_frame,
    check_grow,
    check_progressive,
    check_scope,
    check_shape,
)
from lav_engine.section import around
from lav_engine.spec import ClipRange, EngineSpec, Lane, Light, LightRequest, MediaFacts, Options

PREVIEW_WIDTH = 960


@dataclass(frozen=True, slots=True)
class Preview:
    image: NDArray[np.uint8]  # (H, W, 3) RGB, upright
    light: Light  # exposure filled in
    unmatched_words: tuple[str, ...]
    seconds: float
    section: tuple[int, int] | None = None  # media frames [first, end) that are ready by now too


def poster(path: Path, media_frame: int, width: int) -> NDArray[np.uint8]:
    """The source's own frame, upright, (H, W, 3) RGB, at most `width` wide."""
    facts = probe(path)
    return _picture(_as_planes(_frame(facts, media_frame, width)))


def preview(
    path: Path,
    media_frame: int,
    light: LightRequest,
    engine: Engine,
    spec: EngineSpec,
    *,
    width: int = PREVIEW_WIDTH,
    amount: float = 1.0,
    options: Options = Options(),
    mask: Path | None = None,
    grow: float = 0.0,
    in_section: bool = False,
) -> Preview:
    """Relights one frame. Without a locked exposure it is solved on this very frame.

    An engine that sees what moves finds another subject in a frame alone than a render does.
    `in_section` shows it the frames around, which takes it longer for the first of them.

    Raises LavError for a frame outside the clip and for values an engine cannot honour.
    """
    started = time.monotonic()
    facts = probe(path)
    check_shape(facts)
    check_progressive(facts)
    check_amount(amount)
    check_scope(spec, options.scope)
    check_grow(grow)
    _check_lane(spec)
    resolved = rig.resolve(light)
    picture = _frame(facts, media_frame, width)
    window = _window(picture, facts, media_frame, spec, mask, grow)
    lit = resolved.light
    if lit.exposure is None:
        lit = replace(lit, exposure=engine.expose(window, lit, options))
    section = None
    if in_section and isinstance(engine, Glancing):
        whole, section = around(facts, media_frame, spec.limits, mask, grow)
        fields = engine.glance(whole, media_frame, lit, options)
    else:
        fields = _fields(engine, window, lit, options)
    relit = deliver(_as_planes(picture), fields.gain[0], fields.flare[0], amount)
    seconds = time.monotonic() - started
    return Preview(_picture(relit), lit, resolved.unmatched_words, seconds, section)


def _fields(engine: Engine, window: Window, light: Light, options: Options) -> LightFields:
    *_, last = engine.relight(window, light, options)
    assert last.fields is not None
    return last.fields


def _check_lane(spec: EngineSpec) -> None:
    """A second copy of the models beside the worker's would take a device's memory from it."""
    if spec.limits.lane == Lane.device:
        raise LavError(
            f"{spec.title} works out whole sections, so it shows no single frame beforehand.",
            "Preview with the engine 'draft'. A render shows its first picture after the first "
            "step: the section relit, before the video model has seen it.",
            Code.unsupported,
        )


def _window(
    picture: Picture,
    facts: MediaFacts,
    media_frame: int,
    spec: EngineSpec,
    mask: Path | None,
    grow: float,
) -> Window:
    size = engine_size(facts, spec.limits)
    frame = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32, copy=False)
    matte = None
    if mask is not None:
        whole = ClipRange(facts.path, 0, facts.frames, facts.rate)
        matte = UserMask(mask, facts, whole, size, grow).stack(media_frame, media_frame + 1)
    return Window(media_frame, frame[None], facts.rate, matte)


def _frame(facts: MediaFacts, media_frame: int, width: int) -> Picture:
    check_frame(facts, media_frame)
    return _decoded(facts, facts.path.stat().st_mtime_ns, media_frame, width)


@lru_cache(maxsize=4)
def _decoded(facts: MediaFacts, _modified: int, media_frame: int, width: int) -> Picture:
    """Kept, because a dragged lamp asks for the same frame again and again."""
    across, down = upright_size(facts)
    long_side = round(width * max(1.0, down / across))
    with SmallFrames(facts, working_size(facts, long_side)) as frames:
        return frames.stack(media_frame, media_frame + 1)[0]


def _as_planes(picture: Picture) -> Planes:
    height, width, _ = picture.shape
    layout = Layout(width, height, depth=8, across=1, down=1, matrix="rgb", is_full_range=True)
    return rgb_to_planes(picture, layout)


def _picture(planes: Planes) -> NDArray[np.uint8]:
    green, blue, red = planes.y, planes.u, planes.v
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)
