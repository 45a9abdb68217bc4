"""The service as a client meets it: a real daemon, real children, real files."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server import discovery
from lav_server.boundary import STATUS
from lav_server.wire import PROTOCOL

LIGHT = pb.LightRequest(lamp=pb.Lamp(azimuth=-60), exposure=0.0)


def test_the_server_says_what_it_is(server) -> None:
    info = server.client.server_info()
    assert info.protocol == PROTOCOL
    assert {engine.name for engine in info.engines} >= {"draft", "fault"}
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
        with pytest.raises(grpc.RpcError) as refused:
            next(stub.Watch(health_pb2.HealthCheckRequest()))
        assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


def test_every_code_has_a_status() -> None:
    assert set(STATUS) == set(Code)


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
    server.until_lit(job)
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
