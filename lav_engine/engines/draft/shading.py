"""Lamps on a guessed scene: how much light arrives at each pixel, linear in every lamp.

A surface square to a lamp of 0 stops receives exactly 1, so such a light leaves a grey card alone.
Subject and background are shaded apart and joined by the matte: one surface would give every head
a dark aura on the wall behind it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.light.directions import direction_vector
from lav_engine.light.lamp_colour import lamp_rgb
from lav_engine.spec import Lamp, Light

Field = NDArray[np.float32]

BOUNCE = 0.1  # share of a lamp that arrives from everywhere, sent back by walls and ground
DISTANCE = 5.0  # half-frames to a lamp: how fast light falls off across the picture
WALL_WRAP = 0.8  # a background is no single wall: it catches light from any side
RIM = 0.6  # a lamp behind the subject lights its outline
SHADOW = 0.6  # how much of a lamp the subject's own body may take away
PENUMBRA = 0.22
KNEE = 0.02
REACHES = (0.03, 0.06, 0.1, 0.16, 0.24, 0.34)  # half-frames: where a body may shade itself


@dataclass(frozen=True, slots=True)
class Surface:
    """What light falls on in one frame; see `geometry` for units."""

    matte: Field  # (H, W)
    subject: Field  # (H, W, 3) unit normals
    background: Field  # (H, W, 3) unit normals
    rise: Field  # (H, W) height of the subject over the picture plane
    x: Field  # (H, W)
    y: Field


def received(surface: Surface, light: Light) -> Field:
    """(H, W, 3) linear light arriving, per channel."""
    ambient = light.ambient
    total = np.zeros((*surface.matte.shape, 3), np.float32)
    if ambient.stops is not None:
        even = 0.8 + 0.2 * surface.subject[..., 2] * surface.matte + 0.2 * (1 - surface.matte)
        total += even[..., None] * _power(ambient.stops, lamp_rgb(ambient, light.source_white))
    for lamp in light.lamps:
        arriving = _arriving(surface, lamp)
        total += arriving[..., None] * _power(lamp.stops, lamp_rgb(lamp, light.source_white))
    return total


def haze(surface: Surface, light: Light, luma: Field) -> Field:
    """(H, W, 3) scene-linear veil from the lamps' side, thin over black scenes.

    luma: (H, W) scene-linear.
    """
    veil = np.zeros((*surface.matte.shape, 3), np.float32)
    if light.haze == 0:
        return veil
    width = surface.matte.shape[1]
    seen = cv2.GaussianBlur(np.minimum(luma, 0.3), (0, 0), width / 10)
    density = 0.3 + 0.7 * smoothstep(0.0, 0.12, seen)
    for lamp in light.lamps:
        dx, dy, _ = direction_vector(lamp.azimuth, lamp.elevation)
        toward = np.clip(0.5 + 0.5 * (surface.x * dx + surface.y * dy), 0, 1) ** 2.2
        glow = light.haze * density * toward * (1 - 0.5 * surface.matte)
        veil += glow[..., None] * _power(lamp.stops, lamp_rgb(lamp, light.source_white))
    return cv2.GaussianBlur(veil, (0, 0), width / 64)


def smoothstep(low: float, high: float, value: Field) -> Field:
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _power(stops: float, rgb: tuple[float, float, float]) -> Field:
    return np.float32(2.0**stops) * np.asarray(rgb, np.float32)


def _arriving(surface: Surface, lamp: Lamp) -> Field:
    """(H, W) of one lamp at 0 stops, white."""
    toward = np.asarray(direction_vector(lamp.azimuth, lamp.elevation), np.float32)
    if lamp.at is None:
        fall = _falloff(surface, toward)
        on_subject = surface.subject @ toward
        on_background = surface.background @ toward
    else:
        offset, fall = _practical(surface, lamp)
        on_subject = np.einsum("yxc,yxc->yx", surface.subject, offset)
        on_background = np.einsum("yxc,yxc->yx", surface.background, offset)
    direct = _facing(on_subject, lamp.size)
    direct *= 1 - surface_shadow(surface, toward, lamp.size)
    direct += _rim(surface, toward)
    wall = _facing(on_background, WALL_WRAP + (1 - WALL_WRAP) * lamp.size)
    lit = surface.matte * direct + (1 - surface.matte) * wall
    return fall * ((1 - BOUNCE) * lit + BOUNCE)


def _facing(cosine: Field, size: float) -> Field:
    """Light on a surface: Lambert for a point, (1 + cos) / 2 for a whole sky; 1 where square to it.

    The knee is eased, since no shape here is known well enough for a hard terminator.
    """
    wrapped = (cosine + size) / (1 + size)
    knee = KNEE * (1 - wrapped) ** 2
    return 0.5 * (wrapped + np.sqrt(wrapped * wrapped + knee))


def _falloff(surface: Surface, toward: Field) -> Field:
    """Nearer the lamp's side is brighter; 1 in the middle of the picture."""
    along = surface.x * toward[0] + surface.y * toward[1]
    return np.square(DISTANCE / (DISTANCE - along)).astype(np.float32)


def _practical(surface: Surface, lamp: Lamp) -> tuple[Field, Field]:
    """Direction (H, W, 3) to a lamp in the picture, and its falloff, 1 at the lamp."""
    assert lamp.at is not None
    height, width = surface.matte.shape
    half = max(height, width) / 2
    lamp_x = (lamp.at[0] - 0.5) * width / half
    lamp_y = (0.5 - lamp.at[1]) * height / half
    radius = lamp.radius * height / half
    dx, dy = lamp_x - surface.x, lamp_y - surface.y
    dz = np.full_like(dx, 0.6 * radius)
    away = np.sqrt(dx * dx + dy * dy + dz * dz)
    fall = radius**2 / (radius**2 + dx * dx + dy * dy)
    return np.dstack([dx, dy, dz]) / away[..., None], fall.astype(np.float32)


def surface_shadow(surface: Surface, toward: Field, size: float) -> Field:
    """(H, W) 0..1: how much of the lamp the subject's own body hides, by marching over its height."""
    height, width = surface.rise.shape
    across = float(np.hypot(toward[0], toward[1]))
    if across < 0.05:
        return np.zeros_like(surface.rise)
    scale = min(1.0, 192 / max(height, width))
    rise = cv2.resize(surface.rise, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    half = max(rise.shape) / 2
    climb = max(0.12, float(toward[2])) / across
    hidden = np.zeros_like(rise)
    for reach in REACHES:
        shift = np.array(
            [[1, 0, toward[0] / across * reach * half], [0, 1, -toward[1] / across * reach * half]],
            np.float32,
        )
        nearer = cv2.warpAffine(
            rise,
            shift,
            rise.shape[::-1],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        hidden = np.maximum(hidden, nearer - rise - reach * climb)
    hidden = cv2.GaussianBlur(hidden, (0, 0), max(rise.shape) * (0.012 + 0.03 * size))
    shade = SHADOW * smoothstep(0.0, PENUMBRA, hidden)
    return cv2.resize(shade, (width, height), interpolation=cv2.INTER_LINEAR)


def _rim(surface: Surface, toward: Field) -> Field:
    """A lamp behind grazes the outline on its side."""
    behind = max(0.0, -float(toward[2]))
    if behind == 0:
        return np.zeros_like(surface.rise)
    edge = np.clip(1 - 1.15 * surface.subject[..., 2], 0, 1) ** 1.5
    across = float(np.hypot(toward[0], toward[1]))
    side = surface.subject[..., :2] @ (toward[:2] / max(across, 1e-3))
    reached = (1 - across) + across * np.clip(side, 0, 1)
    return np.float32(RIM * behind) * edge * reached * surface.matte
