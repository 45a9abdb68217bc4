"""The options of the engines that generate, and what they say to the server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lav_client.output import absolute
from lav_client.values import choice, whole, within
from lav_engine.settings import LORA_WEIGHT, RANGES, SEEDS
from lav_engine.spec import Delivery, Diffusion, Lora, Mode, Options, Prompts, Scope

PANEL = "Light-A-Video engines (animatediff, cogvideox, wan)"


def _option(flag: str, metavar: str, help: str, **more: Any) -> Any:
    return typer.Option(flag, metavar=metavar, help=help, rich_help_panel=PANEL, **more)


def _number(flag: str, name: str, metavar: str, help: str) -> Any:
    low, high, _ = RANGES[name]
    return _option(flag, metavar, f"{help}, {low:g} to {high:g}.", parser=within(low, high))


def _count(flag: str, name: str, help: str) -> Any:
    low, high, _ = RANGES[name]
    parser = whole(low, high, f"a number of steps from {low} to {high}")
    return _option(flag, "N", help, parser=parser)


def lora(text: str) -> Lora:
    """PATH or PATH:WEIGHT."""
    path, _, tail = text.rpartition(":")
    if not path:
        return Lora(absolute(Path(text)))
    try:
        weight = float(tail)
    except ValueError:  # the colon belongs to the path
        return Lora(absolute(Path(text)))
    if not abs(weight) <= LORA_WEIGHT:
        raise typer.BadParameter(f"The weight {tail} is not from -{LORA_WEIGHT:g} to 4.")
    return Lora(absolute(Path(path)), weight)


Seed = whole(-SEEDS, SEEDS - 1, "a whole number")


@dataclass(frozen=True, slots=True)
class DiffusionOptions:
    """What the command line says to an engine that generates; others ignore it."""

    relight: Annotated[
        str, _option("--relight", "TEXT", "Words for the image relighter, instead of --prompt.")
    ] = ""
    video: Annotated[
        str, _option("--video-prompt", "TEXT", "Words for the video model: what the clip shows.")
    ] = ""
    background_prompt: Annotated[
        str, _option("--background-prompt", "TEXT", "What a new background is to show.")
    ] = ""
    negative: Annotated[str, _option("--negative", "TEXT", "What the video model is to avoid.")] = (
        ""
    )
    delivery: Annotated[
        Delivery | None,
        _option(
            "--delivery",
            "NAME",
            "light keeps the camera's picture, picture shows the engine's own. Default: light, "
            "but picture with a new background.",
            parser=choice(Delivery),
        ),
    ] = None
    mode: Annotated[
        Mode,
        _option(
            "--mode",
            "NAME",
            "fixed, or parity: number for number the paper's code.",
            parser=choice(Mode),
        ),
    ] = Mode.fixed
    steps: Annotated[int | None, _count("--steps", "steps", "Steps of the video model.")] = None
    strength: Annotated[
        float | None,
        _number("--strength", "strength", "S", "How far from the clip the video model starts"),
    ] = None
    guidance: Annotated[
        float | None,
        _number("--guidance", "guidance", "W", "How closely the video model keeps to its words"),
    ] = None
    gamma: Annotated[
        float | None,
        _number("--gamma", "gamma", "G", "How much frames share their light while it is made"),
    ] = None
    relight_steps: Annotated[
        int | None, _count("--relight-steps", "relight_steps", "Steps of the image relighter.")
    ] = None
    seed: Annotated[
        int, _option("--seed", "N", "The same seed gives the same take.", parser=Seed)
    ] = 0
    image_lora: Annotated[
        list[str] | None,
        _option("--image-lora", "FILE[:W]", "A LoRA for the image relighter; repeatable."),
    ] = None
    video_lora: Annotated[
        list[str] | None,
        _option("--video-lora", "FILE[:W]", "A LoRA for the video model; repeatable."),
    ] = None
    light_image: Annotated[
        Path | None,
        _option("--light-image", "FILE", "Your own picture of the light, instead of the lamps'."),
    ] = None
    lit_background: Annotated[
        bool,
        _option("--lit-background", "", "Show the relighter the light image as background too."),
    ] = False
    video_model: Annotated[
        str, _option("--video-model", "NAME", "A larger sibling; see `lav models list`.")
    ] = ""
    models: Annotated[
        Path | None,
        _option("--models", "DIR", "A folder with models by name, instead of the usual cache."),
    ] = None

    def options(self, prompt: str, scope: Scope) -> Options:
        """`prompt` is the light's own."""
        prompts = Prompts(self.relight or prompt, self.video, self.background_prompt, self.negative)
        return Options(prompts, scope, self.seed, self._diffusion())

    def delivered(self, scope: Scope) -> Delivery:
        usual = Delivery.picture if scope == Scope.new_background else Delivery.light
        return self.delivery or usual

    def _diffusion(self) -> Diffusion:
        return Diffusion(
            mode=self.mode,
            steps=self.steps,
            strength=self.strength,
            guidance=self.guidance,
            gamma=self.gamma,
            relight_steps=self.relight_steps,
            image_loras=tuple(map(lora, self.image_lora or ())),
            video_loras=tuple(map(lora, self.video_lora or ())),
            light_image=absolute(self.light_image) if self.light_image else None,
            background=self.lit_background,
            video_model=self.video_model,
            models=absolute(self.models) if self.models else None,
        )


def takes_diffusion(command: Callable[..., None]) -> Callable[..., None]:
    """Spreads the fields of DiffusionOptions over a command's options that takes `generated`."""
    hints = get_type_hints(DiffusionOptions, include_extras=True)
    given = signature(command, eval_str=True).parameters.values()
    own = [one for one in given if one.name != "generated"]
    options = [
        Parameter(f.name, Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
        for f in fields(DiffusionOptions)
    ]

    def run(**given: Any) -> None:
        generated = DiffusionOptions(**{one.name: given.pop(one.name) for one in options})
        command(**given, generated=generated)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__annotations__ = {one.name: one.annotation for one in (*own, *options)}
    run.__dict__["__signature__"] = Signature([*own, *options])
    return run
