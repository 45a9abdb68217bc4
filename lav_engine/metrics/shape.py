"""Shape: does the light know what it falls on, beyond what a graduated filter knows?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FLAT = 0.02  # stops: a residual below this holds no shape, only rounding


def without_plane(field: NDArray[np.floating], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(N,): the values of `field` inside `where` less their best-fitting plane a + bx + cy."""
    rows, columns = np.nonzero(where)
    values = field[where].astype(np.float64)
    plane = np.stack([np.ones(len(values)), columns, rows], axis=1)
    return values - plane @ np.linalg.lstsq(plane, values, rcond=None)[0]


def shape_correlation(
    gain: NDArray[np.floating], true_gain: NDArray[np.floating], where: NDArray[np.bool_]
) -> float:
    """Correlation of two gains inside `where`, each less its own best-fitting plane.

    A graduated filter is a plane, so what is left of it is what clipping made; 0 where less than
    0.02 stops is left of either.
    """
    one, other = without_plane(gain, where), without_plane(true_gain, where)
    if min(one.std(), other.std()) < FLAT:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def contrast_slope(
    gain: NDArray[np.floating], true_gain: NDArray[np.floating], where: NDArray[np.bool_]
) -> float:
    """Regression slope of the gain on the true gain inside `where`; 1 has the true contrast."""
    true = true_gain[where] - true_gain[where].mean()
    return float((true * gain[where]).sum() / max(float((true**2).sum()), 1e-9))


def light_vector(azimuth: float, elevation: float) -> NDArray[np.float64]:
    """(3,): unit vector toward a lamp; x screen right, y up, z toward the camera. Degrees in."""
    turn, rise = np.radians(azimuth), np.radians(elevation)
    return np.array([np.sin(turn) * np.cos(rise), np.sin(rise), np.cos(turn) * np.cos(rise)])


def fit_plane_angle(gain: NDArray[np.floating], normals: NDArray[np.floating]) -> float:
    """Direction of the light across the picture, degrees from screen right, counter-clockwise.

    Least squares of the gain (stops) on the two picture components of `normals` (N, 3).
    """
    design = np.column_stack([np.ones(len(gain)), normals[:, :2]])
    _, right, up = np.linalg.lstsq(design, gain.astype(np.float64), rcond=None)[0]
    return float(np.degrees(np.arctan2(up, right)))


def fit_light(
    ratio: NDArray[np.floating], normals: NDArray[np.floating], step: float = 5.0
) -> NDArray[np.float64]:
    """(3,): the lamp whose Lambert shading a + b max(n.l, 0), b > 0, best explains `ratio`.

    `ratio` (N,) is relit light per unit of reflectance, `normals` (N, 3) are known. A search over
    the whole sphere of directions, every `step` degrees, on at most 1500 of the pixels.
    """
    every = -(-len(ratio) // 1500)
    ratio, normals = ratio[::every], normals[::every]
    light = ratio.astype(np.float64) - ratio.mean()
    best, found = -np.inf, light_vector(0, 0)
    for elevation in np.arange(-90, 90 + step, step):
        for azimuth in np.arange(-180, 180, step):
            lamp = light_vector(azimuth, elevation)
            shade = np.maximum(normals @ lamp, 0)
            shade = shade - shade.mean()
            spread = float(shade @ shade)
            score = float(shade @ light) / np.sqrt(spread) if spread > 1e-9 else -np.inf
            if score > best:
                best, found = score, lamp
    return found


def angle_between(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Degrees between two unit vectors."""
    return float(np.degrees(np.arccos(np.clip(one @ other, -1, 1))))


def turn_between(one: float, other: float) -> float:
    """Degrees between two angles, 0..180."""
    return abs((one - other + 180) % 360 - 180)
