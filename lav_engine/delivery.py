"""Delivery: a light map times full-resolution planes, in one compiled pass.

BT.1886 is a power law, so a gain in scene-linear light is a gain of display values too, g**(1/2.4),
and a flare joins them as a 2.4-norm: the pass never leaves display values. It works out what the
light adds to each R'G'B', rolls that off, and adds it to the source's codes. So superwhites and
colours outside the gamut survive, and a pixel the map leaves alone keeps its codes.
"""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Any

import cv2
import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from lav_engine.compiled import compiled
from lav_engine.dither import TILE, dither_rows
from lav_engine.edges import bring_up
from lav_engine.media.colour import GAMMA_1886, from_rgb, to_rgb
from lav_engine.media.planes import Layout, Planes

f32 = np.float32
ZERO, HALF, ONE, TINY = f32(0), f32(0.5), f32(1), f32(1e-12)

KNEE = f32(0.8)  # display value from which a rise is rolled off
CEILING = f32(0.98)  # no channel rises above it; one that is above it already rises no further
TOGETHER = f32(0.6)  # share of the roll-off all channels take alike, which keeps the light's hue
HEADROOM = f32(0.05)  # what that share assumes at least, so that it sets in smoothly

# (1 + t**2.4)**(1/2.4) = 1 + t**2 (P1 + P2 t + ... + P5 t**4) to 5e-5 on 0..1, fitted
P1, P2, P3, P4, P5 = (f32(p) for p in (0.1095967, 0.6777764, -0.7950924, 0.4632036, -0.1206918))

# Where in the tile y, u and v start, row and column each. The same in every frame: dither that
# moves is flicker of its own, a third of a quiet clip's; half a code that stays is not seen.
PHASES = (0, 0, 21, 37, 43, 11)
BANDS = 4  # parts a frame is cut into for a pool

# One scratch row set per call, at offsets the compiler knows: without that it won't vectorise.
CHUNK = 512
RED, LIFT, CODE = 0, 3 * CHUNK, 6 * CHUNK  # source R'G'B'; what light adds to it; y, u, v
SCRATCH = 9 * CHUNK


def deliver(
    planes: Planes,
    gain: NDArray[np.float32],
    flare: NDArray[np.float32],
    amount: float = 1.0,
    pool: Executor | None = None,
) -> Planes:
    """The relit frame, with the source's layout and alpha.

    `gain` (h, w, 3) in stops and `flare` (h, w, 3), scene-linear and >= 0, of any size, cover the
    same picture; `amount`, 0..1, scales both. `pool` works on parts of the frame side by side and
    must not be the one that calls. The first call on a machine compiles for some seconds.
    """
    if amount == 0 or not (gain.any() or flare.any()):
        return planes
    layout = planes.layout
    source = planes.y, planes.u, planes.v
    relit = np.empty_like(planes.y), np.empty_like(planes.u), np.empty_like(planes.v)
    job = (source, relit, *_light(planes, gain, flare, amount), *_meaning(layout))
    job = (*job, dither_rows(layout.width), PHASES)
    blocks = layout.chroma_shape[0]
    if pool is None:
        compiled(_relight)(0, blocks, *job)
    else:
        cuts = [blocks * band // BANDS for band in range(BANDS + 1)]
        list(pool.map(lambda first, end: compiled(_relight)(first, end, *job), cuts[:-1], cuts[1:]))
    return Planes(layout, planes.media_frame, *relit, planes.a)


def _light(
    planes: Planes, gain: NDArray[np.float32], flare: NDArray[np.float32], amount: float
) -> tuple[NDArray[np.float32], NDArray[np.float32], bool]:
    """Display gain minus 1 and display flare, (3, rows, width), and whether there is any flare.

    The exponentials are taken at the map's own size. Minus 1, because interpolating zeros is exact.
    """
    width = planes.layout.width
    small = np.expm1(gain * f32(amount * np.log(2) / GAMMA_1886))
    lift = _widen(bring_up(small, gain, planes), width)
    if not flare.any():
        return lift, lift, False
    glow = np.maximum(flare * f32(amount), 0) ** f32(1 / GAMMA_1886)
    return lift, _widen(glow, width), True


def _widen(field: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    height, columns, _ = field.shape
    flat = np.ascontiguousarray(np.moveaxis(field, 2, 0)).reshape(3 * height, columns)
    wide = cv2.resize(flat, (width, 3 * height), interpolation=cv2.INTER_LINEAR)
    return wide.reshape(3, height, width).astype(f32, copy=False)


def _meaning(layout: Layout) -> tuple[Any, ...]:
    matrices = to_rgb(layout).astype(f32), from_rgb(layout)[:, :3].astype(f32)
    return (*matrices, layout.down, layout.across, (1 << layout.depth) - 1)


# --- compiled ---------------------------------------------------------------------------------


def _relight(
    first: Any, end: Any, source: Any, relit: Any, lift: Any, glow: Any, has_glow: Any,
    to_colour: Any, to_codes: Any, down: Any, across: Any, top: Any, grain: Any, phases: Any,
) -> None:  # fmt: skip
    """Rows of chroma [first, end) and the luma they belong to."""
    height, width = source[0].shape
    s = np.empty(SCRATCH, np.float32)
    chroma = np.empty(2 * CHUNK, np.float32)
    for block in range(first, end):
        for left in range(0, width, CHUNK):
            right = min(left + CHUNK, width)
            n = right - left
            c_left, c_right = left // across, (right + across - 1) // across
            chroma[:] = ZERO
            rows = min(down, height - block * down)
            share = ONE / f32(rows * across)
            for row in range(block * down, block * down + rows):
                _load(s, CODE, source[0][row, left:right], 1)
                _load(s, CODE + CHUNK, source[1][block, c_left:c_right], across)
                _load(s, CODE + 2 * CHUNK, source[2][block, c_left:c_right], across)
                _colour(s, to_colour, n)
                _gain(s, lift, _between(row, height, lift.shape[1]), left, right)
                if has_glow:
                    _flare(s, glow, _between(row, height, glow.shape[1]), left, right)
                _shoulder(s, n)
                _codes(s, to_codes, n)
                _store(relit[0][row, left:right], source[0][row, left:right], s, CODE,
                       grain[(row + phases[0]) % TILE, phases[1] + left :], top)  # fmt: skip
                _gather(chroma, s, n, across, share)
            for c in range(2):
                _store(relit[1 + c][block, c_left:c_right], source[1 + c][block, c_left:c_right],
                       chroma, c * CHUNK,
                       grain[(block + phases[2 + 2 * c]) % TILE, phases[3 + 2 * c] + c_left :],
                       top)  # fmt: skip


@register_jitable
def _high(a: Any, b: Any) -> Any:
    return a if a > b else b  # the built-in max keeps the compiler from vectorising


@register_jitable
def _low(a: Any, b: Any) -> Any:
    return a if a < b else b


@register_jitable
def _between(row: Any, height: Any, rows: Any) -> Any:
    """The two map rows a picture row's centre lies between, and how far down from the first."""
    at = (f32(row) + HALF) * f32(rows) / f32(height) - HALF
    at = _low(_high(at, ZERO), f32(rows - 1))
    upper = int(at)
    return upper, _low(upper + 1, rows - 1), at - f32(upper)


@register_jitable
def _load(s: Any, to: Any, line: Any, across: Any) -> None:
    if across == 1:
        for x in range(len(line)):
            s[to + x] = f32(line[x])
    else:
        for x in range(len(line)):
            s[to + 2 * x] = s[to + 2 * x + 1] = f32(line[x])


@register_jitable
def _colour(s: Any, m: Any, n: Any) -> None:
    for c in range(3):
        y, u, v, black = m[c, 0], m[c, 1], m[c, 2], m[c, 3]
        for x in range(n):
            codes = y * s[CODE + x] + u * s[CODE + CHUNK + x] + v * s[CODE + 2 * CHUNK + x]
            s[c * CHUNK + x] = codes + black


@register_jitable
def _gain(s: Any, lift: Any, at: Any, left: Any, right: Any) -> None:
    upper, lower, down = at
    for c in range(3):
        one, two, to = lift[c, upper, left:right], lift[c, lower, left:right], c * CHUNK
        for x in range(len(one)):
            s[LIFT + to + x] = s[to + x] * (one[x] + (two[x] - one[x]) * down)


@register_jitable
def _flare(s: Any, glow: Any, at: Any, left: Any, right: Any) -> None:
    """(a^2.4 + f^2.4)^(1/2.4) = big (1 + t^2.4)^(1/2.4), t = small/big: a polynomial to 5e-5."""
    upper, lower, down = at
    for c in range(3):
        one, two, to = glow[c, upper, left:right], glow[c, lower, left:right], c * CHUNK
        for x in range(len(one)):
            flare = one[x] + (two[x] - one[x]) * down
            lit = _high(s[to + x] + s[LIFT + to + x], ZERO)
            big, small = _high(lit, flare), _low(lit, flare)
            t = small / (big + TINY)
            q = P1 + t * (P2 + t * (P3 + t * (P4 + t * P5)))
            s[LIFT + to + x] += (big - lit) + big * t * t * q


@register_jitable
def _shoulder(s: Any, n: Any) -> None:
    """Roll off what rises: partly each channel by itself, partly all as much as the worst one."""
    for x in range(n):
        r, g, b = s[LIFT + x], s[LIFT + CHUNK + x], s[LIFT + 2 * CHUNK + x]
        lost_r, part_r = _lost(s[RED + x], r)
        lost_g, part_g = _lost(s[RED + CHUNK + x], g)
        lost_b, part_b = _lost(s[RED + 2 * CHUNK + x], b)
        part = _high(part_r, _high(part_g, part_b)) * TOGETHER
        s[LIFT + x] = r - _high(lost_r, part * _high(r, ZERO) + (ONE - TOGETHER) * lost_r)
        s[LIFT + CHUNK + x] = g - _high(lost_g, part * _high(g, ZERO) + (ONE - TOGETHER) * lost_g)
        s[LIFT + 2 * CHUNK + x] = b - _high(
            lost_b, part * _high(b, ZERO) + (ONE - TOGETHER) * lost_b
        )


@register_jitable
def _lost(value: Any, rise: Any) -> Any:
    """What the shoulder takes from a rise, and which part of the rise that is, set in smoothly.

    Above the knee an excess e over headroom h becomes e h / (e + h): it loses e^2 / (e + h).
    """
    start = _high(value, KNEE)
    excess = _high(value + rise - start, ZERO)
    room = _high(CEILING - start, ZERO)
    square = excess * excess
    part = square / ((_high(room, HEADROOM) + excess) * _high(rise, TINY))
    return square / (room + excess + TINY), part


@register_jitable
def _codes(s: Any, m: Any, n: Any) -> None:
    for c in range(3):
        r, g, b = m[c, 0], m[c, 1], m[c, 2]
        for x in range(n):
            rise = r * s[LIFT + x] + g * s[LIFT + CHUNK + x] + b * s[LIFT + 2 * CHUNK + x]
            s[CODE + c * CHUNK + x] = rise


@register_jitable
def _gather(chroma: Any, s: Any, n: Any, across: Any, share: Any) -> None:
    """Add a luma row's share of the change in u and v."""
    for c in range(2):
        at, to = CODE + (1 + c) * CHUNK, c * CHUNK
        if across == 1:
            for x in range(n):
                chroma[to + x] += s[at + x] * share
        else:
            if n % 2:
                s[at + n] = s[at + n - 1]
            for x in range((n + 1) // 2):
                chroma[to + x] += (s[at + 2 * x] + s[at + 2 * x + 1]) * share


@register_jitable
def _store(relit: Any, source: Any, s: Any, at: Any, grain: Any, top: Any) -> None:
    """Code + floor(change + dither): dither is in (0, 1), so no change is no change."""
    for x in range(len(relit)):
        code = np.int32(source[x]) + np.int32(np.floor(s[at + x] + grain[x]))
        relit[x] = _low(_high(code, np.int32(0)), np.int32(top))
