"""The service as a client meets it: a real daemon, real children, real files."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_proto.v1 import relight_pb2_grpc
from lav_server import discovery
from lav_server.boundary import STATUS
from lav_server.wire import PROTOCOL

LIGHT = pb.LightRequest(lamp=pb.Lamp(azimuth=-60), exposure=0.0)


def state_names(events: list[pb.JobEvent]) -> list[str]:
    states = [event.state for event in events if event.WhichOneof("event") == "state"]
    return [pb.JobState.Name(state).removeprefix("JOB_STATE_").lower() for state in states]


def until_lit(server, job: pb.Job) -> int:
    """The last sequence number seen once the worker is inside the engine."""
    for event in server.client.watch(job.id):
        if event.WhichOneof("event") == "progress" and event.progress.stage == pb.STAGE_LIGHTING:
            return event.seq
    raise AssertionError("the job ended before it was lit")


@pytest.fixture
def stub(server):
    """The bare service, without a token."""
    found = discovery.read(server.home)
    with grpc.insecure_channel(found.address) as channel:
        yield relight_pb2_grpc.RelightStub(channel)


# --- the server ---------------------------------------------------------------------------------


def test_the_server_says_what_it_is(server) -> None:
    info = server.client.server_info()
    assert info.protocol == PROTOCOL
    assert {engine.name for engine in info.engines} == {"draft", "fault"}
    assert len(info.presets) >= 8
    assert {preset.name for preset in info.presets} >= {"golden-hour"}
    assert {codec.codec for codec in info.codecs} == {1, 2, 3}


def test_only_its_user_can_read_the_discovery_file(server) -> None:
    assert (server.home / "server.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("metadata", [(), (("authorization", "Bearer guess"),)])
def test_without_the_token_nothing_is_answered(stub, metadata: tuple) -> None:
    for call in (
        lambda: stub.GetServerInfo(pb.GetServerInfoRequest(), metadata=metadata),
        lambda: next(stub.WatchJob(pb.WatchJobRequest(), metadata=metadata)),
    ):
        with pytest.raises(grpc.RpcError) as refused:
            call()
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_health_is_open_to_all(server) -> None:
    with grpc.insecure_channel(discovery.read(server.home).address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for name in ("", "lav.v1.Relight"):
            status = stub.Check(health_pb2.HealthCheckRequest(service=name)).status
            assert status == health_pb2.HealthCheckResponse.SERVING


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(Code)


# --- probe and preview --------------------------------------------------------------------------


def test_a_probe_tells_the_facts_and_shows_a_poster(server, clip: Path) -> None:
    answer = server.client.probe(clip, poster_frame=3, poster_width=80)
    facts = answer.facts
    assert (facts.frames, facts.width, facts.height) == (24, 160, 90)
    assert (facts.rate.numerator, facts.rate.denominator) == (24, 1)
    assert answer.poster.mime_type == "image/jpeg"
    assert (answer.poster.width, answer.poster.data[:2]) == (80, b"\xff\xd8")


def test_a_preview_is_one_relit_frame(server, clip: Path) -> None:
    request = pb.PreviewRequest(
        path=str(clip), media_frame=5, light=LIGHT, engine="fault", format=pb.IMAGE_FORMAT_PNG
    )
    answer = server.client.preview(request)
    assert answer.image.data.startswith(b"\x89PNG")
    assert (answer.image.width, answer.image.height) == (160, 90)
    assert answer.light.exposure == 0.0
    request.amount = 0.0
    assert server.client.preview(request).image.data != answer.image.data


def test_an_image_format_nobody_knows_is_refused(server, clip: Path) -> None:
    request = pb.PreviewRequest(path=str(clip), light=LIGHT, engine="fault")
    request.format = 77  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(LavError, match="no image format number 77"):
        server.client.preview(request)


def test_of_waiting_previews_of_a_clip_only_the_newest_is_made(server, clip: Path) -> None:
    def ask(frame: int, fault: str = "") -> Future[pb.PreviewResponse]:
        request = pb.PreviewRequest(
            path=str(clip),
            media_frame=frame,
            light=LIGHT,
            engine="fault",
            prompts=pb.Prompts(relight=fault),
        )
        asked = pool.submit(server.client.preview, request)
        time.sleep(0.1)  # so that they arrive in this order
        return asked

    with ThreadPoolExecutor(4) as pool:
        first = ask(0, "slow " * 20)
        overtaken, newest = ask(1), ask(2)
        assert first.result().image.data
        assert newest.result().image.data
        with pytest.raises(LavError) as refused:
            overtaken.result()
    assert refused.value.code == Code.superseded


def test_previews_are_answered_while_a_job_runs(server, clip: Path) -> None:
    job = server.client.submit(server.request(clip, "busy.mp4", fault="slow"))
    until_lit(server, job)
    request = pb.PreviewRequest(path=str(clip), light=LIGHT, engine="fault")
    assert server.client.preview(request).image.data
    assert server.client.job(job.id).state == pb.JOB_STATE_RUNNING
    server.client.cancel(job.id)


def test_a_crash_of_the_desk_is_a_sentence_and_the_next_call_works(server, clip: Path) -> None:
    request = pb.PreviewRequest(
        path=str(clip), light=LIGHT, engine="fault", prompts=pb.Prompts(relight="crash")
    )
    with pytest.raises(LavError) as failed:
        server.client.preview(request)
    assert failed.value.code == Code.worker_lost
    assert clip.name in failed.value.message
    assert server.client.probe(clip).facts.frames == 24


# --- jobs ---------------------------------------------------------------------------------------


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
    seq = until_lit(server, job)
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
    until_lit(server, job)
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


# --- refusals -----------------------------------------------------------------------------------

Spoil = Callable[[pb.RelightRequest, Path], object]


def put(path: Path, data: bytes = b"") -> str:
    path.write_bytes(data)
    return str(path)


def fifo(path: Path) -> str:
    os.mkfifo(path)
    return str(path)


REFUSALS: dict[str, tuple[Code, Spoil]] = {
    "missing": (Code.media_missing, lambda r, d: setattr(r.clip, "path", f"{d}/none.mov")),
    "empty": (Code.media_unreadable, lambda r, d: setattr(r.clip, "path", put(d / "0.mp4"))),
    "text": (
        Code.media_unreadable,
        lambda r, d: setattr(r.clip, "path", put(d / "t.mp4", b"not a film " * 99)),
    ),
    "playlist": (
        Code.media_unreadable,
        lambda r, d: setattr(
            r.clip, "path", put(d / "p.mp4", b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n")
        ),
    ),
    "folder": (Code.media_unreadable, lambda r, d: setattr(r.clip, "path", str(d))),
    "pipe": (Code.media_unreadable, lambda r, d: setattr(r.clip, "path", fifo(d / "pipe"))),
    "outside": (Code.outside_roots, lambda r, d: setattr(r.clip, "path", "/etc/passwd")),
    "relative": (Code.bad_value, lambda r, d: setattr(r.clip, "path", "clip.mp4")),
    "no path": (Code.bad_value, lambda r, d: setattr(r.clip, "path", "")),
    "zero byte": (Code.bad_value, lambda r, d: setattr(r.clip, "path", "/a\0b")),
    "past the end": (Code.range_outside, lambda r, d: setattr(r.clip, "count", 25)),
    "before the start": (Code.range_outside, lambda r, d: setattr(r.clip, "first", -1)),
    "another rate": (
        Code.media_unsupported,
        lambda r, d: r.clip.rate.CopyFrom(pb.Rational(numerator=25, denominator=1)),
    ),
    "no rate": (
        Code.bad_value,
        lambda r, d: r.clip.rate.CopyFrom(pb.Rational(numerator=25, denominator=0)),
    ),
    "amount": (Code.bad_value, lambda r, d: setattr(r, "amount", -0.5)),
    "NaN": (Code.bad_value, lambda r, d: setattr(r, "amount", float("nan"))),
    "NaN lamp": (Code.bad_value, lambda r, d: setattr(r.light.lamp, "stops", float("nan"))),
    "elevation": (Code.bad_value, lambda r, d: setattr(r.light.lamp, "elevation", 91)),
    "preset": (Code.unknown_preset, lambda r, d: setattr(r.light, "preset", "golden-hours-ago")),
    "engine": (Code.unknown_engine, lambda r, d: setattr(r, "engine", "magic")),
    "new background": (Code.unsupported, lambda r, d: setattr(r, "scope", 4)),
    "picture": (Code.unsupported, lambda r, d: setattr(r, "delivery", 2)),
    "codec": (Code.version_skew, lambda r, d: setattr(r.output, "codec", 77)),
    "suffix": (Code.unknown_codec, lambda r, d: setattr(r.output, "path", f"{d}/take.gif")),
    "wrong suffix": (Code.unknown_codec, lambda r, d: setattr(r.output, "codec", 2)),
    "exists": (Code.output_exists, lambda r, d: setattr(r.output, "path", put(d / "x.mp4"))),
    "no folder": (
        Code.output_unwritable,
        lambda r, d: setattr(r.output, "path", f"{d}/none/take.mp4"),
    ),
    "output outside": (
        Code.outside_roots,
        lambda r, d: setattr(r.output, "path", "/etc/take.mp4"),
    ),
    "sheet": (Code.bad_value, lambda r, d: setattr(r.output, "sheet", f"{d}/sheet.gif")),
    "mask": (Code.media_missing, lambda r, d: setattr(r, "mask", f"{d}/none.png")),
    "long prompt": (Code.bad_value, lambda r, d: setattr(r.light, "prompt", "a" * 5000)),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_bad_request_is_refused_in_a_sentence(
    server, clip: Path, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    code, spoil = REFUSALS[name]
    folder = server.folder / f"refused-{name.replace(' ', '-')}"
    folder.mkdir()
    request = server.request(clip, f"{folder.name}/take.mp4")
    spoil(request, folder)
    before = sorted(folder.iterdir())
    with pytest.raises(LavError) as refused:
        server.client.submit(request)
    assert refused.value.code == code
    assert refused.value.message.endswith((".", "?"))
    assert refused.value.hint
    assert sorted(folder.iterdir()) == before


def test_an_unknown_job_is_a_sentence(server) -> None:
    for call in (server.client.job, server.client.cancel, lambda id: next(server.client.watch(id))):
        with pytest.raises(LavError) as refused:
            call("nothing")
        assert refused.value.code == Code.job_unknown


def test_a_job_needs_a_key(server, clip: Path, stub) -> None:
    token = discovery.read(server.home).token
    request = pb.SubmitJobRequest(request=server.request(clip, "keyless.mp4"))
    with pytest.raises(grpc.RpcError) as refused:
        stub.SubmitJob(request, metadata=(("authorization", f"Bearer {token}"),))
    assert refused.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_host_sessions_are_refused_with_a_reason(server, stub) -> None:
    metadata = (("authorization", f"Bearer {discovery.read(server.home).token}"),)
    for call in (
        lambda: stub.OpenHostSession(pb.OpenHostSessionRequest(), metadata=metadata),
        lambda: stub.OfferClip(pb.OfferClipRequest(), metadata=metadata),
        lambda: next(stub.WatchHostSession(pb.WatchHostSessionRequest(), metadata=metadata)),
        lambda: stub.ResolveResult(pb.ResolveResultRequest(), metadata=metadata),
    ):
        with pytest.raises(grpc.RpcError) as refused:
            call()
        assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED
        assert "SubmitJob" not in refused.value.details()
        assert "host sessions" in refused.value.details()


def test_a_message_of_a_hundred_megabytes_is_refused(server, clip: Path) -> None:
    request = server.request(clip, "huge.mp4")
    request.light.prompt = "a" * 100_000_000
    with pytest.raises(LavError, match="larger than a server takes"):
        server.client.submit(request)
    assert server.client.server_info().protocol == PROTOCOL
