"""Settings of the Light-A-Video engines on the wire, every field both ways."""

from __future__ import annotations

from lav_engine.spec import Diffusion, Lora, Mode
from lav_proto.v1 import relight_pb2 as pb
from lav_server.wire_values import (
    enum_from_wire,
    enum_to_wire,
    given,
    number,
    numbers,
    optional_path_from_wire,
    path_from_wire,
    path_to_wire,
    text_from_wire,
)

NUMBERS = (
    "steps",
    "strength",
    "guidance",
    "gamma",
    "relight_steps",
    "relight_strength",
    "relight_guidance",
)


def diffusion_to_wire(settings: Diffusion) -> pb.Diffusion:
    return pb.Diffusion(
        mode=enum_to_wire(settings.mode),
        image_loras=[_lora_to_wire(lora) for lora in settings.image_loras],
        video_loras=[_lora_to_wire(lora) for lora in settings.video_loras],
        light_image=path_to_wire(settings.light_image),
        background=settings.background,
        video_model=settings.video_model,
        models=path_to_wire(settings.models),
        **given(settings, NUMBERS),
    )


def diffusion_from_wire(message: pb.Diffusion) -> Diffusion:
    return Diffusion(
        mode=enum_from_wire(Mode, message.mode, Mode.fixed),
        image_loras=tuple(_lora_from_wire(lora) for lora in message.image_loras),
        video_loras=tuple(_lora_from_wire(lora) for lora in message.video_loras),
        light_image=optional_path_from_wire(message.light_image, "light image"),
        background=message.background,
        video_model=text_from_wire(message.video_model, "video model"),
        models=optional_path_from_wire(message.models, "models"),
        **numbers(message, NUMBERS),
    )


def _lora_to_wire(lora: Lora) -> pb.Lora:
    return pb.Lora(path=path_to_wire(lora.path), weight=lora.weight)


def _lora_from_wire(message: pb.Lora) -> Lora:
    weight = number(message, "weight") if message.HasField("weight") else 1.0
    return Lora(path_from_wire(message.path, "LoRA"), weight)
