"""Jobs as a client meets them: submitted, watched, cancelled, failed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lav_engine.errors import Code
from lav_proto.v1 import relight_pb2 as pb


def state_names(events: list[pb.JobEvent]) -> list[str]:
    states = [event.state for event in events if event.WhichOneof("event") == "state"]
    return [pb.JobState.Name(state).removeprefix("JOB_STATE_").lower() for state in states]


def test_a_job_ends_with_its_take(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "take.mp4"))
    events = list(server.client.watch(job.id, previews=True))
    kinds = {event.WhichOneof("event") for event in events}
    assert state_names(events) == ["queued", "running", "publishing", "done"]
    assert kinds >= {"state", "progress", "preview"}
    assert [event.seq for event in events] == sorted(event.seq for event in events)
    take = server.client.job(job.id).take
    assert events[-1].job.take == take
    assert (take.clip.first, take.clip.count, take.source_frames) == (0, 24, 24)
    assert server.client.probe(Path(take.path)).facts.frames == 24
    assert server.left_behind() == []


def test_the_request_is_stored_with_its_range_and_rate(server, clip: Path) -> None:
    request = server.request(clip, "range.mp4")
    request.clip.first = 20
    job = server.client.submit(request)
    assert (job.request.clip.first, job.request.clip.count) == (20, 4)
    assert job.request.clip.rate.numerator == 24
    assert list(server.client.watch(job.id))[-1].job.state == pb.JOB_STATE_DONE


def test_one_key_is_one_job(server, clip: Path) -> None:
    request = server.request(clip, "once.mp4")
    with ThreadPoolExecutor(4) as pool:
        jobs = list(pool.map(lambda _: server.client.submit(request, key="once"), range(4)))
    assert len({job.id for job in jobs}) == 1
    assert list(server.client.watch(jobs[0].id))[-1].job.state == pb.JOB_STATE_DONE
    assert server.client.submit(request, key="once").id == jobs[0].id


def test_a_watch_goes_on_after_the_last_event_seen(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "resumed.mp4", fault="slow"))
    seq = server.until_lit(job)
    rest = list(server.client.watch(job.id, after_seq=seq))
    assert state_names(rest) == ["publishing", "done"]
    assert list(server.client.watch(job.id, after_seq=rest[-1].seq)) == []
    assert state_names(list(server.client.watch(job.id)))[-1] == "done"


def test_closing_a_watch_cancels_nothing(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "closed.mp4"))
    watch = server.client.watch(job.id)
    next(watch)
    watch.close()
    assert list(server.client.watch(job.id))[-1].job.state == pb.JOB_STATE_DONE


def test_a_watcher_that_does_not_read_slows_nobody(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "unread.mp4", fault="slow"))
    unread = server.client.watch(job.id, previews=True)
    next(unread)
    events = list(server.client.watch(job.id))
    assert state_names(events)[-1] == "done"
    assert events[-1].job.take.seconds < 10
    assert state_names(list(unread))[-1] == "done"


def test_a_running_job_is_cancelled_and_leaves_nothing(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "cancelled.mp4", fault="slow"))
    server.until_lit(job)
    assert server.client.cancel(job.id).state == pb.JOB_STATE_CANCELLING
    last = list(server.client.watch(job.id))[-1]
    assert last.job.state == pb.JOB_STATE_CANCELLED
    assert not last.job.HasField("problem")
    assert server.client.cancel(job.id).state == pb.JOB_STATE_CANCELLED
    assert server.left_behind() == []
    assert not (server.folder / "cancelled.mp4").exists()


def test_a_waiting_job_is_cancelled_at_once(server, clip: Path) -> None:
    running = server.client.submit(server.request(clip, "first.mp4", fault="slow"))
    waiting = server.client.submit(server.request(clip, "second.mp4"))
    assert server.client.cancel(waiting.id).state == pb.JOB_STATE_CANCELLED
    server.client.cancel(running.id)
    states = [job.state for job in server.client.jobs(limit=2)]
    assert states[0] == pb.JOB_STATE_CANCELLED
    assert [job.id for job in server.client.jobs(limit=2)] == [waiting.id, running.id]


def test_a_finished_job_stays_done(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "kept.mp4"))
    list(server.client.watch(job.id))
    assert server.client.cancel(job.id).state == pb.JOB_STATE_DONE
    assert (server.folder / "kept.mp4").exists()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("crash", Code.worker_lost),
        ("killed", Code.worker_lost),
        ("error", Code.internal),
        ("memory", Code.memory_short),
    ],
)
def test_a_failed_job_says_why_and_the_next_one_runs(
    server, clip: Path, fault: str, code: Code
) -> None:
    failed = server.client.submit(server.request(clip, f"{fault}.mp4", fault=fault))
    last = list(server.client.watch(failed.id))[-1]
    assert last.job.state == pb.JOB_STATE_FAILED
    assert last.job.problem.code == code
    assert last.job.problem.retryable
    assert "Traceback" not in last.job.problem.message
    assert server.left_behind() == []
    assert not (server.home / "maps" / failed.id).exists()
    following = server.client.submit(server.request(clip, f"after-{fault}.mp4"))
    assert list(server.client.watch(following.id))[-1].job.state == pb.JOB_STATE_DONE


def test_open_jobs_are_listed_apart(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "open.mp4", fault="slow"))
    assert [one.id for one in server.client.jobs(only_open=True)] == [job.id]
    server.client.cancel(job.id)
    list(server.client.watch(job.id))
    assert server.client.jobs(only_open=True) == ()


def test_a_plan_tells_what_a_job_would_take(server, clip: Path) -> None:
    plan = server.client.plan(server.request(clip, "planned.mp4"))
    assert [(shot.first, shot.end) for shot in plan.shots] == [(0, 24)]
    assert plan.windows == 3
    assert min(plan.disk_bytes, plan.memory_bytes, plan.seconds) > 0
    assert not (server.folder / "planned.mp4").exists()


def test_a_clip_named_as_systems_name_recordings_is_rendered(
    server, make_clip: Callable[..., Path]
) -> None:
    name = "Screen Recording 2026-01-01 at 3.04\u202fPM \U0001f469\u200d\U0001f680\u3000\u591c"
    clip = make_clip(server.folder / f"{name}.mp4")
    job = server.client.submit(server.request(clip, f"{name}_relit.mp4"))
    *_, last = server.client.watch(job.id)
    assert last.job.state == pb.JOB_STATE_DONE
    assert (server.folder / f"{name}_relit.mp4").exists()
    assert server.left_behind() == []
