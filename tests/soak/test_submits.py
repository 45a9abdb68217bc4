"""Many clients at once: one job for each key; who comes too many is told so, not left waiting."""

from __future__ import annotations

import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from soaking import Ground, size, until

from lav_client.client import Client, connect
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb

SUBMITS = size(60, 200)
CLIENTS = 20
DOUBLE = 5  # every fifth submit repeats the key of the one before


def test_a_storm_of_submits_makes_exactly_one_job_for_each_key(ground: Ground, make_clip) -> None:
    clip = make_clip(ground.media / "clip.mp4", 2)
    numbers = [n - (n % DOUBLE == DOUBLE - 1) for n in range(SUBMITS)]

    def submit(client: Client, number: int) -> str:
        request = ground.request(clip, f"take-{number}.mp4")
        request.light.lamp.azimuth = number - SUBMITS / 2  # no take can be copied from another
        return accepted(client, request, f"key-{number}")

    with ExitStack() as stack:
        first = stack.enter_context(ground.served())
        clients = [stack.enter_context(connect(ground.home, start=False)) for _ in range(CLIENTS)]
        pool = stack.enter_context(ThreadPoolExecutor(CLIENTS))
        asked = pool.map(submit, (clients * SUBMITS)[:SUBMITS], numbers)
        made = defaultdict(set)
        for number, job_id in zip(numbers, asked, strict=True):
            made[number].add(job_id)
        until(lambda: not first.jobs(only_open=True), size(90, 600))
        states = {first.job(job_id).state for ids in made.values() for job_id in ids}
        known = {job.id for job in first.jobs(limit=1000)}
    assert {len(ids) for ids in made.values()} == {1}
    assert states == {pb.JOB_STATE_DONE}
    assert known == set.union(*made.values())
    takes = {path.name for path in ground.media.glob("take-*")}
    assert takes == {f"take-{number}.mp4" for number in made}
    ground.check_database()


def accepted(client: Client, request: pb.RelightRequest, key: str) -> str:
    """Its job. A client backs off where the queue is full; a time-out is not accepted."""
    while True:
        try:
            return client.submit(request, key=key).id
        except LavError as error:
            if error.code != Code.queue_full:
                raise
        time.sleep(0.3)
