"""Words to text embeddings for SD 1.5 models, of any length."""

from __future__ import annotations

from math import ceil
from typing import Any

import torch
from torch import Tensor

CHUNK = 75  # words' tokens that CLIP reads at once, between its start and end marks
LENGTH = 77

# IC-Light's own additions (lllyasviel/IC-Light, gradio demos): the relighter's words, not ours.
BEST = "best quality"
WORST = "lowres, bad anatomy, bad hands, cropped, worst quality"


def encode_pair(tokenizer: Any, encoder: Any, prompt: str, negative: str) -> tuple[Tensor, Tensor]:
    """Embeddings (1, 77 * k, width) of both, equally long: the shorter one is repeated."""
    wanted, unwanted = (_encode(tokenizer, encoder, text) for text in (prompt, negative))
    count = max(len(wanted), len(unwanted))
    return _repeated(wanted, count), _repeated(unwanted, count)


def relight_prompt(words: str) -> str:
    """What the relighter reads for an editor's words; no words at all are fine."""
    return f"{words}, {BEST}" if words.strip() else BEST


def encode_short(tokenizer: Any, encoder: Any, text: str) -> Tensor:
    """(1, 77, width) as diffusers' AnimateDiff pipeline encodes: what does not fit is cut off."""
    ids = tokenizer(text, padding="max_length", max_length=LENGTH, truncation=True).input_ids
    return _hidden(encoder, torch.tensor([ids]))


def _encode(tokenizer: Any, encoder: Any, text: str) -> Tensor:
    """(chunks, 77, width)"""
    ids = tokenizer(text, truncation=False, add_special_tokens=False).input_ids
    starts = range(0, max(len(ids), 1), CHUNK)
    rows = [_marked(tokenizer, ids[start : start + CHUNK]) for start in starts]
    return _hidden(encoder, torch.tensor(rows))


def _marked(tokenizer: Any, ids: list[int]) -> list[int]:
    end = tokenizer.eos_token_id
    return ([tokenizer.bos_token_id, *ids, end] + [end] * LENGTH)[:LENGTH]


def _hidden(encoder: Any, ids: Tensor) -> Tensor:
    """The last layer's states, after its norm."""
    return encoder(ids.to(encoder.device)).last_hidden_state


def _repeated(chunks: Tensor, count: int) -> Tensor:
    whole = chunks.repeat(ceil(count / len(chunks)), 1, 1)[:count]
    return whole.flatten(0, 1).unsqueeze(0)
