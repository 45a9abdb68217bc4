"""Whether this Python and what is installed in it can relight a clip."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distributions, entry_points, requires, version
from pathlib import Path

from lav_client.health.check import Broken, Check, State, tried
from lav_engine.catalog import ENGINE_GROUP
from lav_engine.spec import EngineSpec

PYTHONS = ((3, 11), (3, 14))  # first that works, first that does not
REINSTALL = "Install again: pip install --force-reinstall lav-bridge."
# A broken library shows only when it is loaded. The codecs come inside PyAV; no ffmpeg is needed.
PROBE = """
import json, av, cv2, numba, numpy
def lacks(mode, wanted):
    missing = []
    for name, codec in wanted.items():
        try:
            av.Codec(codec, mode)
        except Exception:
            missing.append(name)
    return missing
print(json.dumps({
    "read": lacks("r", {"H.264": "h264", "H.265": "hevc", "ProRes": "prores", "DNxHR": "dnxhd",
                        "AV1": "av1", "VP9": "vp9", "MPEG-2": "mpeg2video", "FFV1": "ffv1"}),
    "write": lacks("w", {"H.264": "libx264", "ProRes": "prores_ks", "FFV1": "ffv1"}),
}))
"""


def checks(environment: Mapping[str, str]) -> Iterator[Check]:
    yield python()
    yield packages()
    yield installs(environment)
    yield codecs()
    yield from engines()


def python() -> Check:
    text = f"Python {sys.version.split()[0]}"
    if PYTHONS[0] <= sys.version_info[:2] < PYTHONS[1]:
        return Check("Python", State.ok, text)
    return Check("Python", State.fail, text, "Use Python 3.11, 3.12 or 3.13.")


def packages() -> Check:
    needed = [line for line in requires("lav-bridge") or () if "extra ==" not in line]
    missing = [name for name in map(_distribution, needed) if not is_installed(name)]
    if missing:
        return Check("Packages", State.fail, f"Missing: {', '.join(missing)}.", REINSTALL)
    text = f"lav-bridge {version('lav-bridge')} and the {len(needed)} packages it needs"
    return Check("Packages", State.ok, text)


def installs(environment: Mapping[str, str]) -> Check:
    """Leftovers of other installations, of which a shell or a Python may take the wrong one."""
    places = {str(found.locate_file("")) for found in distributions(name="lav-bridge")}
    if len(places) > 1:
        text = f"lav-bridge is installed more than once: {', '.join(sorted(places))}."
        fix = "Run `pip uninstall lav-bridge` until none is left, then install it again."
        return Check("Installation", State.warn, text, fix)
    first = next(iter(_commands(environment)), None)
    if first is None:
        return Check("Installation", State.ok, f"in {sys.prefix}; `lav` is not on the PATH")
    if first.parent != Path(sys.executable).absolute().parent:
        text = f"A shell finds another lav first: {first}."
        fix = "Remove that one, or put this one's folder before it on the PATH."
        return Check("Installation", State.warn, text, fix)
    return Check("Installation", State.ok, f"in {sys.prefix}")


def _commands(environment: Mapping[str, str]) -> Iterator[Path]:
    """Every `lav` on the PATH, in the order a shell looks."""
    name = "lav.exe" if os.name == "nt" else "lav"
    for folder in environment.get("PATH", "").split(os.pathsep):
        command = Path(folder) / name
        if folder and os.access(command, os.X_OK) and command.is_file():
            yield command


def codecs() -> Check:
    try:
        lacks = tried(PROBE)
    except Broken as error:
        return Check("Codecs", State.fail, f"A media library does not load: {error}.", REINSTALL)
    said = [f"{what} {', '.join(lacks[what])}" for what in ("read", "write") if lacks[what]]
    if said:
        text = f"PyAV cannot {'; cannot '.join(said)}."
        return Check("Codecs", State.warn, text, "Install PyAV from its own wheels.")
    return Check("Codecs", State.ok, "the usual ones are read; H.264, ProRes and FFV1 written")


def engines() -> Iterator[Check]:
    for point in entry_points(group=ENGINE_GROUP):
        try:
            spec: EngineSpec = point.load()
        except (ImportError, AttributeError) as error:
            fix = "Install the package that brings it again, or remove it."
            yield Check("Engine", State.warn, f"{point.name} does not load: {error}.", fix)
        else:
            yield Check("Engine", State.ok, f"{spec.title} ({spec.name}): {spec.summary}")


def is_installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def _distribution(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
