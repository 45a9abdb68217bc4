"""A clip prepared for measuring: its motion, matte, skin and own flicker, computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from takes import Frames, pictures, read

from lav_engine.engines.base import Window
from lav_engine.engines.draft import scene
from lav_engine.frames import working_size
from lav_engine.media.colour import small_rgb
from lav_engine.media.planes import Layout, Planes
from lav_engine.metrics import edges, flicker, motion, skin

MATTE_SIDE = 384


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    name: str
    path: Path
    planes: list[Planes]
    frames: Frames
    mattes: NDArray[np.float32]  # (F, H, W)
    has_true_matte: bool
    motions: list[motion.Motion]
    bands: list[NDArray[np.bool_]]  # 8 px either side of the matte's edge
    error: NDArray[np.float64]  # the source's own warped error
    skin: dict[int, NDArray[np.bool_]]  # by sampled frame

    @property
    def sampled(self) -> list[int]:
        return sorted(self.skin)

    @property
    def has_skin(self) -> bool:
        return all(mask.any() for mask in self.skin.values())


def load(path: Path, most: int, with_people: bool) -> Clip:
    planes = read(path, most)
    frames = pictures(planes)
    mattes, is_true = _mattes(path, planes)
    motions = motion.track(frames)
    sampled = np.unique(np.linspace(1, len(frames) - 2, 5).round().astype(int))
    return Clip(
        name=path.parent.name if path.stem == "source" else path.stem,
        path=path,
        planes=planes,
        frames=frames,
        mattes=mattes,
        has_true_matte=is_true,
        motions=motions,
        bands=[edges.edge_band(matte) for matte in mattes],
        error=flicker.warped_error(frames, motions),
        skin={int(t): skin.skin_mask(frames[t], mattes[t] * with_people) for t in sampled},
    )


def _mattes(path: Path, planes: list[Planes]) -> tuple[NDArray[np.float32], bool]:
    """True ones from masks/NAME/, matte.mp4 or truth/matte.mp4, else as Draft reads them."""
    layout, count = planes[0].layout, len(planes)
    stills = sorted((path.parent / "masks" / path.stem).glob("*.png"))[:count]
    if len(stills) == count:
        found = [cv2.imread(str(still), cv2.IMREAD_GRAYSCALE) for still in stills]
        return _sized([np.asarray(m) / 255 for m in found], layout), True
    for film in (path.parent / "matte.mp4", path.parent / "truth" / "matte.mp4"):
        if film.exists():
            return _sized(list(pictures(read(film, count))[..., 1]), layout), True
    width, height = working_size(layout, MATTE_SIDE, multiple=1)
    small = np.stack([small_rgb(frame, width, height) for frame in planes])
    return _sized(scene.read(Window(0, small, Fraction(24))).mattes, layout), False


def _sized(mattes: Sequence[NDArray], layout: Layout) -> NDArray[np.float32]:
    size = layout.width, layout.height
    return np.stack([cv2.resize(np.asarray(m, np.float32), size) for m in mattes])
