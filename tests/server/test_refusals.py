"""Whatever is wrong with a request is said in a sentence, at once, and leaves nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server import discovery
from lav_server.wire import PROTOCOL

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
    "long prompt": (Code.bad_value, lambda r, d: setattr(r.light, "prompt", "a" * 20_000)),
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


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_rendered_cannot_be_planned_and_for_the_same_reason(
    server, clip: Path, name: str
) -> None:
    code, spoil = REFUSALS[name]
    folder = server.folder / f"planned-{name.replace(' ', '-')}"
    folder.mkdir()
    request = server.request(clip, f"{folder.name}/take.mp4")
    spoil(request, folder)
    said = set()
    for call in (server.client.submit, server.client.plan):
        with pytest.raises(LavError) as refused:
            call(request)
        said.add((refused.value.code, refused.value.message, refused.value.hint))
    assert len(said) == 1
    assert said.pop()[0] == code


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


def test_a_message_of_a_hundred_megabytes_is_refused(server, clip: Path) -> None:
    request = server.request(clip, "huge.mp4")
    request.light.prompt = "a" * 100_000_000
    with pytest.raises(LavError, match="larger than a server takes"):
        server.client.submit(request)
    assert server.client.server_info().protocol == PROTOCOL
