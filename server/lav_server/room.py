"""What a job needs of disk, memory and time, and whether there is that much room."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

from lav_engine.errors import Code, LavError

RESERVE = 1.5  # times the estimate


@dataclass(frozen=True, slots=True)
class Needs:
    """Estimates."""

    take: int = 0  # bytes on the output's disk
    maps: int = 0  # bytes on the disk of the window store
    memory: int = 0  # bytes
    seconds: float = 0.0  # until it is rendered; 0: not known


def to_text(needs: Needs) -> str:
    return json.dumps(asdict(needs))


def from_text(text: str) -> Needs:
    return Needs(**json.loads(text)) if text else Needs()


def left(needs: Needs, fraction: float) -> Needs:
    """What a job needs yet when so much of it is done."""
    rest = 1.0 - fraction
    return replace(needs, take=round(needs.take * rest), maps=round(needs.maps * rest))


def lacking(needs: Needs, output: Path, maps: Path) -> int:
    """Bytes that must be freed on the disk of the window store; none where it has enough."""
    is_one = output.stat().st_dev == maps.stat().st_dev
    wanted = needs.maps + (needs.take if is_one else 0)
    return max(round(wanted * RESERVE) - shutil.disk_usage(maps).free, 0)


def check_disk(needs: Needs, output: Path, maps: Path) -> None:
    """Raises LavError(DISK_SHORT). `output` is a folder, `maps` the window store; both exist."""
    wanted = {output: needs.take, maps: needs.maps}
    if output.stat().st_dev == maps.stat().st_dev:
        wanted = {output: needs.take + needs.maps}
    for folder, count in wanted.items():
        free = shutil.disk_usage(folder).free
        if count * RESERVE > free:
            what = "The take needs" if folder == output else "The light of this clip needs"
            raise LavError(
                f"{what} about {said(count * RESERVE)}, but {folder} has {said(free)} left.",
                "Free some space, choose another folder or render a shorter range.",
                Code.disk_short,
            )


def check_memory(needs: Needs, have: int, what: str) -> None:
    """Raises LavError(MEMORY_SHORT). `have` bytes, which are `what`: "has", "has free"."""
    if needs.memory * RESERVE > have:
        raise LavError(
            f"The render needs about {said(needs.memory * RESERVE)} of memory, but this computer "
            f"{what} {said(have)}.",
            "Close other programs or render a smaller clip.",
            Code.memory_short,
        )


def check_ever(needs: Needs, output: Path, maps: Path) -> None:
    """Raises LavError where the job can't be taken: later there may be memory, but never more."""
    check_disk(needs, output, maps)
    check_memory(needs, psutil.virtual_memory().total, "has")


def check_now(needs: Needs, output: Path, maps: Path) -> None:
    """Raises LavError where the job can't be started."""
    check_disk(needs, output, maps)
    check_memory(needs, psutil.virtual_memory().available, "has free")


def said(count: float) -> str:
    """Bytes as people say them."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.0f} kB"
