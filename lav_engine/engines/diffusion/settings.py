"""A request's settings with the engine's own where it leaves them out."""

from __future__ import annotations

from dataclasses import dataclass

from lav_engine.engines.diffusion import schedule
from lav_engine.engines.diffusion.family import Defaults, Family
from lav_engine.engines.diffusion.schedule import LEVELS, PAINT, Schedule, Steps
from lav_engine.errors import Code, LavError
from lav_engine.spec import Diffusion, Mode, Options, Scope

NEW_BACKGROUND = Defaults(steps=50, strength=0.5, guidance=4.0, gamma=0.5)
RELIGHT_STEPS, RELIGHT_STRENGTH, RELIGHT_GUIDANCE = 15, 0.9, 2.0
NEGATIVE = "bad quality, worse quality"  # of the reference's examples


@dataclass(frozen=True, slots=True)
class Settings:
    schedule: Schedule
    steps: Steps  # of the video model
    guidance: float
    gamma: float
    relight_steps: int
    relight_strength: float
    relight_guidance: float
    is_parity: bool
    is_new_background: bool


@dataclass(frozen=True, slots=True)
class Wording:
    """What each model reads."""

    relight: str  # "" is fine
    video: str
    negative: str


def settings(family: Family, options: Options) -> Settings:
    """Values out of range were refused before (`lav_engine.settings`).

    Raises LavError for steps that the strength spreads over more noise levels than there are.
    """
    given: Diffusion = options.diffusion
    is_new = options.scope == Scope.new_background
    defaults = NEW_BACKGROUND if is_new else family.defaults
    steps = _or(given.steps, defaults.steps)
    strength = _or(given.strength, defaults.strength)
    is_parity = given.mode == Mode.parity
    count = schedule.generating if is_new else schedule.relighting
    relight_steps = _or(given.relight_steps, RELIGHT_STEPS)
    relight_strength = _or(given.relight_strength, RELIGHT_STRENGTH)
    if not is_new:
        _check_levels("steps", steps, strength)
    _check_levels("relighting steps", relight_steps, relight_strength)
    return Settings(
        schedule=PAINT if is_new else family.schedule,
        steps=count(steps, strength, parity=is_parity),
        guidance=_or(given.guidance, defaults.guidance),
        gamma=_or(given.gamma, defaults.gamma),
        relight_steps=relight_steps,
        relight_strength=relight_strength,
        relight_guidance=_or(given.relight_guidance, RELIGHT_GUIDANCE),
        is_parity=is_parity,
        is_new_background=is_new,
    )


def _check_levels(words: str, count: int, strength: float) -> None:
    total = schedule.relighting(count, strength, parity=False).total
    if total > LEVELS:
        raise LavError(
            f"{count} {words} at a strength of {strength} need {total} noise levels, and the "
            f"models know at most {LEVELS}.",
            "Raise the strength or lower the number of steps.",
            Code.bad_value,
        )


def wording(options: Options, prompt: str) -> Wording:
    """`prompt` is the light's own, for when none is meant for a model alone."""
    prompts = options.prompts
    relight = prompts.relight or prompt
    video = prompts.video or relight
    if options.scope == Scope.new_background:
        video = prompts.background
    return Wording(relight, video, prompts.negative or NEGATIVE)


def _or(value, default):
    return default if value is None else value
