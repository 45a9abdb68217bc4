"""Scene cuts, found locally: whether media frame n opens a shot depends on n-5..n+3 alone.

So the same cuts are found whichever range is asked for, as long as `scan_range` is what is scanned.
Frames here are small, 64-96 pixels on the long side: (h, w, 3) float32 display RGB in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.media.colour import LUMA_709

SCAN_GRID = 480  # media frames
Scores = NDArray[np.float32]  # (F,)

# Score from which a frame opens a shot. Clips at 3-8 fps reach .07, joins of unlike ones .2.
CUT = 0.11
CALM = 2.5  # a cut differs by this much more than the frames on either side of it do
FLASH = 2  # frames a flash may last
BINS = 9  # of luma, R - Y and B - Y
SPREAD = np.array([8, 16, 16], np.float32)  # bins per unit
NEUTRAL = np.array([0, 4, 4], np.float32)
SIZE = (48, 36)


def scan_range(first: int, count: int, media_frames: int, grid: int = SCAN_GRID) -> tuple[int, int]:
    """Media frames [first, end) in which to look for the shots that touch a range.

    Snapped outward to the grid plus one step each way, so that ranges in the same neighbourhood see
    the same shots. A shot that reaches beyond it is taken to end there: for a shot longer than a
    grid step, ranges far apart then have different anchors. A locked exposure settles that.
    """
    start = (first // grid - 1) * grid
    end = (-(-(first + count) // grid) + 1) * grid
    return max(start, 0), min(end, media_frames)


def shots(frames: Iterable[NDArray[np.float32]], first: int) -> list[tuple[int, int]]:
    """Media frames [first, end) of every shot in consecutive small frames that start at `first`."""
    scores = cut_scores(frames)
    cuts = [0, *(int(index) for index in np.flatnonzero(scores > CUT)), len(scores)]
    return [(first + a, first + b) for a, b in pairwise(cuts) if a < b]


def anchors(shot: tuple[int, int], k: int = 5) -> tuple[int, ...]:
    """Up to k media frames, the middles of k equal parts: what a shot's exposure is judged on."""
    first, end = shot
    return tuple(sorted({first + (2 * i + 1) * (end - first) // (2 * k) for i in range(k)}))


def cut_scores(frames: Iterable[NDArray[np.float32]]) -> Scores:
    """(F,): how surely a cut lies just before each frame; 0 where none does.

    A cut is a difference that stays (a flash does not), and that is large beside the differences
    just before and after (in motion and dissolves it is not). Where one mixed frame sits on the
    cut, the frame after it opens the shot.
    """
    gists = [_gist(frame) for frame in frames]

    @cache
    def apart(one: int, two: int) -> float:
        return float(np.sqrt(_structure(gists[one], gists[two]) * _palette(gists[one], gists[two])))

    clean = _jumps(len(gists), apart, gap=1)
    mixed = _jumps(len(gists), apart, gap=2)
    near_clean = np.maximum(clean, np.maximum(*_beside(clean))) > CUT
    scores = np.where(near_clean, clean, np.maximum(clean, mixed))
    left, right = _beside(scores)
    return np.where((scores > left) & (scores >= right), scores, 0)


def _beside(scores: Scores) -> tuple[Scores, Scores]:
    """Each frame's neighbours' scores: of the frame before it, of the one after."""
    padded = np.pad(scores, 1)
    return padded[:-2], padded[2:]


def _jumps(count: int, apart: Callable[[int, int], float], gap: int) -> Scores:
    """The score of a cut between n - gap and n, for each frame n."""
    scores = np.zeros(count, np.float32)
    for n in range(gap, count):
        left = n - gap
        if apart(left, n) <= CUT:
            continue
        before = range(max(left - FLASH, 0), left + 1)
        after = range(n, min(n + FLASH + 1, count))
        across = min(*(apart(i, n) for i in before), *(apart(left, i) for i in after))
        around = max(
            apart(left - 1, left) if left else 0.0, apart(n, n + 1) if n + 1 < count else 0.0
        )
        scores[n] = max(across - CALM * around, 0.0)
    return scores


@dataclass(frozen=True, slots=True)
class _Gist:
    picture: NDArray[np.float32]  # (36, 48, 3) luma, R - Y, B - Y
    palette: NDArray[np.float32]  # (9, 9, 9) a smoothed colour histogram's shares


def _gist(frame: NDArray[np.float32]) -> _Gist:
    small = cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA)
    luma = small @ LUMA_709
    picture = np.dstack([luma, small[..., 0] - luma, small[..., 2] - luma])
    # Colours relative to the frame's level: a fade or a flash keeps its palette.
    relative = picture * (0.4 / (float(luma.mean()) + 0.05))
    bins = np.rint(relative * SPREAD) + NEUTRAL
    index = np.clip(bins, 0, BINS - 1).astype(np.int64) @ [BINS * BINS, BINS, 1]
    counts = np.bincount(index.ravel(), minlength=BINS**3).astype(np.float32)
    shares = _smooth(counts.reshape(BINS, BINS, BINS) / np.float32(index.size))
    return _Gist(cv2.GaussianBlur(picture, (0, 0), 0.8).astype(np.float32, copy=False), shares)


def _smooth(shares: NDArray[np.float32]) -> NDArray[np.float32]:
    """Neighbouring bins are the same colour but for noise. The sum stays 1."""
    for axis in range(3):
        width = [(1, 1) if i == axis else (0, 0) for i in range(3)]
        padded = np.moveaxis(np.pad(shares, width), axis, 0)
        smooth = 0.25 * padded[:-2] + 0.5 * padded[1:-1] + 0.25 * padded[2:]
        shares = np.moveaxis(smooth, 0, axis).astype(np.float32)
    return shares / shares.sum()


def _palette(one: _Gist, two: _Gist) -> float:
    """The share of the picture that has other colours: motion hardly changes it, a cut does."""
    return 0.5 * float(np.abs(one.palette - two.palette).sum())


def _structure(one: _Gist, two: _Gist) -> float:
    """1 - correlation at the best shift: exposure and pans hardly change it, a cut does.

    Less where both are so dark or flat that nothing is seen to change.
    """
    best = max(_correlation(one.picture, two.picture), _correlation(two.picture, one.picture))
    change = float(np.abs(one.picture - two.picture)[..., 0].mean())
    return (1.0 - max(best, 0.0)) * min(change / 0.03, 1.0)


def _correlation(whole: NDArray[np.float32], part: NDArray[np.float32]) -> float:
    centre = np.ascontiguousarray(part[6:-6, 8:-8])
    found = cv2.matchTemplate(whole, centre, cv2.TM_CCOEFF_NORMED)
    return float(np.clip(np.nan_to_num(found, posinf=0, neginf=0), -1, 1).max())
