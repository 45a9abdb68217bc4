"""What the command line says to engines that generate reaches them as it was said."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from lav_client.diffusion import DiffusionOptions, lora
from lav_engine.spec import Delivery, Lora, Mode, Scope


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("/m/a.safetensors", Lora(Path("/m/a.safetensors"))),
        ("/m/a.safetensors:0.6", Lora(Path("/m/a.safetensors"), 0.6)),
        ("/m/a:b/c.safetensors", Lora(Path("/m/a:b/c.safetensors"))),
        ("/m/a:b/c.safetensors:-1", Lora(Path("/m/a:b/c.safetensors"), -1.0)),
    ],
)
def test_a_lora_may_have_a_weight(text: str, meant: Lora):
    assert lora(text) == meant


def test_a_loras_weight_has_a_range():
    with pytest.raises(typer.BadParameter, match="9"):
        lora("/m/a.safetensors:9")


def test_words_fall_back_to_the_lights_own():
    said = DiffusionOptions().options("warm", Scope.both)
    assert said.prompts.relight == "warm"
    own = DiffusionOptions(relight="cold", video="a car", negative="dull", seed=7, mode=Mode.parity)
    said = own.options("warm", Scope.subject)
    assert (said.prompts.relight, said.prompts.video, said.prompts.negative) == (
        "cold",
        "a car",
        "dull",
    )
    assert (said.seed, said.scope, said.diffusion.mode) == (7, Scope.subject, Mode.parity)


def test_a_new_background_comes_as_a_picture():
    assert DiffusionOptions().delivered(Scope.new_background) == Delivery.picture
    assert DiffusionOptions().delivered(Scope.both) == Delivery.light
    given = DiffusionOptions(delivery=Delivery.picture)
    assert given.delivered(Scope.both) == Delivery.picture


@pytest.mark.parametrize(
    ("option", "value"),
    [("--steps", "0"), ("--strength", "1.5"), ("--gamma", "nan"), ("--mode", "fast"),
     ("--seed", "x"), ("--delivery", "film"), ("--image-lora", "a.safetensors:9")],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_value(lav, shot, option: str, value: str):
    result = lav("relight", shot, "--from", "left", option, value)
    assert result.returncode == 2
    assert value.rpartition(":")[2] in result.stderr


def test_draft_refuses_what_it_cannot_make(lav, shot):
    result = lav("relight", shot, "--from", "left", "--delivery", "picture")
    assert result.returncode != 0
    assert "no pictures of its own" in result.stderr
    words = ("--scope", "new-background", "--background-prompt", "a beach")
    result = lav("relight", shot, "--from", "left", *words)
    assert result.returncode != 0
    assert "new_background" in result.stderr
