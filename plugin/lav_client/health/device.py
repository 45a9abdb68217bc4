"""Memory and graphics cards. Draft needs no card; Light-A-Video hardly works without."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import psutil

from lav_client.health.check import GB, Broken, Check, State, tried
from lav_client.health.install import is_installed

MEMORY_LOW = 4 * GB
LIMIT = 20.0  # seconds for nvidia-smi, which hangs with a broken driver
EXTRA = "pip install 'lav-bridge[diffusion]'"
PROBE = """
import json, torch
cards = [torch.cuda.get_device_properties(n) for n in range(torch.cuda.device_count())]
print(json.dumps({
    "version": torch.__version__,
    "cards": [[card.name, card.total_memory] for card in cards],
    "metal": torch.backends.mps.is_available(),
}))
"""


def checks() -> Iterator[Check]:
    yield memory()
    cards = nvidia()
    yield gpu(cards)
    yield torch(cards)


def memory() -> Check:
    free = psutil.virtual_memory().available
    text = f"{free / GB:.1f} GB free"
    if free < MEMORY_LOW:
        return Check("Memory", State.warn, f"{text}.", "Close other programs before a 4K render.")
    return Check("Memory", State.ok, text)


def nvidia() -> list[str] | None:
    """What the driver sees; None without one."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None
    query = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        child = subprocess.run(query, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return []
    return [] if child.returncode else child.stdout.strip().splitlines()


def gpu(cards: list[str] | None) -> Check:
    if cards is None:
        return Check("GPU", State.ok, "no NVIDIA GPU found; Draft does not need one")
    if not cards:
        text = "An NVIDIA driver is installed but answers with no GPU."
        fix = "Restart the computer, or install the driver again; Draft works without."
        return Check("GPU", State.warn, text, fix)
    return Check("GPU", State.ok, "; ".join(cards))


def torch(cards: list[str] | None) -> Check:
    """Looked at in a child: the client never loads it, and a broken one may crash."""
    if not is_installed("torch"):
        text = f"not installed; only Light-A-Video needs it: {EXTRA}"
        return Check("PyTorch", State.ok, text)
    try:
        found = tried(PROBE)
    except Broken as error:
        text = f"PyTorch does not load, so Light-A-Video cannot run: {error}."
        return Check("PyTorch", State.warn, text, f"Install it again: {EXTRA}.")
    return _torch(found, cards)


def _torch(found: dict[str, Any], cards: list[str] | None) -> Check:
    if found["cards"]:
        named = "; ".join(f"{name}, {size / GB:.0f} GB" for name, size in found["cards"])
        return Check("PyTorch", State.ok, f"{found['version']} on {named}")
    if cards:
        text = f"PyTorch {found['version']} does not see the GPU that the driver sees."
        fix = "Install the build of PyTorch for CUDA, not the one for CPUs."
        return Check("PyTorch", State.warn, text, fix)
    where = "Apple's GPU" if found["metal"] else "the CPU only: Light-A-Video will be very slow"
    return Check("PyTorch", State.ok, f"{found['version']} on {where}")
