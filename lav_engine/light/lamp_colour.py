"""The colour of a lamp as gains on linear Rec.709, relative to the white a clip was balanced for.

A grey card balanced for the source white and lit by a lamp of K kelvin shows, taken back from the
display's D65 to that white, the chromaticity of K. Standard library only.

Planckian locus: M. Krystek, Color Research & Application 10(1), 1985; within .5 mired of Planck's
law for 1000..12000 K, 1.5 mired at 20000 K. Adaptation: Bradford (ICC.1:2010, annex E.3).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lav_engine.spec import RGB, Ambient, Lamp

LUMA = (0.2126, 0.7152, 0.0722)  # ITU-R BT.709-6
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
# Ratios of Bradford cone responses, lamp over source white, to linear Rec.709 with D65 white:
# inv(B M) diag(B M 1), M = RGB to XYZ. Rows sum to one: equal whites give exactly (1, 1, 1).
CONES_TO_709 = (
    (2.38964207, -1.34578632, -0.04385575),
    (-0.13744170, 1.16177458, -0.02433288),
    (-0.03980940, -0.07448491, 1.11429431),
)
KNEE, FLOOR = 0.02, 0.005  # gains below the knee ease to the floor: no channel goes out


def lamp_rgb(lamp: Lamp | Ambient, source_white: float) -> RGB:
    """Linear Rec.709 gains of a lamp at 0 stops; (1, 1, 1) at the source white.

    Kelvin and tint keep luminance: Y of the gains is 1. An explicit colour is divided by
    .65 Y + .35 max instead, since pure blue at Y = 1 would be fourteen times too bright in blue.
    """
    if lamp.color is not None:
        return _paint(lamp.color)
    lit = _cones(lamp.kelvin, lamp.tint)
    white = _cones(source_white, 0.0)
    ratio = [a / b for a, b in zip(lit, white, strict=True)]
    floored = [_eased(1.0 + _dot(row, [r - 1.0 for r in ratio])) for row in CONES_TO_709]
    luminance = _luma(floored)
    return floored[0] / luminance, floored[1] / luminance, floored[2] / luminance


def lamp_power(lamp: Lamp) -> float:
    """Linear intensity, 2 ** stops."""
    return 2.0**lamp.stops


def _paint(color: RGB) -> RGB:
    top = max(color)
    scaled = [_eased(c / top) for c in color]
    norm = 0.65 * _luma(scaled) + 0.35
    return scaled[0] / norm, scaled[1] / norm, scaled[2] / norm


def _luma(rgb: list[float]) -> float:
    return 1.0 + _dot(LUMA, [c - 1.0 for c in rgb])  # exactly 1 for white


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _eased(gain: float) -> float:
    if gain >= KNEE:
        return gain
    return FLOOR + (KNEE - FLOOR) * math.exp((gain - KNEE) / (KNEE - FLOOR))


def _cones(kelvin: float, tint: float) -> list[float]:
    """Bradford cone responses of a Planckian radiator, `tint` / 1000 off the locus in CIE 1960."""
    u, v = _locus(kelvin)
    if tint:
        warmer, cooler = _locus(kelvin * 0.999), _locus(kelvin * 1.001)
        du, dv = warmer[0] - cooler[0], warmer[1] - cooler[1]
        scale = tint / 1000.0 / math.hypot(du, dv)
        u, v = u - dv * scale, v + du * scale
    x, z = 1.5 * u / v, (4.0 - u - 10.0 * v) / (2.0 * v)
    return [_dot(row, (x, 1.0, z)) for row in BRADFORD]


def _locus(kelvin: float) -> tuple[float, float]:
    """CIE 1960 (u, v) of a Planckian radiator."""
    t, tt = kelvin, kelvin * kelvin
    u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * tt) / (
        1.0 + 8.42420235e-4 * t + 7.08145163e-7 * tt
    )
    v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * tt) / (
        1.0 - 2.89741816e-5 * t + 1.61456053e-7 * tt
    )
    return u, v
