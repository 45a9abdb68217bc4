"""Job after job, the server and its children hold no more files, threads and memory."""

from __future__ import annotations

from dataclasses import dataclass

import psutil
from soaking import ENDED, Ground, size, until

from lav_client.client import Client
from lav_proto.v1 import relight_pb2 as pb

WARM_UP = 10  # jobs until caches and pools are as large as they get
JOBS = size(50, 500)
MORE_MEMORY = 24 * 2**20  # bytes, of each process: allocators keep some
MORE_HANDLES = 3  # of the moment, such as a connection
LARGEST_WAL = 64 * 2**20  # bytes


@dataclass(frozen=True)
class Use:
    files: int
    threads: int
    memory: int  # bytes

    def __str__(self) -> str:
        return f"{self.files} files, {self.threads} threads, {self.memory / 2**20:.1f} MB"


def used(ground: Ground) -> dict[str, Use]:
    """By the process's module."""
    server = psutil.Process(ground.pid)
    return {
        process.cmdline()[process.cmdline().index("-m") + 1]: Use(
            process.num_fds(), process.num_threads(), process.memory_info().rss
        )
        for process in (server, *server.children())
    }


def render(ground: Ground, client: Client, request: pb.RelightRequest, first: int, end: int):
    for number in range(first, end):
        request.output.path = str(ground.media / f"take-{number}.mp4")
        request.light.lamp.azimuth = number % 360 - 180 + number / 1000
        job = client.submit(request)
        until(lambda job=job: client.job(job.id).state in ENDED)
        assert client.job(job.id).state == pb.JOB_STATE_DONE


def test_a_long_row_of_jobs_leaves_every_process_as_it_was(ground: Ground, make_clip) -> None:
    clip = make_clip(ground.media / "clip.mp4", 2)
    with ground.served() as client:
        request = ground.request(clip, "take.mp4")
        render(ground, client, request, 0, WARM_UP)
        before = used(ground)
        render(ground, client, request, WARM_UP, WARM_UP + JOBS)
        after = used(ground)
        log = ground.home / "jobs.sqlite-wal"
        assert log.stat().st_size < LARGEST_WAL
    assert set(before) == set(after) == {f"lav_server.{x}" for x in ("cli", "desk", "worker")}
    for name, now in after.items():
        was = before[name]
        told = f"{name}: {was}; after {JOBS} jobs {now}"
        assert now.files <= was.files + MORE_HANDLES, told
        assert now.threads <= was.threads + MORE_HANDLES, told
        assert now.memory <= was.memory + MORE_MEMORY, told
    assert ground.left_behind() == []
