"""The options that say a light, shared by `relight` and `preview`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from lav_engine.errors import LavError
from lav_engine.light import bounds, lightfile
from lav_engine.light.directions import DIRECTIONS
from lav_engine.spec import LampPatch, Light, LightRequest

PANEL = "Light"


def number(name: str) -> Callable[[str], float]:
    """A parser that takes a finite number in the range that lights have for `name`."""

    def parse(text: str) -> float:
        try:
            return bounds.number(name, float(text))
        except ValueError:
            raise typer.BadParameter(f"{text!r} is not a number.") from None
        except LavError as error:
            raise typer.BadParameter(str(error)) from None

    return parse


def direction(text: str) -> str:
    if text not in DIRECTIONS:
        raise typer.BadParameter(f"{text!r} is not a direction. Choose {', '.join(DIRECTIONS)}.")
    return text


def _number(flag: str, name: str, metavar: str, help: str) -> Any:
    return typer.Option(
        flag, parser=number(name), metavar=metavar, help=help, rich_help_panel=PANEL
    )


def _words(flag: str, metavar: str, help: str) -> Any:
    return typer.Option(flag, metavar=metavar, help=help, rich_help_panel=PANEL)


@dataclass(frozen=True, slots=True)
class LightOptions:
    """What the command line says about the light; None and "" leave it to prompt or preset."""

    prompt: Annotated[
        str, _words("--prompt", "TEXT", 'In words, e.g. "golden hour from the left".')
    ] = ""
    preset: Annotated[str, _words("--preset", "NAME", "One of `lav presets`.")] = ""
    file: Annotated[
        Path | None,
        _words(
            "--light",
            "FILE",
            "A light saved with --save-light, instead of a preset. A prompt beside it only "
            "reaches engines that read words.",
        ),
    ] = None
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            parser=direction,
            metavar="DIRECTION",
            help=f"Where it comes from, as seen on screen: {', '.join(DIRECTIONS)}.",
            rich_help_panel=PANEL,
        ),
    ] = None
    azimuth: Annotated[
        float | None,
        _number(
            "--azimuth", "azimuth", "DEG", "0 from the camera, 90 screen right, -90 left, 180 back."
        ),
    ] = None
    elevation: Annotated[
        float | None,
        _number("--elevation", "elevation", "DEG", "Height above the horizon, -90 to 90."),
    ] = None
    kelvin: Annotated[
        float | None,
        _number("--kelvin", "kelvin", "K", "Colour temperature; 5600 keeps the clip's white."),
    ] = None
    tint: Annotated[
        float | None, _number("--tint", "tint", "T", "Green (+) to magenta (-), -50 to 50.")
    ] = None
    stops: Annotated[
        float | None, _number("--stops", "stops", "S", "Brightness of the lamp, in stops.")
    ] = None
    size: Annotated[
        float | None, _number("--size", "size", "S", "Softness, 0 hard to 1 overcast.")
    ] = None
    key_fill: Annotated[
        float | None,
        _number("--key-fill", "key to fill ratio", "R", "Key to fill ratio, e.g. 4."),
    ] = None
    haze: Annotated[
        float | None, _number("--haze", "haze", "H", "Veil of light in the air, 0 to 1.")
    ] = None
    exposure: Annotated[
        float | None,
        _number("--exposure", "exposure", "EV", "Lock the exposure; without it, it is solved."),
    ] = None

    def request(self) -> LightRequest:
        """Raises LavError for a light file that cannot be read."""
        if self.file and self.preset:
            raise typer.BadParameter("Give --light or --preset, not both.", param_hint="--light")
        return LightRequest(
            prompt=self.prompt,
            preset=self.preset,
            light=read_light(self.file) if self.file else None,
            lamp=self._lamp(),
            key_fill=self.key_fill,
            exposure=self.exposure,
            haze=self.haze,
        )

    def _lamp(self) -> LampPatch:
        azimuth, elevation = DIRECTIONS[self.from_] if self.from_ else (None, None)
        return LampPatch(
            azimuth=azimuth if self.azimuth is None else self.azimuth,
            elevation=elevation if self.elevation is None else self.elevation,
            kelvin=self.kelvin,
            tint=self.tint,
            stops=self.stops,
            size=self.size,
        )


def read_light(path: Path) -> Light:
    """A light saved with --save-light."""
    file = path.expanduser()
    try:
        if not file.is_file():  # a pipe would be waited for
            raise FileNotFoundError
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise LavError(
            f"The light {path} cannot be read.", "Give a JSON file written with --save-light."
        ) from None
    try:
        return lightfile.from_json(text)
    except LavError as error:
        raise LavError(f"{path.name}: {error.message}", error.hint, error.code) from None


def takes_light(command: Callable[..., None]) -> Callable[..., None]:
    """Spreads the fields of LightOptions over the options of a command that takes `spoken`."""
    hints = get_type_hints(LightOptions, include_extras=True)
    own = [p for p in signature(command, eval_str=True).parameters.values() if p.name != "spoken"]
    options = [
        Parameter(f.name, Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
        for f in fields(LightOptions)
    ]

    def run(**given: Any) -> None:
        spoken = LightOptions(**{option.name: given.pop(option.name) for option in options})
        command(**given, spoken=spoken)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    run.__annotations__ = {p.name: p.annotation for p in (*own, *options)}
    run.__dict__["__signature__"] = Signature([*own, *options])
    return run
