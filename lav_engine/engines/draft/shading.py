"""Lamps on a guessed scene: how much light arrives at each pixel, linear in every lamp.

A surface square to a lamp of 0 stops receives exactly 1, so such a light leaves a grey card alone.
Subject and background are shaded apart and joined by the matte: one surface would give every head
a dark aura on the wall behind it. Constants marked * are fitted to rendered scenes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lav_engine.engines.draft.pixels import Field
from lav_engine.light.directions import direction_vector
from lav_engine.light.lamp_colour import lamp_power, lamp_rgb
from lav_engine.smoothstep import smoothstep
from lav_engine.spec import Lamp, Light, Role

Normals = tuple[Field, Field, Field]  # x right, y up, z toward the camera; unit length

BOUNCE = 0.08  # * share of a lamp that arrives from everywhere, sent back by walls and ground
DISTANCE = 4.5  # * half-frames to a lamp: how fast light falls off across the picture
NEAR = 1.6  # half-frames: a practical lamp out of the picture stands beside the subject
BEHIND = 0.4  # of its light reaches the background, which stands farther off
WALL_WRAP = 0.8  # * a background is no single wall: it catches light from any side
KNEE = 0.02  # * no shape here is known well enough for a hard terminator
HOLLOW = 1.0  # * a lamp straight above finds hollows as much darker again
NEARER = 0.8  # haze lies before the background; little of it between the camera and the subject
RIM = 0.6  # a lamp behind the subject lights its outline


@dataclass(frozen=True, slots=True)
class Surface:
    """What light falls on in one frame; see `geometry` for units."""

    matte: Field  # (H, W)
    subject: Normals
    background: Normals
    hollows: Field  # (H, W) stops
    x: Field  # (H, W)
    y: Field


def received(surface: Surface, light: Light) -> Field:
    """(H, W, 3) linear light arriving, per channel."""
    total = np.zeros((*surface.matte.shape, 3), np.float32)
    ambient = light.ambient
    if ambient.stops is not None:
        power = 2.0**ambient.stops
        even = 1 - 0.2 * surface.matte * (1 - surface.subject[2])
        _add(total, even, power, lamp_rgb(ambient, light.source_white))
    for lamp in light.lamps:
        arriving = _arriving(surface, lamp)
        _add(total, arriving, lamp_power(lamp), lamp_rgb(lamp, light.source_white))
    return total


def veil(light: Light, luma: Field, matte: Field, x: Field, y: Field) -> Field:
    """(h, w, 3) scene-linear haze from the lamps' side, thin over black scenes. Low frequency.

    luma: (h, w) scene-linear; all fields at any one size, since nothing here is sharp.
    """
    total = np.zeros((*luma.shape, 3), np.float32)
    seen = cv2.GaussianBlur(np.minimum(luma, 0.3), (0, 0), max(luma.shape) / 10)
    density = 0.1 + 0.9 * smoothstep(0.0, 0.12, np.asarray(seen, np.float32))
    for lamp in light.lamps:
        dx, dy, _ = direction_vector(lamp.azimuth, lamp.elevation)
        toward = np.clip(0.5 + 0.5 * (x * dx + y * dy), 0, 1) ** 2.2
        glow = light.haze * density * toward * (1 - NEARER * matte)
        _add(total, glow, lamp_power(lamp), lamp_rgb(lamp, light.source_white))
    return np.asarray(cv2.GaussianBlur(total, (0, 0), max(luma.shape) / 64), np.float32)


def _add(total: Field, light: Field, power: float, rgb: tuple[float, float, float]) -> None:
    for channel, gain in enumerate(rgb):
        total[..., channel] += light * np.float32(power * gain)


def _arriving(surface: Surface, lamp: Lamp) -> Field:
    """(H, W) of one lamp at 0 stops, white."""
    tx, ty, tz = direction_vector(lamp.azimuth, lamp.elevation)
    if lamp.at is None:
        along = surface.x * np.float32(tx) + surface.y * np.float32(ty)
        distance = np.float32(NEAR if lamp.role is Role.practical else DISTANCE)
        fall = np.square(distance / np.maximum(distance - along, 0.3))
        toward = np.float32(tx), np.float32(ty), np.float32(tz)
    else:
        toward, fall = _from_picture(surface, lamp)
    direct = _facing(_cosine(surface.subject, toward), lamp.size)
    if lamp.at is None and ty > 0:
        direct *= np.exp2(np.float32(HOLLOW * ty * ty) * surface.hollows)
    if tz < 0 and lamp.at is None:
        direct += _rim(surface.subject, tx, ty, tz)
    wall = _facing(_cosine(surface.background, toward), WALL_WRAP + (1 - WALL_WRAP) * lamp.size)
    if lamp.role is Role.practical and lamp.at is None:
        wall *= np.float32(BEHIND)
    lit = wall + surface.matte * (direct - wall)
    return fall * ((1 - BOUNCE) * lit + BOUNCE)


def _cosine(normals: Normals, toward: tuple) -> Field:
    return normals[0] * toward[0] + normals[1] * toward[1] + normals[2] * toward[2]


def _facing(cosine: Field, size: float) -> Field:
    """Light on a surface: Lambert for a point, (1 + cos) / 2 for a whole sky; 1 where square to it.

    A lamp of middling size reaches little around the edge, hence the square.
    """
    wrap = np.float32(size * size)
    wrapped = (cosine + wrap) / (1 + wrap)
    knee = np.float32(KNEE) * np.square(1 - wrapped)
    return np.float32(0.5) * (wrapped + np.sqrt(np.square(wrapped) + knee))


def _from_picture(surface: Surface, lamp: Lamp) -> tuple[Normals, Field]:
    """Direction to a practical lamp in the picture, and its falloff, 1 at the lamp."""
    assert lamp.at is not None
    height, width = surface.matte.shape
    half = max(height, width) / 2
    radius = np.float32(max(lamp.radius, 0.01) * height / half)
    dx = np.float32((lamp.at[0] - 0.5) * width / half) - surface.x
    dy = np.float32((0.5 - lamp.at[1]) * height / half) - surface.y
    apart = dx * dx + dy * dy
    near = 1 / np.sqrt(apart + np.square(0.6 * radius))
    return (dx * near, dy * near, 0.6 * radius * near), radius**2 / (radius**2 + apart)


def _rim(normals: Normals, tx: float, ty: float, tz: float) -> Field:
    """A lamp behind grazes the outline on its side."""
    edge = np.square(np.clip(1 - 1.15 * normals[2], 0, 1))
    across = float(np.hypot(tx, ty))
    side = (normals[0] * np.float32(tx) + normals[1] * np.float32(ty)) / max(across, 1e-3)
    reached = (1 - across) + across * np.clip(side, 0, 1)
    return np.float32(-RIM * tz) * edge * reached
