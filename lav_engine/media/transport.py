"""MPEG transport streams are packets of one size without an index: whether the last is whole."""

from __future__ import annotations

import io
from pathlib import Path

SYNC = 0x47  # first byte of every packet, ISO/IEC 13818-1, 2.4.3.2
SIZES = {188: 0, 192: 4, 204: 0}  # bytes of a packet, and of what stands before its sync byte
ENOUGH = 5  # sync bytes in a row that tell the size


def ends_inside(path: Path) -> bool:
    """Whether the file stops in the middle of a packet. False where no packets are found."""
    with path.open("rb") as file:
        head = file.read(max(SIZES) * (ENOUGH + 1))
        length = file.seek(0, io.SEEK_END)
    for size, before in SIZES.items():
        for start in range(min(size, len(head))):
            syncs = head[start : start + size * ENOUGH : size]
            if len(syncs) == ENOUGH and set(syncs) == {SYNC}:
                return (length - start + before) % size != 0
    return False
