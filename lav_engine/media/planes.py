"""A picture as it is stored: integer planes, and the layout that says what their codes mean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8 | np.uint16]


@dataclass(frozen=True, slots=True)
class Layout:
    """How code values stand for colour.

    `matrix` is "bt601", "bt709", "bt2020" or "rgb". Subsampled chroma is co-sited with the left
    luma sample, and lies between two lines where it is subsampled vertically (MPEG-2 siting).
    """

    width: int
    height: int
    depth: int  # bits, 8..16
    across: int  # luma columns per chroma column: 1 or 2
    down: int  # luma rows per chroma row: 1 or 2
    matrix: str
    is_full_range: bool = False
    has_alpha: bool = False

    @property
    def is_rgb(self) -> bool:
        return self.matrix == "rgb"

    @property
    def chroma_shape(self) -> tuple[int, int]:
        """(rows, columns) of u and v."""
        return -(-self.height // self.down), -(-self.width // self.across)

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        return np.uint8 if self.depth == 8 else np.uint16

    @property
    def white(self) -> int:
        """Luma code of reference white."""
        return (1 << self.depth) - 1 if self.is_full_range else 235 << (self.depth - 8)

    @property
    def black(self) -> int:
        return 0 if self.is_full_range else 16 << (self.depth - 8)

    @property
    def chroma_reach(self) -> int:
        """Codes from the most negative to the most positive chroma; grey is 2**(depth - 1)."""
        return self.white if self.is_full_range else 224 << (self.depth - 8)


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """One frame. C-contiguous and the owner's to keep; codes sit in the low bits of uint16.

    RGB pictures follow the identity matrix of ITU-T H.273: y is G, u is B, v is R.
    """

    layout: Layout
    media_frame: int
    y: Codes  # (H, W)
    u: Codes  # layout.chroma_shape
    v: Codes  # layout.chroma_shape
    a: Codes | None = None  # (H, W), where layout.has_alpha
