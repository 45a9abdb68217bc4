"""The Draft engine: reads the scene from a window's frames once, then lights it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator

import numpy as np

from lav_engine.engines.base import Step, Window
from lav_engine.engines.draft import scene, temporal
from lav_engine.engines.draft.lighting import gain_and_flare
from lav_engine.engines.draft.scene import Scene
from lav_engine.light import exposure
from lav_engine.light.keyframes import light_at
from lav_engine.lightmap import LightFields
from lav_engine.media.colour import decode_bt1886
from lav_engine.spec import Light, Options

GAIN_MEMORY = 0.85  # certainty kept over one frame of flow
THIN = np.s_[::2, ::2]  # a quarter of the pixels says as much about exposure
KEPT = 100  # frames whose scenes stay in memory: windows being adjusted, and many previews


class DraftEngine:
    """Keeps the scenes of the last windows by content; what it answers never depends on that."""

    def __init__(self) -> None:
        self._scenes: OrderedDict[bytes, Scene] = OrderedDict()
        self._named: tuple[Window, bytes] | None = None  # the last one that nobody can write to

    def expose(self, anchors: Window, light: Light, options: Options) -> float:
        """EV from anchors far apart in time, each read on its own."""
        relit, mattes = [], []
        for t in range(len(anchors.frames)):
            alone = Window(
                anchors.first + t,
                anchors.frames[t : t + 1],
                anchors.rate,
                None if anchors.mask is None else anchors.mask[t : t + 1],
            )
            read = self._scene(alone)
            now = light_at(light, anchors.first + t)
            gain, _ = gain_and_flare(read, 0, alone.frames[0], now, 0.0, options.scope)
            relit.append(decode_bt1886(alone.frames[0][THIN]) * np.exp2(gain[THIN]))
            mattes.append(read.mattes[0][THIN])
        frames = anchors.frames[:, *THIN]
        weights = exposure.subject_weight(frames, np.stack(mattes).astype(np.float32))
        reference = decode_bt1886(frames)
        return exposure.solve(reference, np.stack(relit), weights, light.bias)

    def relight(self, window: Window, light: Light, options: Options) -> Iterator[Step]:
        count = len(window.frames)
        read = self._scene(window)
        gain = np.empty(window.frames.shape, np.float32)
        flare = np.zeros(window.frames.shape, np.float32)
        for t in range(count):
            now = light_at(light, window.first + t)
            stops = now.exposure if now.exposure is not None else 0.0
            gain[t], flare[t] = gain_and_flare(read, t, window.frames[t], now, stops, options.scope)
            if t + 1 < count:
                yield Step(t + 1, count)
        if not light.keys:  # a light that changes must not be smeared over time
            # Fusing the light along the flow as well takes out what a steady scene leaves.
            steady = temporal.settle(list(gain), [1.0] * count, read.links, GAIN_MEMORY)
            gain = np.stack(steady).astype(np.float32)
        yield Step(count, count, LightFields(gain, flare))

    def glance(
        self, window: Window, media_frame: int, light: Light, options: Options
    ) -> LightFields:
        t = media_frame - window.first
        now = light_at(light, media_frame)
        stops = now.exposure if now.exposure is not None else 0.0
        read, frame = self._scene(window), window.frames[t]
        gain, flare = gain_and_flare(read, t, frame, now, stops, options.scope)
        return LightFields(gain[None], np.ascontiguousarray(flare[None], np.float32))

    def _scene(self, window: Window) -> Scene:
        key = self._name(window)
        if key not in self._scenes:
            room = KEPT - len(window.frames)
            while self._scenes and sum(len(s.mattes) for s in self._scenes.values()) > room:
                self._scenes.popitem(last=False)
            self._scenes[key] = scene.read(window)
        self._scenes.move_to_end(key)
        return self._scenes[key]

    def _name(self, window: Window) -> bytes:
        """By content, which takes longer than lighting a frame does where a window is large."""
        if self._named is None or self._named[0] is not window:
            key = _content(window)
            if window.frames.flags.writeable:
                return key
            self._named = window, key
        return self._named[1]


def _content(window: Window) -> bytes:
    digest = hashlib.blake2b(str((window.first, window.frames.shape)).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(window.frames).tobytes())
    if window.mask is not None:
        digest.update(np.ascontiguousarray(window.mask).tobytes())
    return digest.digest()
