"""Consistent Light Attention (arXiv 2502.08590, section 3.2) as a diffusers attention processor.

In the relighter's self-attention a share gamma of each frame's answer is taken from keys and values
averaged over all frames of the window, which steadies the light across them.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from diffusers.models.attention_processor import Attention
from torch import Tensor, nn

# attn1 of these blocks only, as in the reference (src/light_a_video scripts, commit 1b44482): the
# coarse half of the decoder, h/4 and h/2, where light lives and detail does not.
BLOCKS = ("up_blocks.1.", "up_blocks.2.")
CHUNK_BYTES = 64 << 20  # of queries, keys and values attended to at once


class ConsistentLightAttention:
    """Self-attention over (halves * F, tokens, width), F frames of each guidance half.

    The mean always runs over all F frames of a half; only the attention itself goes in chunks of
    frames, so memory does not grow with the window. F = 1 or gamma = 0 is plain attention, exactly.
    """

    def __init__(self, gamma: float, halves: int = 1) -> None:
        self.gamma, self.halves = gamma, halves

    def __call__(
        self,
        attn: Any,  # diffusers' Attention; its layers are typed as optional
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
        **_: Any,
    ) -> Tensor:
        assert encoder_hidden_states is None, "light attention belongs to self-attention"
        assert attention_mask is None, "light attention takes no mask"
        heads = attn.heads
        query, key, value = (
            _split(project(hidden_states), heads) for project in (attn.to_q, attn.to_k, attn.to_v)
        )
        frames = len(hidden_states) // self.halves
        answer = self._attend(query, key, value, frames).to(query.dtype)
        output = attn.to_out[1](attn.to_out[0](_joined(answer)))
        if attn.residual_connection:
            output = output + hidden_states
        return output / attn.rescale_output_factor

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, frames: int) -> Tensor:
        alone = _chunked(query, key, value)
        if self.gamma == 0 or frames == 1:
            return alone
        parts = []
        for q, k, v in zip(
            query.split(frames), key.split(frames), value.split(frames), strict=True
        ):
            mean_key, mean_value = k.mean(0, keepdim=True), v.mean(0, keepdim=True)
            parts.append(_chunked(q, mean_key, mean_value))
        return (1 - self.gamma) * alone + self.gamma * torch.cat(parts)


def light_layers(unet: nn.Module) -> list[str]:
    """Names of the six self-attention layers that steady the light, in order."""
    return [
        name
        for name, module in unet.named_modules()
        if isinstance(module, Attention) and name.startswith(BLOCKS) and name.endswith(".attn1")
    ]


def steady(unet: Any, gamma: float) -> None:
    """Gives the six layers of a `UNet2DConditionModel` light attention; the rest stay as is."""
    processors = dict(unet.attn_processors)
    for name in light_layers(unet):
        processors[f"{name}.processor"] = ConsistentLightAttention(gamma)
    unet.set_attn_processor(processors)


def _split(projected: Tensor, heads: int) -> Tensor:
    """(B, tokens, heads * d) to (B, heads, tokens, d)."""
    return projected.unflatten(-1, (heads, -1)).transpose(1, 2)


def _joined(answer: Tensor) -> Tensor:
    return answer.transpose(1, 2).flatten(2)


def _chunked(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Attention a few frames at a time; a single key frame serves all of them."""
    size = 3 * query[0].numel() * query.element_size()
    step = max(CHUNK_BYTES // max(size, 1), 1)
    if len(key) == 1:
        key, value = key.expand(len(query), -1, -1, -1), value.expand(len(query), -1, -1, -1)
    parts = [
        F.scaled_dot_product_attention(q, k, v)
        for q, k, v in zip(query.split(step), key.split(step), value.split(step), strict=True)
    ]
    return parts[0] if len(parts) == 1 else torch.cat(parts)
