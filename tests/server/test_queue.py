"""The queue as a client orders it: positions, priorities, pauses, tries, and no more than fit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from lav_engine.errors import Code, LavError
from lav_engine.spec import ClipRange, LightRequest, Output, RelightRequest
from lav_proto.v1 import relight_pb2 as pb
from lav_server import discovery
from lav_server.attempts import MOST_FAILURES
from lav_server.intake import MOST_OPEN
from lav_server.jobs import Job, JobState, Window
from lav_server.problem import Problem
from lav_server.store import Store

CLIP = ClipRange(Path("/media/a.mov"), 0, 24, Fraction(24))
REQUEST = RelightRequest(CLIP, LightRequest(prompt="noir"), Output(Path("/media/b.mov")))
LOST = Problem(Code.worker_lost, "The worker crashed.", "Try again.", True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "jobs.sqlite")
    yield store
    store.close()


def add(store: Store, count: int) -> list[str]:
    requests = [replace(REQUEST, output=Output(Path(f"/media/{n}.mov"))) for n in range(count)]
    return [store.add(request, str(n))[0].id for n, request in enumerate(requests)]


def claimed(store: Store) -> Job:
    job = store.claim()
    assert job is not None
    return job


def test_waiting_jobs_know_their_position(store: Store) -> None:
    first, second, third = add(store, 3)
    assert [store.job(one).position for one in (first, second, third)] == [1, 2, 3]
    store.pause(second, True)
    assert [store.job(one).position for one in (first, second, third)] == [1, 0, 2]
    assert claimed(store).id == first
    assert [store.job(one).position for one in (first, second, third)] == [0, 0, 1]


def test_higher_priorities_run_first_and_equals_as_they_came(store: Store) -> None:
    low, first, second, high = add(store, 4)
    store.prioritize(low, -1)
    assert store.prioritize(high, 5).position == 1
    assert [claimed(store).id for _ in range(4)] == [high, first, second, low]


def test_a_moved_job_stands_right_before_the_other(store: Store) -> None:
    a, b, c, d = add(store, 4)
    store.prioritize(a, 3)
    assert store.reorder(d, b).position == 2
    assert store.waiting() == [a, d, b, c]
    assert store.reorder(c, "").position == 1
    assert (store.waiting(), store.job(c).priority) == ([c, a, d, b], 3)
    assert store.reorder(c, c).position == 1


@pytest.mark.parametrize("priority", [-101, 101])
def test_priorities_have_their_limits(store: Store, priority: int) -> None:
    (job,) = add(store, 1)
    with pytest.raises(LavError, match="between -100 and 100"):
        store.prioritize(job, priority)


def test_only_waiting_jobs_are_moved(store: Store) -> None:
    running, waiting = add(store, 2)
    store.claim()
    for job_id, before in ((running, waiting), (waiting, running)):
        with pytest.raises(LavError, match="is running"):
            store.reorder(job_id, before)
    with pytest.raises(LavError) as refused:
        store.reorder(waiting, "nothing")
    assert refused.value.code == Code.job_unknown


def test_a_paused_queue_starts_nothing_and_stays_paused(tmp_path: Path) -> None:
    store = Store(tmp_path / "jobs.sqlite")
    add(store, 1)
    store.pause_queue(True)
    store.close()
    again = Store(tmp_path / "jobs.sqlite")
    assert again.is_paused()
    assert again.claim() is None
    again.pause_queue(False)
    assert again.claim() is not None
    again.close()


def test_more_jobs_than_the_queue_holds_are_refused(store: Store) -> None:
    ids = add(store, MOST_OPEN)
    with pytest.raises(LavError, match="queue is full") as refused:
        store.add(REQUEST, "more")
    assert refused.value.code == Code.queue_full
    assert store.add(REQUEST, "0")[0].id == ids[0]  # its job is there already
    store.cancel(ids[0])
    assert store.add(REQUEST, "more")[1]


def test_lost_workers_count_only_without_a_new_window(store: Store) -> None:
    (job_id,) = add(store, 1)
    for number in range(2 * MOST_FAILURES):
        job = claimed(store)
        store.finish_window(job_id, job.epoch, Window(number, f"key {number}"))
        assert store.lose_worker(job_id, LOST).state == JobState.queued
    for _ in range(MOST_FAILURES - 2):
        job = claimed(store)
        store.finish_window(job_id, job.epoch, Window(0, "key 0", is_reused=True))
        assert store.lose_worker(job_id, LOST).state == JobState.queued
    store.claim()
    failed = store.lose_worker(job_id, LOST)
    assert failed.state == JobState.failed
    assert failed.problem is not None
    assert failed.problem.retryable


def test_server_restarts_never_count(store: Store) -> None:
    (job_id,) = add(store, 1)
    for _ in range(10 * MOST_FAILURES):
        store.claim()
        store.move(job_id, JobState.queued)
    store.claim()
    assert store.lose_worker(job_id, LOST).state == JobState.queued


def test_a_job_that_is_to_stop_is_cancelled_when_its_worker_dies(store: Store) -> None:
    (job_id,) = add(store, 1)
    store.claim()
    store.cancel(job_id)
    assert store.lose_worker(job_id, LOST).state == JobState.cancelled


def ended(server, job: pb.Job) -> pb.Job:
    return list(server.client.watch(job.id))[-1].job


def test_a_running_job_is_paused_and_resumed(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "paused.mp4", fault="slow"))
    server.until_lit(job)
    assert server.client.pause(job.id).is_paused
    following = server.client.submit(server.request(clip, "following.mp4"))
    assert ended(server, following).state == pb.JOB_STATE_DONE
    waiting = server.client.job(job.id)
    assert (waiting.state, waiting.is_paused, waiting.position) == (pb.JOB_STATE_QUEUED, True, 0)
    assert not (server.folder / "paused.mp4").exists()
    server.client.resume(job.id)
    done = ended(server, job)
    assert (done.state, done.is_paused) == (pb.JOB_STATE_DONE, False)
    assert server.left_behind() == []


def test_a_paused_job_can_be_cancelled_and_leaves_nothing(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "given-up.mp4", fault="slow"))
    server.until_lit(job)
    server.client.pause(job.id)
    server.client.cancel(job.id)
    assert ended(server, job).state == pb.JOB_STATE_CANCELLED
    assert server.left_behind() == []


def test_the_order_that_was_asked_for_is_the_order_that_is_run(server, clip: Path) -> None:
    assert server.client.pause_queue().is_paused
    jobs = [server.client.submit(server.request(clip, f"order{n}.mp4")) for n in range(3)]
    server.client.prioritize(jobs[2].id, 10)
    server.client.move(jobs[1].id, before=jobs[0].id)
    positions = [server.client.job(job.id).position for job in jobs]
    assert positions == [3, 2, 1]
    assert server.client.is_queue_paused()
    assert server.client.resume_queue().waiting <= 3
    updated = [ended(server, job).updated for job in jobs]
    assert updated == sorted(updated, reverse=True)


def test_waiting_jobs_say_when_they_will_have_ended(server, clip: Path) -> None:
    server.client.pause_queue()
    jobs = [server.client.submit(server.request(clip, f"eta{n}.mp4")) for n in range(3)]
    assert not any(server.client.job(job.id).HasField("eta_seconds") for job in jobs)
    busy = server.client.submit(server.request(clip, "eta-busy.mp4", fault="slow"))
    server.client.prioritize(busy.id, 1)
    server.client.resume_queue()
    server.until_lit(busy)
    listed = {job.id: job.eta_seconds for job in server.client.jobs(only_open=True)}
    etas = [listed[job.id] for job in jobs]
    assert 0 < etas[0] < etas[1] < etas[2] < 60
    assert etas[2] - etas[1] == pytest.approx(etas[1] - etas[0])
    for job in jobs:
        assert ended(server, job).state == pb.JOB_STATE_DONE


def test_only_what_failed_or_was_cancelled_is_tried_again(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "once-more.mp4"))
    assert ended(server, job).state == pb.JOB_STATE_DONE
    with pytest.raises(LavError, match="nothing to try again"):
        server.client.retry(job.id)
    failed = server.client.submit(server.request(clip, "failing.mp4", fault="error"))
    assert ended(server, failed).state == pb.JOB_STATE_FAILED
    again = server.client.retry(failed.id, key="again")
    assert server.client.retry(failed.id, key="again").id == again.id
    assert ended(server, again).parent_job == failed.id


def test_a_plan_does_not_keep_previews_waiting(
    server, clip: Path, make_clip: Callable[..., Path]
) -> None:
    long_clip = make_clip(server.folder / "long.mp4", frames=2400, size=(640, 360))
    light = pb.LightRequest(lamp=pb.Lamp(azimuth=-60), exposure=0.0)
    request = pb.PreviewRequest(path=str(clip), light=light, engine="fault")
    server.client.preview(request)
    with ThreadPoolExecutor(1) as pool:
        planning = pool.submit(server.client.plan, server.request(long_clip, "long-take.mp4"))
        previews = 0
        while not planning.done():
            server.client.preview(request)
            previews += 1
    assert planning.result().windows == 300
    assert previews > 3


def test_a_watch_that_is_cut_again_and_again_misses_nothing(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "cut.mp4", fault="slow"))
    seen: list[int] = []
    for cut in range(30):
        watch = server.client.watch(job.id, after_seq=seen[-1] if seen else 0, previews=True)
        for event in watch:
            is_stored = event.WhichOneof("event") in ("state", "warning")
            if is_stored:
                seen.append(event.seq)
            if is_stored or cut % 3:
                break
        watch.close()
    rest = server.client.watch(job.id, after_seq=seen[-1])
    seen += [event.seq for event in rest if event.WhichOneof("event") in ("state", "warning")]
    assert seen == list(range(1, server.client.job(job.id).seq + 1))


def test_a_watcher_of_a_waiting_job_hears_that_the_server_lives(server, clip: Path, stub) -> None:
    server.client.pause_queue()
    job = server.client.submit(server.request(clip, "silent.mp4"))
    token = (("authorization", f"Bearer {discovery.read(server.home).token}"),)
    request = pb.WatchJobRequest(id=job.id, after_seq=job.seq)
    watch = stub.WatchJob(request, metadata=token, timeout=15)
    started = time.monotonic()
    assert next(watch).WhichOneof("event") == "heartbeat"
    assert time.monotonic() - started < 10
    watch.cancel()
    server.client.cancel(job.id)
    server.client.resume_queue()
