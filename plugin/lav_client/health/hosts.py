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
    root = drive or Path(environment.get("SYSTEMDRIVE", "") + os.sep)
    path = environment.get("PATH", "")
    yield _host("Blender", BLENDER, shutil.which("blender", path=path), root)
    yield _host("Resolve", RESOLVE, shutil.which("resolve", path=path), root)


def _host(name: str, places: dict[str, tuple[str, ...]], known: str | None, root: Path) -> Check:
    patterns = places.get(sys.platform, ())
    found = [Path(known)] if known else []
    found += sorted(place for pattern in patterns for place in root.glob(pattern))
    if not found:
        return Check(name, State.ok, "not found; the command line works without")
    return Check(name, State.ok, ", ".join(dict.fromkeys(map(str, found))))
