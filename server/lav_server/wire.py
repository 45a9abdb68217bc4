"""Requests on the wire: lav.v1 messages to and from the engine's own types, every field both ways.

Reading checks what needs no media: numbers are numbers, rates have denominators, enums are known.
"""

from __future__ import annotations

import math
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf.message import Message
from lav_proto.v1 import relight_pb2 as pb

from lav_engine.errors import Code, LavError
from lav_engine.spec import (
    RGB,
    Ambient,
    ClipRange,
    Codec,
    Delivery,
    Key,
    Lamp,
    LampPatch,
    Light,
    LightRequest,
    Options,
    Output,
    Prompts,
    RelightRequest,
    Role,
    Scope,
)

PROTOCOL = 1
LONGEST_TEXT = 4000  # characters of a prompt
LONGEST_PATH = 4096  # characters
FRAMES = 2**53  # more than any file has; exact in JSON and in floats
DEFAULT_ENGINE = "draft"

PATCH_NUMBERS = ("azimuth", "elevation", "kelvin", "tint", "stops", "size")
LAMP_NUMBERS = (*PATCH_NUMBERS, "radius")
AMBIENT_NUMBERS = ("stops", "kelvin", "tint")
LIGHT_NUMBERS = ("exposure", "bias", "haze", "source_white")
REQUEST_NUMBERS = ("key_fill", "exposure", "haze")
PROMPTS = ("relight", "video", "background", "negative")

Named = TypeVar("Named", bound=StrEnum)


# --- values -------------------------------------------------------------------------------------


def enum_from_wire(kind: type[Named], value: int, default: Named) -> Named:
    """The member a wire number stands for; 0 is the default."""
    if value == 0:
        return default
    names = getattr(pb, kind.__name__).DESCRIPTOR.values_by_number
    if value not in names:
        raise LavError(
            f"This server does not know {kind.__name__.lower()} number {value}.",
            "Update the server or choose another one.",
            Code.version_skew,
        )
    return kind(names[value].name.removeprefix(_prefix(kind)).lower())


def enum_to_wire(member: StrEnum) -> str:
    """The name of the wire's value, e.g. JOB_STATE_DONE."""
    return _prefix(type(member)) + member.value.upper()


def rational_to_wire(value: Fraction) -> pb.Rational:
    return pb.Rational(numerator=value.numerator, denominator=value.denominator)


def rational_from_wire(message: pb.Rational, what: str) -> Fraction:
    if message.denominator <= 0 or message.numerator <= 0:
        raise LavError(
            f"The {what} {message.numerator}/{message.denominator} is not a rate.",
            "Give a fraction like 24000/1001.",
        )
    return Fraction(message.numerator, message.denominator)


def path_to_wire(path: Path | None) -> str:
    """Raises LavError for names no message can carry: bytes that are not text."""
    text = "" if path is None else str(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        shown = text.encode(errors="replace").decode()
        raise LavError(
            f"The name of {shown} is not valid text, so it cannot be sent.", "Rename the file."
        ) from None
    return text


def path_from_wire(text: str, what: str) -> Path:
    """`what` names the path in sentences: "clip", "output"."""
    if not text:
        raise LavError(f"The request names no {what}.", "Give its path.")
    return _path(text, what)


def _optional_path(text: str, what: str) -> Path | None:
    return _path(text, what) if text else None


def _path(text: str, what: str) -> Path:
    if "\0" in text:
        raise LavError(f"The path of the {what} holds a zero byte.", "Rename the file.")
    if len(text) > LONGEST_PATH:
        raise LavError(f"The path of the {what} has {len(text)} characters.", "Use a shorter one.")
    return Path(text)


def _prefix(kind: type[StrEnum]) -> str:
    """JobState -> JOB_STATE_."""
    return "".join(f"_{c}" if c.isupper() else c.upper() for c in kind.__name__)[1:] + "_"


def _numbers(message: Message, names: tuple[str, ...]) -> dict[str, Any]:
    """Those of the optional numbers that are set."""
    return {name: number(message, name) for name in names if message.HasField(name)}


def number(message: Message, name: str) -> float:
    value = getattr(message, name)
    if not math.isfinite(value):
        raise LavError(
            f"The value {value} for {name.replace('_', ' ')} is not a number.",
            "Give a number, or leave it out.",
        )
    return value


def _set(source: object, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(source, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _text(text: str, what: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise LavError(
            f"The {what} has {len(text)} characters.", f"{LONGEST_TEXT} are the most; shorten it."
        )
    return text


def _color_to_wire(color: RGB | None) -> pb.Color | None:
    return pb.Color(red=color[0], green=color[1], blue=color[2]) if color else None


def _color_from_wire(message: Any) -> RGB | None:
    if not message.HasField("color"):
        return None
    red, green, blue = (number(message.color, name) for name in ("red", "green", "blue"))
    return red, green, blue


# --- clip ---------------------------------------------------------------------------------------


def clip_to_wire(clip: ClipRange) -> pb.ClipRange:
    rate = rational_to_wire(clip.rate) if clip.rate else None
    return pb.ClipRange(path=path_to_wire(clip.path), first=clip.first, count=clip.count, rate=rate)


def clip_from_wire(message: pb.ClipRange) -> ClipRange:
    """Count 0 means to the end of the file, rate 0 the file's own."""
    path = path_from_wire(message.path, "clip")
    if not (0 <= message.first < FRAMES and 0 <= message.count < FRAMES):
        raise LavError(
            f"The range {message.first}:{message.count} is not one of media frames.",
            "Frames count from 0.",
            Code.range_outside,
        )
    rate = Fraction(0)
    if message.HasField("rate"):
        rate = rational_from_wire(message.rate, "rate")
    return ClipRange(path, message.first, message.count, rate)


# --- light --------------------------------------------------------------------------------------


def lamp_to_wire(lamp: Lamp) -> pb.Lamp:
    return pb.Lamp(
        role=enum_to_wire(lamp.role),
        color=_color_to_wire(lamp.color),
        at=pb.Point(x=lamp.at[0], y=lamp.at[1]) if lamp.at else None,
        **_set(lamp, LAMP_NUMBERS),
    )


def lamp_from_wire(message: pb.Lamp) -> Lamp:
    at = (number(message.at, "x"), number(message.at, "y")) if message.HasField("at") else None
    role = enum_from_wire(Role, message.role, Role.key)
    color = _color_from_wire(message)
    return Lamp(role=role, color=color, at=at, **_numbers(message, LAMP_NUMBERS))


def light_to_wire(light: Light) -> pb.Light:
    ambient = light.ambient
    return pb.Light(
        prompt=light.prompt,
        lamps=[lamp_to_wire(lamp) for lamp in light.lamps],
        ambient=pb.Ambient(color=_color_to_wire(ambient.color), **_set(ambient, AMBIENT_NUMBERS)),
        keys=[
            pb.LightKey(media_frame=key.media_frame, light=light_to_wire(key.light))
            for key in light.keys
        ],
        **_set(light, LIGHT_NUMBERS),
    )


def light_from_wire(message: pb.Light) -> Light:
    ambient = message.ambient
    return Light(
        prompt=_text(message.prompt, "prompt"),
        lamps=tuple(lamp_from_wire(lamp) for lamp in message.lamps),
        ambient=Ambient(color=_color_from_wire(ambient), **_numbers(ambient, AMBIENT_NUMBERS)),
        keys=tuple(Key(key.media_frame, light_from_wire(key.light)) for key in message.keys),
        **_numbers(message, LIGHT_NUMBERS),
    )


def light_request_to_wire(request: LightRequest) -> pb.LightRequest:
    patch = request.lamp
    return pb.LightRequest(
        prompt=request.prompt,
        preset=request.preset,
        light=light_to_wire(request.light) if request.light else None,
        lamp=pb.Lamp(color=_color_to_wire(patch.color), **_set(patch, PATCH_NUMBERS)),
        **_set(request, REQUEST_NUMBERS),
    )


def light_request_from_wire(message: pb.LightRequest) -> LightRequest:
    patch = LampPatch(color=_color_from_wire(message.lamp), **_numbers(message.lamp, PATCH_NUMBERS))
    return LightRequest(
        prompt=_text(message.prompt, "prompt"),
        preset=_text(message.preset, "preset"),
        light=light_from_wire(message.light) if message.HasField("light") else None,
        lamp=patch,
        **_numbers(message, REQUEST_NUMBERS),
    )


# --- request ------------------------------------------------------------------------------------


def options_from_wire(message: pb.RelightRequest | pb.PreviewRequest) -> Options:
    prompts = {name: _text(getattr(message.prompts, name), "prompt") for name in PROMPTS}
    scope = enum_from_wire(Scope, message.scope, Scope.both)
    return Options(prompts=Prompts(**prompts), scope=scope, seed=message.seed)


def amount_from_wire(message: pb.RelightRequest | pb.PreviewRequest) -> float:
    return number(message, "amount") if message.HasField("amount") else 1.0


def mask_from_wire(message: pb.RelightRequest | pb.PreviewRequest) -> Path | None:
    return _optional_path(message.mask, "mask")


def request_to_wire(request: RelightRequest) -> pb.RelightRequest:
    options = request.options
    return pb.RelightRequest(
        clip=clip_to_wire(request.clip),
        light=light_request_to_wire(request.light),
        engine=request.engine,
        prompts=pb.Prompts(**_set(options.prompts, PROMPTS)),
        scope=enum_to_wire(options.scope),
        delivery=enum_to_wire(request.delivery),
        amount=request.amount,
        mask=path_to_wire(request.mask),
        seed=options.seed,
        output=output_to_wire(request.output),
    )


def request_from_wire(message: pb.RelightRequest) -> RelightRequest:
    return RelightRequest(
        clip=clip_from_wire(message.clip),
        light=light_request_from_wire(message.light),
        output=output_from_wire(message.output),
        engine=_text(message.engine, "engine") or DEFAULT_ENGINE,
        options=options_from_wire(message),
        mask=mask_from_wire(message),
        delivery=enum_from_wire(Delivery, message.delivery, Delivery.light),
        amount=amount_from_wire(message),
    )


def output_to_wire(output: Output) -> pb.Output:
    return pb.Output(
        path=path_to_wire(output.path),
        codec=codec_to_wire(output.codec),
        no_audio=not output.audio,
        for_host=output.for_host,
        sheet=path_to_wire(output.sheet),
    )


def output_from_wire(message: pb.Output) -> Output:
    return Output(
        path=path_from_wire(message.path, "output"),
        codec=codec_from_wire(message.codec),
        audio=not message.no_audio,
        for_host=message.for_host,
        sheet=_optional_path(message.sheet, "contact sheet"),
    )


def codec_to_wire(codec: Codec | None) -> str:
    return enum_to_wire(codec) if codec else "CODEC_UNSPECIFIED"


def codec_from_wire(value: int) -> Codec | None:
    return enum_from_wire(Codec, value, Codec.h264) if value else None
