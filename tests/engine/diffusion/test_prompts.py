"""Words of any length become the embeddings that the paper's code makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import load_file

from lav_engine.engines.diffusion import prompts
from lav_engine.engines.diffusion.prompts import encode_pair, encode_short, relight_prompt

if TYPE_CHECKING:
    from models import Tiny  # pyright: ignore[reportMissingImports]

HERE = Path(__file__).parents[2] / "golden"
FACTS = json.loads((HERE / "c_prompts.json").read_text())
STORED = load_file(HERE / "c_prompts.safetensors")


@pytest.fixture(scope="module")
def text(tiny: Tiny) -> tuple[Any, Any]:
    return tiny.text()


@pytest.mark.parametrize("length", ["short", "long", "exact75"])
def test_gives_what_the_papers_code_gives(text: tuple[Any, Any], length: str) -> None:
    prompt = FACTS["prompts"][length]["prompt"]
    wanted, unwanted = encode_pair(*text, prompt, FACTS["neg"])
    torch.testing.assert_close(wanted, STORED[f"{length}.cond"], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(unwanted, STORED[f"{length}.uncond"], atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("length", ["short", "long", "exact75"])
def test_token_ids_are_the_same(text: tuple[Any, Any], length: str) -> None:
    tokenizer = text[0]
    prompt = FACTS["prompts"][length]["prompt"]
    ids = tokenizer(prompt, truncation=False, add_special_tokens=False).input_ids
    assert ids == STORED[f"{length}.ids"].tolist()


def test_no_words_work(text: tuple[Any, Any]) -> None:
    assert relight_prompt("  ") == prompts.BEST
    assert relight_prompt("neon light") == "neon light, best quality"
    wanted, unwanted = encode_pair(*text, "", "")
    assert wanted.shape == (1, 77, 32)
    assert torch.equal(wanted, unwanted)
    assert encode_short(*text, "").shape == (1, 77, 32)


def test_a_thousand_words_are_all_read(text: tuple[Any, Any]) -> None:
    words = " ".join(["sun", "sea"] * 500)
    wanted, unwanted = encode_pair(*text, words, "")
    other, _ = encode_pair(*text, f"{words} rain", "")
    assert wanted.shape == unwanted.shape
    assert not torch.equal(wanted[:, -77:], other[:, -77:])


def test_the_worst_words_are_the_papers() -> None:
    assert FACTS["neg"] == prompts.WORST
