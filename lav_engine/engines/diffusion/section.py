"""One window through Light-A-Video: frames and a light in, relit frames and their map out."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from lav_engine import lightmap
from lav_engine.engines.base import Step, Window
from lav_engine.engines.diffusion import fusion, iclight, matte
from lav_engine.engines.diffusion.family import Family, Models
from lav_engine.engines.diffusion.iclight import ICLight, Lighting
from lav_engine.engines.diffusion.lightimage import light_images
from lav_engine.engines.diffusion.noise import FrameNoise, Noise, StreamNoise
from lav_engine.engines.diffusion.priors.base import Conditioning
from lav_engine.engines.diffusion.priors.paint import foreground
from lav_engine.engines.diffusion.settings import Settings, settings, wording
from lav_engine.errors import Code, LavError
from lav_engine.light.keyframes import light_at
from lav_engine.lightmap import LightFields
from lav_engine.media.colour import decode_bt1886, encode_bt1886
from lav_engine.pictures import Pictures
from lav_engine.spec import Light, Options

PREVIEW_SIDE = 480  # pixels
APART = 2**64  # from seed to seed of one request, beyond every seed that can be asked for

WAITING = Step(0, 1)  # nothing is lit yet: between the waits of a start it can be cancelled

Frames = NDArray[np.float32]  # (F, H, W, 3) display-referred, [0, 1]


class Section:
    """A window, the models and what they are told. Used once."""

    def __init__(
        self,
        family: Family,
        models: Models,
        window: Window,
        light: Light,
        options: Options,
    ) -> None:
        self._family, self._models = family, models
        self._window, self._light, self._options = window, light, options
        self._settings: Settings = settings(family, options)
        self._matte: matte.Matte | None = None
        self._count = len(window.frames)
        height, width = window.frames.shape[1:3]
        self._size = family.size((width, height), parity=self._settings.is_parity)
        self._fed = family.fitting(self._count)  # frames that the models see

    def steps(self) -> Iterator[Step]:
        """Closing it stops the run, also inside the relighter."""
        now = self._settings
        yield WAITING
        yield from self._outlined()
        yield WAITING
        noise, image_noise = self._noises()
        words = wording(self._options, light_at(self._light, self._window.first).prompt)
        said = self._models.relight_words(words.relight)
        video = self._models.video_words(words.video, words.negative)
        self._models.release_text()
        yield WAITING
        relighter = self._relighter(said, image_noise)
        prior = self._models.prior(parity=now.is_parity, new_background=now.is_new_background)
        source = self._tensor(self._window.frames).to(said[0].device) * 2 - 1
        given = Conditioning(source, *video, noise, now.guidance)
        before = 0
        total = fusion.length(prior, relighter, now.schedule, now.steps)
        if now.is_new_background:
            before = relighter.steps
            total += before
        yield Step(0, total)
        if now.is_new_background:
            given = yield from self._painted(given, relighter, total)
        frames: Tensor | None = None
        with closing(_fused(prior, relighter, given, now)) as run:
            for moment in run:
                frames = moment.frames
                if frames is None:
                    preview = moment.targets and self._preview(moment.targets.fused)
                    yield Step(before + moment.done, total, preview=preview)
        assert frames is not None
        yield self._last(given.source, frames, total)

    def _outlined(self) -> Iterator[Step]:
        """Finds the subject. A broken outline model costs the finer outline, not the take."""
        window, scope = self._window, self._options.scope
        try:
            self._matte = matte.subject(window, scope, self._models.outlines)
        except LavError as error:
            if error.code != Code.model_unusable:
                raise
            yield Step(0, 1, warning=f"{error} Draft's own matte was used instead.")
            self._matte = matte.subject(window, scope)

    def _noises(self) -> tuple[Noise, Noise]:
        """The video model's, by latent frame, and the relighter's, by frame; in parity mode one."""
        seed, first = self._options.seed, self._window.first
        if self._settings.is_parity:
            stream = StreamNoise(seed)
            return stream, stream
        return FrameNoise(seed, first, self._family.stride), FrameNoise(seed + APART, first)

    @torch.no_grad()
    def _relighter(self, said: tuple[Tensor, Tensor], noise: Noise) -> ICLight:
        now, models, given = self._settings, self._models, self._options.diffusion
        media_frames = range(self._window.first, self._window.first + self._fed)
        images = light_images(self._light, media_frames, self._size, given.light_image)
        latents = torch.cat([models.image_vae.encode(iclight.light_tensor(one)) for one in images])
        return ICLight(
            models.relighter_unet(now.gamma, background=given.background),
            models.image_vae,
            Lighting(*said, latents, latents if given.background else None),
            noise,
            iclight.Settings(
                now.relight_steps, now.relight_strength, now.relight_guidance, now.is_parity
            ),
        )

    def _painted(
        self, given: Conditioning, relighter: ICLight, total: int
    ) -> Generator[Step, None, Conditioning]:
        """Before there is a background: the subject relit on grey, for the video to start from."""
        assert self._matte is not None
        mask = self._tensor(self._matte[..., None]).to(given.source)
        if not self._settings.is_parity:  # there, only a mask of pure white keeps anything
            mask = (mask >= matte.SUBJECT).to(mask)
        running = fusion.Returning(relighter(foreground(given.source, mask)))
        for done, _ in enumerate(running, 1):
            yield Step(done, total)
        return replace(given, mask=mask, initial=running.result)

    def _tensor(self, pictures: Frames) -> Tensor:
        """(F, H, W, C) as (F', C, H', W'): the models' size, the last frame held to their count."""
        tensor = torch.from_numpy(np.ascontiguousarray(pictures)).movedim(-1, 1)
        held = tensor[-1:].expand(self._fed - self._count, -1, -1, -1)
        return _resized(torch.cat([tensor, held]), self._size)

    def _frames(self, pixels: Tensor) -> Frames:
        """The other way round, without what was held."""
        height, width = self._window.frames.shape[1:3]
        pixels = _resized(pixels[: self._count].float().cpu(), (width, height))
        return (pixels / 2 + 0.5).clamp(0, 1).movedim(1, -1).numpy()

    def _preview(self, pixels: Tensor) -> Frames:
        """(H, W, 3): the middle frame, small."""
        frame = self._frames(pixels)[self._count // 2]
        scale = min(1.0, PREVIEW_SIDE / max(frame.shape[:2]))
        return cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)

    @torch.no_grad()
    def _last(self, source: Tensor, frames: Tensor, total: int) -> Step:
        vae = self._models.image_vae
        reference = self._frames(vae.decode(vae.encode(source)))  # the same losses: they cancel
        relit = self._frames(frames)
        scope, stops = self._options.scope, self._stops()
        fields = lightmap.from_ratio(relit, reference)
        fields = LightFields(fields.gain + stops, fields.flare)
        share = matte.shown(self._matte, scope, relit.shape[:3])
        return Step(
            total,
            total,
            matte.scoped(fields, self._matte, scope),
            pictures=Pictures(_exposed(relit, stops), share),
        )

    def _stops(self) -> NDArray[np.float32]:
        """(F, 1, 1, 1) exposure"""
        first = self._window.first
        lights = (light_at(self._light, first + t) for t in range(self._count))
        stops = [light.exposure or 0.0 for light in lights]
        return np.array(stops, np.float32).reshape(-1, 1, 1, 1)


def _fused(prior: Any, relighter: ICLight, given: Conditioning, now: Settings) -> Any:
    return fusion.fuse(prior, relighter, given, now.schedule, now.steps)


def _resized(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    width, height = size
    if pixels.shape[-2:] == (height, width):
        return pixels
    return F.interpolate(pixels, (height, width), mode="bicubic", antialias=True)


def _exposed(frames: Frames, stops: NDArray[np.float32]) -> Frames:
    if not stops.any():
        return frames
    return encode_bt1886(decode_bt1886(frames) * np.exp2(stops)).clip(0, 1)
