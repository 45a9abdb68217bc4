"""Small drawn scenes whose light, shape and motion are known."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.base import Step, Window
from lav_engine.engines.draft.engine import DraftEngine
from lav_engine.lightmap import LightFields
from lav_engine.media.colour import encode_bt1886
from lav_engine.spec import Lamp, Light, Options

HEIGHT, WIDTH = 144, 256
RADIUS = 42.0


def card(level: float = 0.18, frames: int = 1) -> NDArray[np.float32]:
    """A flat grey card, scene-linear `level`."""
    value = encode_bt1886(np.full(1, level, np.float32))[0]
    return np.full((frames, HEIGHT, WIDTH, 3), value, np.float32)


def disc(centre_x: float = 128.0) -> NDArray[np.float32]:
    """(H, W) antialiased matte of a disc."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    away = np.hypot(x - centre_x, y - 74.0)
    return np.clip(RADIUS - away + 0.5, 0, 1).astype(np.float32)


def ball(frames: int = 1, speed: float = 0.0) -> NDArray[np.float32]:
    """An orange ball before a mottled grey-blue wall, lit from the camera, moving right."""
    grain = np.random.default_rng(3).normal(0, 0.012, (2 * HEIGHT, 2 * WIDTH)).astype(np.float32)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    pictures = []
    for t in range(frames):
        shift = speed * t
        matte = disc(100.0 + shift)[..., None]
        facing = np.sqrt(np.clip(1 - ((x - 100 - shift) ** 2 + (y - 74) ** 2) / RADIUS**2, 0, 1))
        body = (0.3 + 0.7 * facing)[..., None] * np.array([0.55, 0.22, 0.06], np.float32)
        # Its texture travels with the ball, the wall's stays.
        body = body * (1 + 4 * np.roll(grain, round(shift), 1)[:HEIGHT, :WIDTH, None])
        wall = np.array([0.16, 0.18, 0.22], np.float32) * (1 + 4 * grain[HEIGHT:, WIDTH:, None])
        pictures.append(encode_bt1886((wall + matte * (body - wall)).astype(np.float32)))
    return np.clip(np.stack(pictures), 0, 1).astype(np.float32)


def window(frames: NDArray[np.float32], first: int = 0, mask: NDArray | None = None) -> Window:
    return Window(first, frames, Fraction(24), mask)


def lit(azimuth: float, elevation: float = 0.0, stops: float = 0.0, kelvin: float = 5600) -> Light:
    """One lamp, exposure locked at 0."""
    lamp = Lamp(azimuth=azimuth, elevation=elevation, stops=stops, kelvin=kelvin)
    return Light(lamps=(lamp,), exposure=0.0)


def fields(
    given: Window,
    light: Light,
    options: Options = Options(),
    engine: DraftEngine | None = None,
) -> LightFields:
    steps: list[Step] = list((engine or DraftEngine()).relight(given, light, options))
    assert [step.done for step in steps] == list(range(1, len(given.frames) + 1))
    last = steps[-1].fields
    assert last is not None
    return last
