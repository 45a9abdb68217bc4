"""What stands still is noticed: a frozen server by its clients, a frozen worker by its server."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from soaking import Ground, is_long, until

from lav_client.client import Client
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb

NOTICED = 15.0  # seconds until a client knows
PATIENCE = 4.0  # seconds that these servers give a worker, instead of a minute
ENDED_WITHIN = 90.0  # seconds, of which the patience is the lesser part


@pytest.fixture
def impatient(ground: Ground) -> Ground:
    ground.options = ("--patience", str(PATIENCE))
    return ground


def begun(ground: Ground, client: Client, make_clip, words: str) -> pb.Job:
    clip = make_clip(ground.media / "clip.mp4", 24)
    job = client.submit(ground.request(clip, "take.mp4", words))
    until(lambda: ground.windows_lit())
    return job


def learnt(ask: Callable[[], object]) -> float:
    """Seconds until it was said that the server is down."""
    started = time.monotonic()
    with pytest.raises(LavError) as frozen:
        ask()
    assert frozen.value.code == Code.server_down
    return time.monotonic() - started


def test_clients_know_of_a_frozen_server(ground: Ground, make_clip) -> None:
    with ground.served() as client:
        job = begun(ground, client, make_clip, "slow")
        watched = client.watch(job.id, patience=0)
        next(watched)
        ground.freeze(ground.pid)
        try:
            with ThreadPoolExecutor() as pool:
                asked = [
                    pool.submit(learnt, lambda: client.job(job.id)),
                    pool.submit(learnt, lambda: list(watched)),
                ]
            assert max(one.result() for one in asked) < NOTICED
        finally:
            ground.thaw(ground.pid)
        assert ground.ended(job.id).state == pb.JOB_STATE_DONE


def test_a_frozen_worker_is_replaced_and_the_job_goes_on(impatient: Ground, make_clip) -> None:
    with impatient.served() as client:
        job = begun(impatient, client, make_clip, "slow")
        worker = impatient.worker()
        assert worker is not None
        started = time.monotonic()
        worker.suspend()
        assert impatient.ended(job.id).state == pb.JOB_STATE_DONE
        assert time.monotonic() - started < ENDED_WITHIN
        assert not worker.is_running()
        assert impatient.redone() <= 1
    assert impatient.left_behind() == []


@pytest.mark.skipif(not is_long(), reason="more than a minute, as it comes")
def test_a_worker_frozen_before_it_gave_a_sign_of_life_is_replaced_in_time(
    ground: Ground, make_clip
) -> None:
    clip = make_clip(ground.media / "clip.mp4", 24)
    with ground.served() as client:
        job = client.submit(ground.request(clip, "take.mp4"))
        until(ground.worker)
        worker = ground.worker()
        assert worker is not None
        worker.suspend()
        started = time.monotonic()
        assert ground.ended(job.id).state == pb.JOB_STATE_DONE
        assert time.monotonic() - started < ENDED_WITHIN
        assert not worker.is_running()
    assert ground.left_behind() == []


@pytest.mark.skipif(not is_long(), reason="three workers, one after the other")
def test_an_engine_that_never_comes_back_fails_the_job_in_the_end(
    impatient: Ground, make_clip
) -> None:
    with impatient.served() as client:
        job = begun(impatient, client, make_clip, "hang")
        ended = impatient.ended(job.id, 600)
        assert ended.state == pb.JOB_STATE_FAILED
        assert ended.problem.code == Code.worker_lost
        assert ended.problem.retryable
        assert "stood still" in ended.problem.message
    assert impatient.left_behind() == []
