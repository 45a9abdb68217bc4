"""Every random number of a diffusion run, in one place, so that a run can be replayed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor


class Noise(Protocol):
    """Standard normal draws: float32, made on the CPU so that every device sees the same."""

    def draw(self, shape: Sequence[int], frames: int | None) -> Tensor:
        """`frames` is the axis that runs over (latent) frames; None: one draw for all of them."""
        ...

    def step(self, scheduler: Any, output: Tensor, time: Tensor, sample: Tensor) -> Tensor:
        """`scheduler.step` for one that draws for itself, (1, C, F, h, w) to the same."""
        ...


class StreamNoise:
    """One stream in the order of asking, as the reference draws on a CPU."""

    def __init__(self, seed: int) -> None:
        self._stream = torch.Generator().manual_seed(seed)

    def draw(self, shape: Sequence[int], frames: int | None) -> Tensor:
        return torch.randn(*shape, generator=self._stream)

    def step(self, scheduler: Any, output: Tensor, time: Tensor, sample: Tensor) -> Tensor:
        return scheduler.step(output, time, sample, generator=self._stream).prev_sample


class FrameNoise:
    """A stream per draw and media frame.

    Windows that share a frame give it the same noise, so they agree on it as far as the model lets
    them, and a window's result does not depend on which window ran before. The idea of noise that
    belongs to frames is FreeNoise's (arXiv 2310.15169).
    """

    def __init__(self, seed: int, first: int, stride: int = 1) -> None:
        """Latent frame j shows media frame `first` + j * `stride`."""
        self._seed, self._first, self._stride = seed, first, stride
        self._draws = 0

    def draw(self, shape: Sequence[int], frames: int | None) -> Tensor:
        if frames is None:
            self._draws += 1
            return torch.randn(*shape, generator=self._generator(None))
        rest = [size for axis, size in enumerate(shape) if axis != frames]
        streams = self._streams(shape[frames])
        return torch.stack([torch.randn(*rest, generator=one) for one in streams], dim=frames)

    def step(self, scheduler: Any, output: Tensor, time: Tensor, sample: Tensor) -> Tensor:
        # A list of generators belongs to the batch axis, so the frames become the batch.
        output, sample = output[0].movedim(1, 0), sample[0].movedim(1, 0)
        streams = self._streams(len(sample))
        stepped = scheduler.step(output, time, sample, generator=streams).prev_sample
        return stepped.movedim(0, 1).unsqueeze(0)

    def _streams(self, count: int) -> list[torch.Generator]:
        self._draws += 1
        return [self._generator(self._first + j * self._stride) for j in range(count)]

    def _generator(self, media_frame: int | None) -> torch.Generator:
        name = f"{self._seed} {self._draws} {media_frame}".encode()
        digest = hashlib.blake2b(name, digest_size=8).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)
