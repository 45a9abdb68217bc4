"""Any number of watchers, slow or dead ones among them, harm nobody."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
from soaking import Ground, size

from lav_client.client import connect
from lav_engine.errors import LavError
from lav_proto.v1 import relight_pb2 as pb

CROWD = Path(__file__).parents[2] / "benchmarks" / "watchers.py"
WATCHERS = 50
SECONDS = size(4, 60)
ROUNDS = size(1, 6)
CALL_LIMIT = 100  # ms, for 99 of 100 calls
MEMORY_LIMIT = 50  # MB


def test_a_crowd_of_watchers_slows_no_call_and_fills_no_memory(tmp_path: Path) -> None:
    """What it costs the worker is in the figures: a shared machine cannot tell 2 per cent."""
    told = tmp_path / "watchers.json"
    sizes = ["--watchers", str(WATCHERS), "--seconds", str(SECONDS), "--rounds", str(ROUNDS)]
    ran = subprocess.run(
        [sys.executable, str(CROWD), *sizes, "--json", str(told)],
        capture_output=True,
        text=True,
        timeout=SECONDS * 3 + 60,
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(told.read_text())
    assert found["events_seen"] > 2 * WATCHERS
    assert found["watched"]["call_p99_ms"] < CALL_LIMIT, found
    assert found["memory_grown_mb"] < MEMORY_LIMIT, found


def test_twenty_watchers_and_a_running_job_do_not_hold_up_a_stop(ground: Ground, make_clip) -> None:
    clip = make_clip(ground.media / "clip.mp4", 24)
    ground.start()
    client = connect(ground.home, start=False)
    job = client.submit(ground.request(clip, "take.mp4", "slow"))
    watching = [threading.Thread(target=_watch, args=(ground.home, job.id)) for _ in range(20)]
    for thread in watching:
        thread.start()
    while not ground.windows_lit():
        time.sleep(0.05)
    family = psutil.Process(ground.pid).children(recursive=True)
    assert ground.stop() < 10
    assert not [child for child in family if child.is_running()]
    for thread in watching:
        thread.join(10)
    assert not any(thread.is_alive() for thread in watching)
    client.close()
    assert ground.ended(job.id).state == pb.JOB_STATE_DONE
    ground.stop()
    assert ground.left_behind() == []


def _watch(home: Path, job_id: str) -> None:
    with connect(home, start=False) as client:
        try:
            for _ in client.watch(job_id, patience=0.5):
                pass
        except LavError:
            return
