"""Which editors are on this computer. The command line needs none."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from lav_client.health.check import Check, State

# Where installers put them, by sys.platform: patterns from the root of the drive.
BLENDER = {
    "linux": ("opt/blender*/blender", "snap/bin/blender", "usr/local/blender*/blender"),
    "darwin": ("Applications/Blender*.app/Contents/MacOS/Blender",),
    "win32": ("Program Files/Blender Foundation/Blender*/blender.exe",),
}
RESOLVE = {
    "linux": ("opt/resolve/bin/resolve",),
    "darwin": ("Applications/DaVinci Resolve*/DaVinci Resolve*.app/Contents/MacOS/Resolve",),
    "win32": ("Program Files/Blackmagic Design/DaVinci Resolve/Resolve.exe",),
}


def checks(environment: Mapping[str, str], drive: Path | None = None) -> Iterator[Check]:
    """`drive` is where programs are looked for: the system's own."""
    yield _host("Blender", blenders(environment, drive))
    yield _host("Resolve", _programs("resolve", RESOLVE, environment, drive))


def blenders(environment: Mapping[str, str], drive: Path | None = None) -> list[Path]:
    """Blender's programs: the one a shell finds, then where installers put them."""
    return _programs("blender", BLENDER, environment, drive)


def _programs(
    name: str,
    places: dict[str, tuple[str, ...]],
    environment: Mapping[str, str],
    drive: Path | None,
) -> list[Path]:
    root = drive or Path(environment.get("SYSTEMDRIVE", "") + os.sep)
    known = shutil.which(name, path=environment.get("PATH", ""))
    found = [Path(known)] if known else []
    for pattern in places.get(sys.platform, ()):
        found += sorted(root.glob(pattern))
    return list(dict.fromkeys(found))


def _host(name: str, found: list[Path]) -> Check:
    if not found:
        return Check(name, State.ok, "not found; the command line works without")
    return Check(name, State.ok, ", ".join(map(str, found)))
