"""What a request may say: each check raises one sentence naming the value and what would do."""

from __future__ import annotations

import math
from dataclasses import replace

from lav_engine.catalog import CODECS
from lav_engine.errors import Code, LavError, MediaError, counted
from lav_engine.settings import check_settings
from lav_engine.spec import (
    ClipRange,
    Codec,
    Delivery,
    EngineSpec,
    MediaFacts,
    Output,
    RelightRequest,
    Scope,
)

MOST_GROWN = 0.1  # of the picture's height
NARROWEST = 16  # to 1; a longer strip has no height left at the size an engine works at


def check(request: RelightRequest, facts: MediaFacts, spec: EngineSpec) -> None:
    """Everything that can be said before a frame is decoded."""
    check_range(request.clip, facts)
    check_shape(facts)
    check_progressive(facts)
    check_amount(request.amount)
    check_grow(request.mask_grow)
    check_scope(spec, request.options.scope)
    check_delivery(spec, request.delivery, request.options.scope)
    check_settings(request.options)


def whole_range(clip: ClipRange, facts: MediaFacts) -> ClipRange:
    """`clip` with its rate taken from the file, and count 0 meaning to the end of the file."""
    count = clip.count or max(facts.frames - clip.first, 0)
    return replace(clip, count=count, rate=facts.rate)


def check_range(clip: ClipRange, facts: MediaFacts) -> None:
    if clip.first < 0 or clip.count < 1 or clip.end > facts.frames:
        raise LavError(
            f"The range {clip.first}:{clip.count} is outside {facts.path.name}, which has "
            f"{counted(facts.frames)}.",
            f"The first frame is 0, the last {facts.frames - 1}.",
            Code.range_outside,
        )


def check_frame(facts: MediaFacts, media_frame: int) -> None:
    if not 0 <= media_frame < facts.frames:
        raise LavError(
            f"There is no frame {media_frame} in {facts.path.name}, which has {facts.frames}.",
            f"The first frame is 0, the last {facts.frames - 1}.",
            Code.range_outside,
        )


def check_shape(facts: MediaFacts) -> None:
    if max(facts.width, facts.height) > NARROWEST * min(facts.width, facts.height):
        raise MediaError(
            f"{facts.path.name} is {facts.width} × {facts.height}, too narrow a strip to light: "
            f"up to {NARROWEST}:1 can be relit.",
            "Crop the clip to the part that matters.",
            Code.media_unsupported,
        )


def check_progressive(facts: MediaFacts) -> None:
    if facts.is_interlaced:
        raise MediaError(
            f"{facts.path.name} is interlaced; relighting its two fields as one frame would comb.",
            "Deinterlace the clip first and relight the result.",
            Code.media_unsupported,
        )


def check_amount(amount: float) -> None:
    if not (math.isfinite(amount) and 0 <= amount <= 1):
        raise LavError(f"The amount {amount} is not between 0 and 1.", "1 is the whole light.")


def check_grow(grow: float) -> None:
    """How far a mask's outline moves out, in picture heights."""
    if not (math.isfinite(grow) and abs(grow) <= MOST_GROWN):
        raise LavError(
            f"The mask cannot grow by {grow} of the picture's height.",
            f"Say -{MOST_GROWN} to {MOST_GROWN}; below 0 it shrinks.",
        )


def check_scope(spec: EngineSpec, scope: Scope) -> None:
    if scope not in spec.limits.scopes:
        raise LavError(
            f"{spec.title} cannot relight with the scope {scope.value!r}.",
            f"It offers: {', '.join(one.value for one in spec.limits.scopes)}.",
            Code.unsupported,
        )


def check_delivery(spec: EngineSpec, delivery: Delivery, scope: Scope) -> None:
    if delivery not in spec.limits.deliveries:
        raise LavError(
            f"{spec.title} makes no pictures of its own, only light.",
            "Use the delivery 'light', which keeps the camera's picture.",
            Code.unsupported,
        )
    if scope == Scope.new_background and delivery != Delivery.picture:
        raise LavError(
            "A new background is a picture of the engine's own, and the delivery 'light' shows "
            "only the camera's.",
            "Use the delivery 'picture'; the subject still comes from the camera.",
        )


def choose_codec(output: Output, facts: MediaFacts) -> Codec:
    """The codec asked for, or the one that suits the file name and keeps depth and alpha.

    Raises LavError(UNKNOWN_CODEC) when the file name's ending cannot hold it.
    """
    suffix = output.path.suffix.lower()
    fitting = [spec.name for spec in CODECS.values() if suffix in spec.suffixes]
    if Codec.h264 in fitting and (facts.width % 2 or facts.height % 2):
        fitting.remove(Codec.h264)
        if not fitting or output.codec == Codec.h264:
            raise LavError(
                f"The clip is {facts.width} x {facts.height}, and H.264 holds only even sizes.",
                "Name the output .mov or .mkv, for ProRes or FFV1.",
                Code.unknown_codec,
            )
    if output.codec is not None and output.codec in fitting:
        return output.codec
    if output.codec is not None or not fitting:
        wanted = CODECS[output.codec].suffixes if output.codec else (".mp4", ".mov", ".mkv")
        what = f"{output.codec} does not go into" if output.codec else "Nothing is written as"
        raise LavError(
            f"{what} a file that ends in {suffix!r}.",
            f"Name the output with {' or '.join(wanted)}.",
            Code.unknown_codec,
        )
    deep = [name for name in (Codec.prores, Codec.ffv1) if name in fitting]
    is_rich = facts.bit_depth > 8 or facts.has_alpha
    return deep[0] if deep and (is_rich or Codec.h264 not in fitting) else fitting[0]
