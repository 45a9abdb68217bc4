"""Colour differences: CIELAB, CIEDE2000 and the mireds of a light on a grey card."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import decode_bt1886

XYZ_709 = np.array(  # linear Rec.709 -> CIE XYZ, ITU-R BT.709-6 primaries, D65
    [[0.412391, 0.357584, 0.180481], [0.212639, 0.715169, 0.072192], [0.019331, 0.119195, 0.950532]]
)
D65 = XYZ_709.sum(axis=1)
BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def lab(display: NDArray[np.floating]) -> NDArray[np.float64]:
    """(..., 3) CIELAB (D65) of display-referred Rec.709."""
    return lab_of_linear(decode_bt1886(np.asarray(display, np.float32)))


def lab_of_linear(light: NDArray[np.floating]) -> NDArray[np.float64]:
    """(..., 3) CIELAB (D65) of scene-linear Rec.709; white is (1, 1, 1)."""
    t = np.asarray(light, np.float64) @ XYZ_709.T / D65
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e_2000(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """CIEDE2000 of two CIELAB colours (3,); Sharma, Wu and Dalal 2005, unit weights."""
    (l1, a1, b1), (l2, a2, b2) = (np.asarray(c, np.float64) for c in (one, other))
    mean_c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(mean_c7 / (mean_c7 + 25.0**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 > 0 else 0.0
    dl, dc, dh = l2 - l1, c2 - c1, 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    ml, mc, mh = (l1 + l2) / 2, (c1 + c2) / 2, (h1 + turn / 2) % 360
    cosine = [np.cos(np.radians(k * mh - p)) for k, p in ((1, 30), (2, 0), (3, -6), (4, 63))]
    t = 1 - 0.17 * cosine[0] + 0.24 * cosine[1] + 0.32 * cosine[2] - 0.20 * cosine[3]
    sl = 1 + 0.015 * (ml - 50) ** 2 / np.sqrt(20 + (ml - 50) ** 2)
    sc, sh = 1 + 0.045 * mc, 1 + 0.015 * mc * t
    bend = 60 * np.exp(-(((mh - 275) / 25) ** 2))
    rt = -2 * np.sqrt(mc**7 / (mc**7 + 25.0**7)) * np.sin(np.radians(bend))
    parts = (dl / sl, dc / sc, dh / sh)
    return float(np.sqrt(sum(p * p for p in parts) + rt * parts[1] * parts[2]))


def mired_of(light: NDArray[np.floating], source_white: float) -> float:
    """Mireds (1e6 / kelvin) of a light, from the colour (3,) it gives a grey card.

    `light` is scene-linear Rec.709 of a clip balanced for `source_white` kelvin: neutral is that
    white. Bradford from D65 to it, then the nearest Planckian colour in CIE 1960 uv.
    """
    seen = XYZ_709 @ np.asarray(light, np.float64)
    white = BRADFORD @ planck_xyz(1e6 / source_white)
    xyz = np.linalg.solve(BRADFORD, (BRADFORD @ seen) / (BRADFORD @ D65) * white)
    mireds = np.arange(40.0, 700.0, 0.25)
    locus = np.array([_uv(planck_xyz(m)) for m in mireds])
    return float(mireds[np.argmin(((locus - _uv(xyz)) ** 2).sum(axis=1))])


def planck_xyz(mired: float) -> NDArray[np.float64]:
    """(3,) XYZ, Y = 1, of a black body, through Krystek's 1985 fit (u, v within 1e-4)."""
    t = 1e6 / mired
    u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t * t) / (
        1 + 8.42420235e-4 * t + 7.08145163e-7 * t * t
    )
    v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t * t) / (
        1 - 2.89741816e-5 * t + 1.61456053e-7 * t * t
    )
    scale = 2 * u - 8 * v + 4
    x, y = 3 * u / scale, 2 * v / scale
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _uv(xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, z = xyz
    return np.array([4 * x, 6 * y]) / (x + 15 * y + 3 * z)
