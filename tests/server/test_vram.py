"""A job whose models find too little room on the card says so, with both numbers, and lights none.

The card is said to be there, as the machines that run tests have none; all else is real.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

pytest.importorskip("diffusers")

from tiny_models import write_models

from lav_engine.engines.diffusion import device
from lav_engine.errors import Code
from lav_engine.spec import ClipRange, Diffusion, LightRequest, Options, Output, RelightRequest
from lav_server.desk_link import Checked
from lav_server.executor import ThreadExecutor
from lav_server.jobs import Event, Folders, JobState
from lav_server.queue import Queue
from lav_server.room import Needs
from lav_server.store import Store
from lav_server.worker import work

MB = 10**6
TAKEN = device.Device(device.Kind.cuda, "Big Card", 24_000 * MB, MB // 2, 64_000 * MB, True)


@pytest.fixture
def wanted(tmp_path: Path, make_clip: Callable[..., Path]) -> Checked:
    clip = ClipRange(make_clip(tmp_path / "clip.mp4", 6, (70, 50)), 0, 6, Fraction(24))
    diffusion = Diffusion(steps=2, relight_steps=2, models=write_models(tmp_path / "models"))
    light, output = LightRequest(prompt="warm light"), Output(tmp_path / "take.mkv")
    request = RelightRequest(clip, light, output, "wan", Options(diffusion=diffusion))
    return Checked(request, Needs(), "")


def test_a_card_that_others_have_filled_is_told_before_a_window_is_lit(
    wanted: Checked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "current", lambda: TAKEN)
    folders = Folders(tmp_path / "jobs", tmp_path / "maps")
    folders.maps.mkdir()

    async def scene() -> None:
        queue = Queue(Store(tmp_path / "jobs.sqlite"), ThreadExecutor(work), folders)
        job = await queue.submit(wanted, "key", "")
        working = asyncio.create_task(queue.run())
        states = [one.state async for one in queue.watch(job.id, 0) if isinstance(one, Event)]
        assert states == [JobState.queued, JobState.running, JobState.failed]
        problem = (await queue.job(job.id)).problem
        assert problem is not None
        assert (problem.code, problem.retryable) == (Code.vram_short, True)
        said = r"needs about (.*) GB of memory on the Big Card, 0\.0 GB are free"
        assert re.search(said, problem.message)
        await queue.stop()
        await working
        await queue.close()

    asyncio.run(scene())
    assert not list(folders.maps.glob("??/*.npz"))
    assert sorted(path.name for path in tmp_path.glob("*take*")) == []
