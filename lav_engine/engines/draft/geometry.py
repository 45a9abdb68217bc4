"""The shape of things, guessed: a matte blown up like a balloon, hollows where it is darker.

Lengths are in half-frames (half the picture's long side), x right, y up, z toward the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from lav_engine.engines.draft.pixels import Field, enlarge, log_luma, shrink

INFLATE_SIDE = 128  # long side of the grid on which shape is found
DEEPEST = 0.9  # * half-frames: wider bodies than this stay flatter than round
UPRIGHT = (0.14, 0.7)  # * the same from top to bottom of what stands, and how much less it curves
HOLLOW_SIDE = 64  # long side of the grid on which hollows are found
ALIKE = 8.0  # CIELAB steps of hue within which two places are the same thing
LIGHTNESS = 5.0  # such steps per stop: the same thing may be lit differently
AROUND = 6.0  # pixels of the grid of hollows to which each is compared
HOLLOW = (-1.0, 0.5)  # stops
FAINT = 1e-4  # half-frames squared


@dataclass(frozen=True, slots=True)
class Balloon:
    """An inflated matte: h**2 and half its slope, which stay smooth where h ends in a cliff."""

    square: Field  # (h, w) height squared, half-frames squared
    slope: Field  # (h, w, 2) gradient of `square` / 2, x right and y up, half-frames

    def normals(self, height: int, width: int) -> tuple[Field, Field, Field]:
        """Unit normals, (H, W) each; a disc gives nearly the sphere's own."""
        slope = enlarge(self.slope, width, height)
        square = np.maximum(enlarge(self.square, width, height), 0)
        x, y = -slope[..., 0], -slope[..., 1]
        near = 1 / np.sqrt(x * x + y * y + square + np.float32(1e-6))
        return x * near, y * near, np.sqrt(square + np.float32(1e-6)) * near


def inflate(matte: Field) -> Balloon:
    """Solves lap(u) = -4 inside the matte, u = 0 outside; sqrt(u) of a disc is a hemisphere.

    The frame's edge is a mirror: a body cut by it goes on. `DEEPEST` screens the equation.
    """
    mask = shrink(matte, INFLATE_SIDE)
    square, upright = _blown_up(mask, DEEPEST), _blown_up(mask, UPRIGHT[0])
    (right, down), (_, down_upright) = _slopes(square), _slopes(upright)
    # The tilt of the upright body, on the height of the round one.
    tilt = UPRIGHT[1] * np.sqrt((square + np.float32(FAINT)) / (upright + np.float32(FAINT)))
    down += np.float32(_standing(mask)) * (tilt * down_upright - down)
    return Balloon(square, np.dstack([right, -down]))


def hollows(display: Field, matte: Field) -> Field:
    """(h, w) stops by which a place on the subject is darker than what is alike around it, smooth.

    Most light comes from above, so these lie in the shade of something: under a chin, a brow, an
    arm. Negative in a hollow. display: (h, w, 3) and matte: (h, w), on the grid.
    """
    stops = log_luma(display) * np.float32(1 / np.log(2))
    hue = np.asarray(cv2.cvtColor(display, cv2.COLOR_RGB2Lab), np.float32)[..., 1:]
    apart = np.float32(10 * ALIKE) * (1 - matte)  # the background is never alike
    thing = np.dstack([hue[..., 0] + apart, hue[..., 1], stops * np.float32(LIGHTNESS)])
    alike = cv2.bilateralFilter(thing, -1, ALIKE, AROUND, borderType=cv2.BORDER_REFLECT)
    depth = np.clip(stops - alike[..., 2] / np.float32(LIGHTNESS), *HOLLOW) * matte
    share = cv2.GaussianBlur(matte, (0, 0), 0.6, borderType=cv2.BORDER_REFLECT)
    smooth = cv2.GaussianBlur(depth, (0, 0), 0.6, borderType=cv2.BORDER_REFLECT)
    return np.asarray(smooth / np.maximum(share, np.float32(0.05)), np.float32)


def _slopes(square: Field) -> tuple[Field, Field]:
    """Half the gradient, right and down."""
    scale = max(square.shape) / 32
    mirror = {"scale": scale, "borderType": cv2.BORDER_REFLECT}
    right, down = cv2.Sobel(square, -1, 1, 0, **mirror), cv2.Sobel(square, -1, 0, 1, **mirror)
    return np.asarray(right, np.float32), np.asarray(down, np.float32)


def _standing(mask: Field) -> float:
    """0 for what is whole within the picture .. 1 for a trunk that its lower edge cuts."""
    widths = mask.sum(axis=1)
    return float(np.clip(2 * widths[-1] / max(widths.max(), 1e-3), 0, 1))


def _blown_up(mask: Field, deepest: float) -> Field:
    """Height squared."""
    levels = [mask]
    while min(levels[-1].shape) > 12:
        levels.append(shrink(levels[-1], max(levels[-1].shape) // 2))
    square = np.zeros_like(levels[-1])
    for level in levels[::-1]:
        square = _relax(enlarge(square, *level.shape[::-1]), level, deepest, 40)
    return square


def _relax(square: Field, mask: Field, deepest: float, rounds: int) -> Field:
    unit = 2 / max(mask.shape)
    cross = np.array([[0, 0.25, 0], [0.25, 0, 0.25], [0, 0.25, 0]], np.float32)
    hold = mask / np.float32(1 + unit**2 / deepest**2)
    for _ in range(rounds):
        around = cv2.filter2D(square, -1, cross, borderType=cv2.BORDER_REFLECT)
        square = hold * (around + np.float32(unit**2))
    return square
