"""Does a crowd of watchers disturb anybody? Unary calls, the server's memory, the worker's steps.

python benchmarks/watchers.py [--watchers 50] [--seconds 60] [--rounds 6] [--json PATH]

One job runs; in turn nobody watches it and everybody does, half of the time each. A tenth of the
watchers stop reading, a tenth are killed. The engine is the tests' fault engine, at work 50 ms a
step. The noise is how far the rounds without a watcher are from each other: a step that is slower
by less is not slower. The watchers run on this computer too, and use its cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any

import av
import grpc.aio
import numpy as np
import psutil

from lav_client.client import Client, connect
from lav_proto.v1 import relight_pb2 as pb
from lav_proto.v1 import relight_pb2_grpc
from lav_server import discovery

FAULT_ENGINE = Path(__file__).parents[1] / "tests" / "fault_engine"
SHARE = 10  # one in so many stalls, and as many are killed
CALL_EVERY = 0.02  # seconds
OWN_CHANNEL = (("grpc.use_local_subchannel_pool", 1),)  # else they all share one connection
SETTLING = 1.0  # seconds


def main() -> int:
    args = _arguments()
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as (client, process):
        frames = round(args.seconds / 0.05) * 4
        job = client.submit(_request(Path(folder), frames))
        _until_lit(client, job.id)
        memory, events, grown = process.memory_info().rss, 0, 0
        alone, watched = [], []
        for _ in range(args.rounds):
            alone.append(_phase(client, process, job.id, args.seconds / args.rounds / 2))
            with _crowd(Path(folder) / "home", job.id, args.watchers) as seen:
                watched.append(_phase(client, process, job.id, args.seconds / args.rounds / 2))
                events += seen.value
                grown = process.memory_info().rss - memory
        assert client.job(job.id).state == pb.JOB_STATE_RUNNING, "the job was too short"
        client.cancel(job.id)
        steps = _steps(Path(folder))
    found = {
        "watchers": args.watchers,
        "rounds": args.rounds,
        "events_seen": events,
        "cores": os.cpu_count(),
        "alone": _figures(alone, steps),
        "watched": _figures(watched, steps),
        "memory_grown_mb": round(grown / 2**20, 1),
        "step_slower_percent": _slower(_medians(alone, steps), _medians(watched, steps)),
        "noise_percent": _noise(_medians(alone, steps)),
    }
    print(json.dumps(found, indent=1))
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


@contextmanager
def _server(folder: Path) -> Iterator[tuple[Client, psutil.Process]]:
    path = os.pathsep.join([str(FAULT_ENGINE), *filter(None, [os.environ.get("PYTHONPATH")])])
    for name in ("home", "notes"):
        (folder / name).mkdir()
    command = [sys.executable, "-m", "lav_server.cli", "--home", str(folder / "home")]
    process = subprocess.Popen(
        [*command, "--root", str(folder)],
        env={**os.environ, "PYTHONPATH": path, "LAV_TEST_KILL_AT": str(folder / "notes")},
    )
    try:
        while discovery.read(folder / "home") is None and process.poll() is None:
            time.sleep(0.05)
        with connect(folder / "home", start=False) as client:
            yield client, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(15)


def _request(folder: Path, frames: int) -> pb.RelightRequest:
    clip = folder / "clip.mp4"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("libx264", Fraction(24))
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        for n in range(frames):
            picture = np.full((90, 160, 3), 80 + n % 50, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode())
    return pb.RelightRequest(
        clip=pb.ClipRange(path=str(clip)),
        engine="fault",
        light=pb.LightRequest(lamp=pb.Lamp(azimuth=-60)),
        prompts=pb.Prompts(relight="busy"),
        output=pb.Output(path=str(folder / "take.mp4")),
    )


def _until_lit(client: Client, job_id: str) -> None:
    for event in client.watch(job_id):
        if event.progress.stage == pb.STAGE_LIGHTING:
            return


@dataclass(frozen=True)
class Phase:
    start: float  # seconds since 1970
    end: float
    calls: list[float]  # seconds each took
    server: float  # seconds of a core


def _phase(client: Client, process: psutil.Process, job_id: str, seconds: float) -> Phase:
    """Unary calls, one after the other, for that long."""
    calls, start, used = [], time.time(), sum(process.cpu_times()[:2])
    while time.time() < start + seconds:
        started = time.perf_counter()
        client.job(job_id)
        calls.append(time.perf_counter() - started)
        time.sleep(CALL_EVERY)
    return Phase(start, time.time(), calls, sum(process.cpu_times()[:2]) - used)


@contextmanager
def _crowd(home: Path, job_id: str, count: int) -> Iterator[Any]:
    """Watchers in processes of their own: those who read, who stall, who are killed."""
    spawn = multiprocessing.get_context("spawn")
    seen = spawn.Value("q", 0)
    few = max(count // SHARE, 1)
    readers, stalled, killed = processes = [
        spawn.Process(target=_watch, args=(home, job_id, number, seen), daemon=True)
        for number in (count - 2 * few, few, few)
    ]
    try:
        for process in processes:
            process.start()
        while seen.value < 2 * count:
            time.sleep(0.05)
        os.kill(_pid(stalled), signal.SIGSTOP)
        os.kill(_pid(killed), signal.SIGKILL)
        time.sleep(SETTLING)
        yield seen
        assert readers.is_alive()
    finally:
        for process in processes:
            process.kill()
            process.join()


def _pid(process: Any) -> int:
    assert process.pid is not None
    return process.pid


def _watch(home: Path, job_id: str, count: int, seen: Any) -> None:
    asyncio.run(_watch_all(home, job_id, count, seen))


async def _watch_all(home: Path, job_id: str, count: int, seen: Any) -> None:
    found = discovery.read(home)
    assert found is not None

    async def watch() -> None:
        async with grpc.aio.insecure_channel(found.address, OWN_CHANNEL) as channel:
            stub: Any = relight_pb2_grpc.RelightStub(channel)
            request = pb.WatchJobRequest(id=job_id, with_previews=True)
            bearer = (("authorization", f"Bearer {found.token}"),)
            async for _ in stub.WatchJob(request, metadata=bearer):
                with seen.get_lock():
                    seen.value += 1

    await asyncio.gather(*(watch() for _ in range(count)))


def _steps(folder: Path) -> list[tuple[float, float]]:
    """When each step ended, and the seconds it took."""
    lines = (folder / "notes" / "steps").read_text().splitlines()
    return [(float(when), float(took)) for when, took in map(str.split, lines)]


def _figures(phases: list[Phase], steps: list[tuple[float, float]]) -> dict[str, Any]:
    calls = sorted(seconds for phase in phases for seconds in phase.calls)
    lasted = sum(phase.end - phase.start for phase in phases)
    medians = _medians(phases, steps)
    return {
        "calls": len(calls),
        "call_median_ms": round(median(calls) * 1000, 2),
        "call_p99_ms": round(calls[int(len(calls) * 0.99)] * 1000, 2),
        "steps": sum(len(_within(phase, steps)) for phase in phases),
        "step_median_ms": round(median(medians) * 1000, 3),
        "step_medians_ms": [round(one * 1000, 3) for one in medians],
        "server_percent_of_a_core": round(sum(one.server for one in phases) / lasted * 100, 1),
    }


def _medians(phases: list[Phase], steps: list[tuple[float, float]]) -> list[float]:
    """Of each round, the time of a step in seconds."""
    return [median(_within(phase, steps)) for phase in phases]


def _within(phase: Phase, steps: list[tuple[float, float]]) -> list[float]:
    return [seconds for when, seconds in steps if phase.start < when < phase.end]


def _slower(alone: list[float], watched: list[float]) -> float:
    """The median over the rounds, each compared with itself, in per cent."""
    return round(median(b / a - 1 for a, b in zip(alone, watched, strict=True)) * 100, 2)


def _noise(alone: list[float]) -> float:
    """How far a round is from the median one, at most, in per cent."""
    return round(max(abs(one / median(alone) - 1) for one in alone) * 100, 2)


if __name__ == "__main__":
    sys.exit(main())
