"""The page tells what renders run on and how full its memory is."""

from __future__ import annotations

import asyncio
import os
import stat
import time
from pathlib import Path

import psutil
import pytest
from pages import Browser

from lav_server.web import device
from lav_server.web.device import Device, cards
from lav_server.web.streams import Told


def program(path: Path, lines: str) -> str:
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def looked(nvidia: str, times: int = 1) -> list[Told]:
    """Looks, with time for the driver to answer after each."""

    async def act() -> list[Told]:
        watched = Device(nvidia)
        seen = []
        for _ in range(times):
            seen.append(await watched.look())
            if watched._asking is not None:
                await asyncio.wait([watched._asking], timeout=10)
            watched._told_at = -device.FRESH
        await watched.close()
        return seen

    return asyncio.run(act())


def test_the_stream_tells_the_memory_of_what_renders_run_on(server) -> None:
    with Browser(server.client.open_page()).let_in().events("/events") as seen:
        told = seen.next("device")
    assert told["name"]
    assert 0 < told["used"] < told["total"]


@pytest.mark.skipif(os.name != "posix", reason="the driver is stood for by a shell script")
def test_a_card_is_told_of_as_soon_as_its_driver_has_answered(tmp_path: Path) -> None:
    nvidia = program(tmp_path / "smi", "echo 'NVIDIA H200, 1234, 143771'")
    first, second = looked(nvidia, times=2)
    assert first["name"] == f"CPU, {os.cpu_count()} cores"
    assert first["total"] == psutil.virtual_memory().total
    assert second == {"name": "NVIDIA H200", "used": 1_300_000_000, "total": 143771 * 2**20}


@pytest.mark.skipif(os.name != "posix", reason="the driver is stood for by a shell script")
@pytest.mark.parametrize(
    "lines", ["exit 9", "echo failed; exit 1", "echo 'NVIDIA GB10, [N/A], [N/A]'"]
)
def test_a_driver_that_knows_nothing_leaves_the_computer(tmp_path: Path, lines: str) -> None:
    assert {one["total"] for one in looked(program(tmp_path / "smi", lines), times=2)} == {
        psutil.virtual_memory().total
    }


@pytest.mark.skipif(os.name != "posix", reason="the driver is stood for by a shell script")
def test_a_driver_that_hangs_is_waited_for_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "LIMIT", 0.5)
    started, before = time.monotonic(), psutil.Process().children()
    told, _ = looked(program(tmp_path / "smi", "exec sleep 600"), times=2)
    assert told["name"] == f"CPU, {os.cpu_count()} cores"
    assert time.monotonic() - started < 8
    assert psutil.Process().children() == before


def test_of_several_cards_the_first_is_told_and_commas_in_names_are_kept() -> None:
    found = cards('"Card, large", 10, 100\nOther, 20, 200\n')
    assert [(one["name"], one["total"]) for one in found] == [
        ("Card, large", 100 * 2**20),
        ("Other", 200 * 2**20),
    ]
