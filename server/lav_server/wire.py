"""Requests on the wire: lav.v1 messages to and from the engine's own types, every field both ways.

Reading checks what needs no media: numbers are numbers, rates have denominators, enums are known.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from lav_engine.errors import Code, LavError
from lav_engine.spec import (
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
    ShotExposure,
)
from lav_proto.v1 import relight_pb2 as pb
from lav_server.wire_diffusion import diffusion_from_wire, diffusion_to_wire
from lav_server.wire_values import (
    color_from_wire,
    color_to_wire,
    enum_from_wire,
    enum_to_wire,
    given,
    number,
    numbers,
    optional_path_from_wire,
    path_from_wire,
    path_to_wire,
    rational_from_wire,
    rational_to_wire,
    text_from_wire,
)

PROTOCOL = 1
FRAMES = 2**53  # more than any file has; exact in JSON and in floats
DEFAULT_ENGINE = "draft"

PATCH_NUMBERS = ("azimuth", "elevation", "kelvin", "tint", "stops", "size")
LAMP_NUMBERS = (*PATCH_NUMBERS, "radius")
AMBIENT_NUMBERS = ("stops", "kelvin", "tint")
LIGHT_NUMBERS = ("exposure", "bias", "haze", "source_white")
REQUEST_NUMBERS = ("key_fill", "exposure", "haze")
PROMPTS = ("relight", "video", "background", "negative")


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
        color=color_to_wire(lamp.color),
        at=pb.Point(x=lamp.at[0], y=lamp.at[1]) if lamp.at else None,
        **given(lamp, LAMP_NUMBERS),
    )


def lamp_from_wire(message: pb.Lamp) -> Lamp:
    at = (number(message.at, "x"), number(message.at, "y")) if message.HasField("at") else None
    role = enum_from_wire(Role, message.role, Role.key)
    color = color_from_wire(message)
    return Lamp(role=role, color=color, at=at, **numbers(message, LAMP_NUMBERS))


def light_to_wire(light: Light) -> pb.Light:
    ambient = light.ambient
    return pb.Light(
        prompt=light.prompt,
        lamps=[lamp_to_wire(lamp) for lamp in light.lamps],
        ambient=pb.Ambient(color=color_to_wire(ambient.color), **given(ambient, AMBIENT_NUMBERS)),
        keys=[
            pb.LightKey(media_frame=key.media_frame, light=light_to_wire(key.light))
            for key in light.keys
        ],
        **given(light, LIGHT_NUMBERS),
    )


def light_from_wire(message: pb.Light) -> Light:
    ambient = message.ambient
    return Light(
        prompt=text_from_wire(message.prompt, "prompt"),
        lamps=tuple(lamp_from_wire(lamp) for lamp in message.lamps),
        ambient=Ambient(color=color_from_wire(ambient), **numbers(ambient, AMBIENT_NUMBERS)),
        keys=tuple(Key(key.media_frame, light_from_wire(key.light)) for key in message.keys),
        **numbers(message, LIGHT_NUMBERS),
    )


def light_request_to_wire(request: LightRequest) -> pb.LightRequest:
    patch = request.lamp
    return pb.LightRequest(
        prompt=request.prompt,
        preset=request.preset,
        light=light_to_wire(request.light) if request.light else None,
        lamp=pb.Lamp(color=color_to_wire(patch.color), **given(patch, PATCH_NUMBERS)),
        **given(request, REQUEST_NUMBERS),
    )


def light_request_from_wire(message: pb.LightRequest) -> LightRequest:
    patch = LampPatch(color=color_from_wire(message.lamp), **numbers(message.lamp, PATCH_NUMBERS))
    return LightRequest(
        prompt=text_from_wire(message.prompt, "prompt"),
        preset=text_from_wire(message.preset, "preset"),
        light=light_from_wire(message.light) if message.HasField("light") else None,
        lamp=patch,
        **numbers(message, REQUEST_NUMBERS),
    )


# --- request ------------------------------------------------------------------------------------


def options_from_wire(message: pb.RelightRequest | pb.PreviewRequest) -> Options:
    prompts = {name: text_from_wire(getattr(message.prompts, name), "prompt") for name in PROMPTS}
    scope = enum_from_wire(Scope, message.scope, Scope.both)
    return Options(Prompts(**prompts), scope, message.seed, diffusion_from_wire(message.diffusion))


def delivery_from_wire(message: pb.RelightRequest, scope: Scope) -> Delivery:
    usual = Delivery.picture if scope == Scope.new_background else Delivery.light
    return enum_from_wire(Delivery, message.delivery, usual)


def amount_from_wire(message: pb.RelightRequest | pb.PreviewRequest) -> float:
    return number(message, "amount") if message.HasField("amount") else 1.0


def grow_from_wire(message: pb.RelightRequest | pb.PreviewRequest) -> float:
    return number(message, "mask_grow")


def mask_from_wire(message: pb.RelightRequest | pb.PreviewRequest) -> Path | None:
    return optional_path_from_wire(message.mask, "mask")


def request_to_wire(request: RelightRequest) -> pb.RelightRequest:
    options = request.options
    return pb.RelightRequest(
        clip=clip_to_wire(request.clip),
        light=light_request_to_wire(request.light),
        engine=request.engine,
        prompts=pb.Prompts(**given(options.prompts, PROMPTS)),
        scope=enum_to_wire(options.scope),
        delivery=enum_to_wire(request.delivery),
        amount=request.amount,
        mask=path_to_wire(request.mask),
        mask_grow=request.mask_grow,
        seed=options.seed,
        diffusion=diffusion_to_wire(options.diffusion),
        output=output_to_wire(request.output),
        exposures=exposures_to_wire(request.exposures),
    )


def request_from_wire(message: pb.RelightRequest) -> RelightRequest:
    options = options_from_wire(message)
    return RelightRequest(
        clip=clip_from_wire(message.clip),
        light=light_request_from_wire(message.light),
        output=output_from_wire(message.output),
        engine=text_from_wire(message.engine, "engine") or DEFAULT_ENGINE,
        options=options,
        mask=mask_from_wire(message),
        mask_grow=grow_from_wire(message),
        delivery=delivery_from_wire(message, options.scope),
        amount=amount_from_wire(message),
        exposures=exposures_from_wire(message),
    )


def exposures_to_wire(exposures: Iterable[ShotExposure]) -> list[pb.ShotExposure]:
    return [
        pb.ShotExposure(first=one.first, end=one.end, exposure=one.exposure) for one in exposures
    ]


def exposures_from_wire(message: pb.RelightRequest | pb.Take) -> tuple[ShotExposure, ...]:
    return tuple(
        ShotExposure(one.first, one.end, number(one, "exposure")) for one in message.exposures
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
        sheet=optional_path_from_wire(message.sheet, "contact sheet"),
    )


def codec_to_wire(codec: Codec | None) -> str:
    return enum_to_wire(codec) if codec else "CODEC_UNSPECIFIED"


def codec_from_wire(value: int) -> Codec | None:
    return enum_from_wire(Codec, value, Codec.h264) if value else None
