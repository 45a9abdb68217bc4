"""An engine's own frames, for takes that show them: how they are kept, and laid over a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lav_engine.dither import dither
from lav_engine.edges import bring_up
from lav_engine.media.chroma import thin
from lav_engine.media.colour import from_rgb
from lav_engine.media.planes import Codes, Layout, Planes

VALUE_STEPS = np.float32(1023)  # an engine's frames say no more than ten bits
SHARE_STEPS = np.float32(255)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Consecutive frames, and where they take the place of the camera's picture."""

    frames: NDArray[np.float32]  # (F, H, W, 3) display-referred, [0, 1]
    share: NDArray[np.float32]  # (F, H, W): 0 the camera's picture with the light, 1 these frames


def packed(pictures: Pictures) -> dict[str, NDArray[Any]]:
    """Whole steps, by name."""
    frames = np.rint(pictures.frames.clip(0, 1) * VALUE_STEPS).astype(np.uint16)
    return {"frames": frames, "share": np.rint(pictures.share * SHARE_STEPS).astype(np.uint8)}


def unpacked(arrays: Mapping[str, NDArray[Any]]) -> Pictures:
    return Pictures(
        arrays["frames"].astype(np.float32) / VALUE_STEPS,
        arrays["share"].astype(np.float32) / SHARE_STEPS,
    )


def stored(pictures: Pictures) -> Pictures:
    """As a file gives them back, so that a render made from the file is the same render."""
    return unpacked(packed(pictures))


def composed(
    lit: Planes,
    source: Planes,
    frame: NDArray[np.float32],
    share: NDArray[np.float32],
    amount: float = 1.0,
) -> Planes:
    """`lit` with `amount` of the engine's frame (h, w, 3) over it, where `share` (h, w) says.

    `source` is the frame that `lit` was made from: its edges are where the share's belong. Codes
    that get no share stay as they are.
    """
    layout = lit.layout
    size = layout.width, layout.height
    over = _share(share, source, size) * np.float32(amount)
    if not over.any():
        return lit
    picture = cv2.resize(frame, size, interpolation=cv2.INTER_CUBIC).clip(0, 1)
    y, u, v = cv2.split(np.asarray(cv2.transform(picture, from_rgb(layout)), np.float32))
    chroma = thin(over, layout.across, layout.down)
    u, v = (thin(np.asarray(one, np.float32), layout.across, layout.down) for one in (u, v))
    return Planes(
        layout,
        lit.media_frame,
        _mixed(lit.y, np.asarray(y, np.float32), over, layout),
        _mixed(lit.u, u, chroma, layout),
        _mixed(lit.v, v, chroma, layout),
        lit.a,
    )


def _share(
    share: NDArray[np.float32], source: Planes, size: tuple[int, int]
) -> NDArray[np.float32]:
    """At full size; a matte's edge follows the source's edges, as the light's does."""
    if share.min() == share.max():
        return np.full((size[1], size[0]), share.flat[0], np.float32)
    steps = np.ascontiguousarray(np.repeat(share[..., None], 3, axis=-1))
    fine = bring_up(steps, steps, source)[..., 0]
    return cv2.resize(fine, size, interpolation=cv2.INTER_LINEAR).clip(0, 1)


def _mixed(
    codes: Codes, picture: NDArray[np.float32], share: NDArray[np.float32], layout: Layout
) -> Codes:
    rows, columns = codes.shape
    change = share * (picture - codes)
    mixed = codes + np.floor(change + dither(rows, columns))
    return mixed.clip(0, (1 << layout.depth) - 1).astype(layout.dtype)
