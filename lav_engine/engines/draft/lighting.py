"""From a scene and a light to gain and flare: the light that arrives, over the light that was."""

from __future__ import annotations

import cv2
import numpy as np

from lav_engine.engines.draft import delight, shading
from lav_engine.engines.draft.pixels import Field, enlarge, places, shrink
from lav_engine.engines.draft.scene import Scene
from lav_engine.engines.draft.shading import Normals, Surface
from lav_engine.media.colour import LUMA_709, decode_bt1886
from lav_engine.smoothstep import smoothstep
from lav_engine.spec import Light, Scope

DARKEST = 2.0**-9  # of a lamp; keeps the gain finite where nothing arrives
GROUND = 0.5  # how far the lower picture leans up, as a floor does
VEIL_SIDE = 128  # long side at which haze is made
BRIGHT = 0.8**2.4  # linear level from which delivery rolls off
SPARED, SPARED_SIDE, SPARED_BLUR = 0.6, 96, 2.0  # share; long side; pixels there
CLIPPING = (0.88, 1.0)  # display level from where on a source's colour is going, and gone


def gain_and_flare(
    scene: Scene, t: int, frame: Field, light: Light, stops: float, scope: Scope
) -> tuple[Field, Field]:
    """Gain in stops and scene-linear flare, (H, W, 3) each, of frame `t`; `stops` of exposure."""
    surface = _surface(scene, t)
    slopes = scene.slopes[t]
    old = delight.old_light(slopes, surface.subject, surface.x, surface.y) * surface.matte
    arriving = np.maximum(shading.received(surface, light), np.float32(DARKEST))
    gain = np.log2(arriving)
    _untint(gain, arriving, frame)
    gain += (np.float32(stops) - np.float32(scene.texture) * old)[..., None]
    gain -= _spared(gain, frame)[..., None]
    flare = _flare(frame, light, surface.matte) * np.float32(2.0**stops)
    if scope is not Scope.both:
        share = surface.matte if scope is Scope.subject else 1 - surface.matte
        gain *= share[..., None]
        flare = flare * share[..., None]
    return gain, flare


def _surface(scene: Scene, t: int) -> Surface:
    matte = scene.mattes[t].astype(np.float32)
    height, width = matte.shape
    x, y = places(height, width)
    subject = scene.balloons[t].normals(height, width)
    lean = np.float32(GROUND * scene.texture) * smoothstep(0.0, 0.9, -y)
    background = _unit(np.zeros_like(x), lean, np.ones_like(x))
    hollows = enlarge(scene.hollows[t][..., 0], width, height) * np.float32(scene.texture)
    return Surface(matte, subject, background, hollows, x, y)


def _unit(x: Field, y: Field, z: Field) -> Normals:
    near = 1 / np.sqrt(x * x + y * y + z * z)
    return x * near, y * near, z * near


def _untint(gain: Field, arriving: Field, frame: Field) -> None:
    """Where the source clips its colour is unknown: white keeps its hue, takes the level."""
    peak = np.maximum(np.maximum(frame[..., 0], frame[..., 1]), frame[..., 2])
    lost = np.float32(0.7) * smoothstep(*CLIPPING, peak)
    level = np.log2(arriving @ LUMA_709)
    for channel in range(3):
        gain[..., channel] += lost * (level - gain[..., channel])


def _spared(gain: Field, frame: Field) -> Field:
    """(H, W) stops, smooth, less of which bright places need not be rolled off: they keep their
    detail and hue. Never more than what the light adds.
    """
    height, width = gain.shape[:2]
    level, rise = shrink(decode_bt1886(frame), SPARED_SIDE), shrink(gain, SPARED_SIDE)
    over = np.log2(np.maximum(level, np.float32(1e-4))) + rise - np.float32(np.log2(BRIGHT))
    over = np.clip(np.minimum(over, rise).max(axis=-1), 0, None)
    wide = cv2.dilate(over, np.ones((3, 3), np.uint8))
    soft = cv2.GaussianBlur(wide, (0, 0), SPARED_BLUR, borderType=cv2.BORDER_REFLECT)
    return enlarge(np.asarray(soft, np.float32), width, height) * np.float32(SPARED)


def _flare(frame: Field, light: Light, matte: Field) -> Field:
    height, width = matte.shape
    if light.haze == 0:
        return np.broadcast_to(np.zeros(3, np.float32), (height, width, 3))
    small = shrink(frame, VEIL_SIDE)
    x, y = places(*small.shape[:2])
    luma = decode_bt1886(small) @ LUMA_709
    thin = shading.veil(light, luma, shrink(matte, VEIL_SIDE), x, y)
    return enlarge(thin, width, height)
