"""Contact sheets to look at: clips x prompts, and crops at 100 % of face, matte edge and sky."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from clips import Clip
from numpy.typing import NDArray
from takes import Frames

WIDTH, CROP = 288, 224
Picture = NDArray[np.uint8]


@dataclass
class Strip:
    """One clip's row: the source, then each take, at the middle frame."""

    name: str
    middle: int
    places: list[tuple[str, int, int]]  # what to look at closely: name, x, y
    titles: list[str]
    pictures: list[NDArray[np.float32]]

    def add(self, title: str, frames: Frames) -> None:
        self.titles.append(title)
        self.pictures.append(frames[self.middle].copy())


def begun(clip: Clip) -> Strip:
    """Keeps one frame of the clip, so that the rest can go."""
    middle = len(clip.frames) // 2
    picture = clip.frames[middle].copy()
    return Strip(clip.name, middle, _places(clip, middle), [f"{clip.name} source"], [picture])


def write(path: Path, strips: list[Strip]) -> None:
    """PATH, and beside it NAME-crops.png."""
    cv2.imwrite(str(path), _stack([_row(strip) for strip in strips])[..., ::-1])
    crops = _stack([_crops(strip, place) for strip in strips for place in strip.places])
    cv2.imwrite(str(path.with_name(f"{path.stem}-crops{path.suffix}")), crops[..., ::-1])


def _row(strip: Strip) -> Picture:
    height = round(WIDTH * strip.pictures[0].shape[0] / strip.pictures[0].shape[1])
    small = [cv2.resize(p, (WIDTH, height), interpolation=cv2.INTER_AREA) for p in strip.pictures]
    return np.hstack([_titled(p, title) for p, title in zip(small, strip.titles, strict=True)])


def _crops(strip: Strip, place: tuple[str, int, int]) -> Picture:
    name, x, y = place
    height, width = strip.pictures[0].shape[:2]
    left = min(max(x - CROP // 2, 0), max(width - CROP, 0))
    top = min(max(y - CROP // 2, 0), max(height - CROP, 0))
    cut = [p[top : top + CROP, left : left + CROP] for p in strip.pictures]
    titles = [f"{strip.name} {name}", *[""] * (len(cut) - 1)]
    return np.hstack([_titled(p, title) for p, title in zip(cut, titles, strict=True)])


def _places(clip: Clip, t: int) -> list[tuple[str, int, int]]:
    """(name, x, y): the middle of the skin, the strongest matte edge, the smoothest bright top."""
    where = clip.skin[min(clip.skin, key=lambda s: abs(s - t))]
    found = []
    if where.any():
        rows, columns = np.nonzero(where)
        found.append(("face", int(np.median(columns)), int(np.median(rows))))
    band = cv2.blur(clip.bands[t].astype(np.float32), (65, 65))
    found.append(("edge", *_peak(band)))
    luma = clip.frames[t].mean(axis=-1)
    rough = cv2.blur(np.abs(cv2.Laplacian(luma, cv2.CV_32F)), (97, 97))
    open_sky = cv2.blur(luma, (97, 97)) - 8 * rough - clip.mattes[t]
    open_sky[luma.shape[0] // 2 :] = -9
    found.append(("sky", *_peak(open_sky)))
    return found


def _peak(field_: NDArray[np.float32]) -> tuple[int, int]:
    y, x = np.unravel_index(int(np.argmax(field_)), field_.shape)
    return int(x), int(y)


def _titled(picture: NDArray[np.float32], title: str) -> Picture:
    """The picture under a strip with its title."""
    image = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    bar = np.zeros((20, image.shape[1], 3), np.uint8)
    white = (235, 235, 235)
    cv2.putText(bar, title, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, white, 1, cv2.LINE_AA)
    return np.vstack([bar, image])


def _stack(rows: list[Picture]) -> Picture:
    width = max(row.shape[1] for row in rows)
    return np.vstack([np.pad(row, ((0, 2), (0, width - row.shape[1]), (0, 0))) for row in rows])
