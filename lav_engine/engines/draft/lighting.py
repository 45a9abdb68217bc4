"""From a scene and a light to gain and flare: the light that arrives, over the light that was."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.engines.draft import delight, geometry, shading
from lav_engine.engines.draft.scene import Scene
from lav_engine.engines.draft.shading import Surface, smoothstep
from lav_engine.media.colour import LUMA_709, decode_bt1886
from lav_engine.spec import Light, Scope

Field = NDArray[np.float32]

DARKEST = 2.0**-9  # of a lamp; keeps the gain finite where nothing arrives
RELIEF = 0.3  # share of the guessed relief that is believed on the subject
RELIEF_BEHIND = 0.22
STEEP = 1.0
UPRIGHT = 0.65
GROUND = 0.5  # how far the lower picture leans up, as a floor does


def gain_and_flare(
    scene: Scene, t: int, frame: Field, light: Light, stops: float, scope: Scope
) -> tuple[Field, Field]:
    """Gain in stops and scene-linear flare, (H, W, 3) each, of frame `t`; `stops` of exposure."""
    surface = _surface(scene, t)
    linear = decode_bt1886(frame)
    arriving = shading.received(surface, light)
    gain = np.log2(np.maximum(arriving, DARKEST))
    old = delight.old_light(scene.slopes[t], surface.matte, surface.subject, surface.x, surface.y)
    gain += (np.float32(stops) - scene.texture * old)[..., None]
    gain = _untinted(gain, frame)
    flare = shading.haze(surface, light, linear @ LUMA_709) * np.float32(2.0**stops)
    if scope is not Scope.both:
        share = surface.matte if scope is Scope.subject else 1 - surface.matte
        gain, flare = gain * share[..., None], flare * share[..., None]
    return gain, flare


def _surface(scene: Scene, t: int) -> Surface:
    matte = scene.mattes[t].astype(np.float32)
    height, width = matte.shape
    x, y = geometry.places(height, width)
    fold = scene.reliefs[t].astype(np.float32)
    body = scene.balloons[t].normals(height, width)
    subject = np.dstack(
        [
            np.float32([STEEP, STEEP * UPRIGHT]) * body[..., :2] - RELIEF * fold * body[..., 2:],
            body[..., 2],
        ]
    )
    subject /= np.linalg.norm(subject, axis=-1, keepdims=True)
    lean = np.float32(GROUND * scene.texture) * smoothstep(0.0, 0.9, -y)
    behind = np.dstack([-RELIEF_BEHIND * fold, np.ones_like(x)])
    behind[..., 1] += lean
    behind /= np.linalg.norm(behind, axis=-1, keepdims=True)
    return Surface(matte, subject, behind, scene.balloons[t].rise(height, width), x, y)


def _untinted(gain: Field, frame: Field) -> Field:
    """Near clipping the source's colour is unknown: its white takes the lamp's level, less its hue."""
    peak = cv2.GaussianBlur(frame.max(-1), (0, 0), 1.0)
    lost = 0.7 * smoothstep(0.88, 1.0, peak)
    level = np.log2(np.exp2(gain) @ LUMA_709)
    return gain + lost[..., None] * (level[..., None] - gain)
