"""The same again is a copy, as long as everything it was made from and gave is as it was."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server import cache, room
from lav_server.cache import CachedClip
from lav_server.room import Needs


def digest(path: str | Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def rendered(server, request: pb.RelightRequest) -> tuple[pb.Job, list[str]]:
    """The finished job and its warnings."""
    job = server.client.submit(request)
    events = list(server.client.watch(job.id))
    assert events[-1].job.state == pb.JOB_STATE_DONE
    warnings = [event.warning for event in events if event.WhichOneof("event") == "warning"]
    return events[-1].job, [said for said in warnings if "a copy of" in said]


def named(server, request: pb.RelightRequest, name: str) -> pb.RelightRequest:
    again = pb.RelightRequest()
    again.CopyFrom(request)
    again.output.path = str(server.folder / name)
    return again


def windows_of(server) -> dict[Path, int]:
    folder = server.home / "cache" / "maps"
    return {path: path.stat().st_ino for path in folder.glob("??/*.npz")}


def test_the_same_again_is_a_copy_within_a_second(server, clip: Path) -> None:
    request = server.request(clip, "one.mp4", fault="slow")
    request.output.sheet = str(server.folder / "one.png")
    first, said = rendered(server, request)
    assert said == []
    again = named(server, request, "two.mp4")
    again.output.sheet = str(server.folder / "two.png")
    started = time.monotonic()
    second, said = rendered(server, again)
    assert time.monotonic() - started < 1
    assert said == ["The same was rendered before, so this take is a copy of one.mp4."]
    assert digest(second.take.path) == digest(first.take.path)
    assert digest(second.take.sheet) == digest(first.take.sheet)
    assert (second.take.path, second.take.sheet) == (again.output.path, again.output.sheet)
    assert os.stat(second.take.path).st_ino != os.stat(first.take.path).st_ino
    assert server.left_behind() == []


def test_the_same_again_does_not_wait_for_others(server, clip: Path) -> None:
    request = server.request(clip, "quick.mp4")
    rendered(server, request)
    busy = server.client.submit(server.request(clip, "busy.mp4", fault="slow"))
    server.until_lit(busy)
    rendered(server, named(server, request, "at-once.mp4"))
    assert server.client.job(busy.id).state == pb.JOB_STATE_RUNNING
    server.client.cancel(busy.id)


def written_over(clip: Path) -> None:
    before = clip.stat()
    clip.write_bytes(clip.read_bytes())
    os.utime(clip, ns=(before.st_atime_ns, before.st_mtime_ns))


SPOIL: dict[str, Callable[[Path, Path], object]] = {
    "the take was changed": lambda clip, take: take.write_bytes(b"changed"),
    "the take has gone": lambda clip, take: take.unlink(),
    "the clip was saved again": lambda clip, take: os.utime(clip),
    "the clip was written over and its time put back": lambda clip, take: written_over(clip),
    "the clip was replaced": lambda clip, take: (
        shutil.copy2(clip, f"{clip}.new"),
        os.replace(f"{clip}.new", clip),
    ),
}


@pytest.mark.parametrize("what", SPOIL)
def test_it_is_rendered_again_where(
    server, make_clip: Callable[..., Path], tmp_path: Path, what: str
) -> None:
    name = what.replace(" ", "-")
    clip = make_clip(server.folder / f"{name}-clip.mp4")
    request = server.request(clip, f"{name}.mp4")
    first, _ = rendered(server, request)
    made = digest(first.take.path)
    lit = windows_of(server)
    SPOIL[what](clip, Path(first.take.path))
    second, said = rendered(server, named(server, request, f"{name}-2.mp4"))
    assert said == []
    assert digest(second.take.path) == made
    assert windows_of(server) == lit  # though not lit again


def test_another_amount_is_delivered_without_the_engine(server, clip: Path) -> None:
    request = server.request(clip, "whole.mp4")
    first, _ = rendered(server, request)
    lit = windows_of(server)
    half = named(server, request, "half.mp4")
    half.amount = 0.5
    second, said = rendered(server, half)
    assert said == []
    assert windows_of(server) == lit
    assert digest(second.take.path) != digest(first.take.path)


def put(folder: Path, key: str, size: int, used: float) -> Path:
    path = folder / key[:2] / f"{key}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(size))
    os.utime(path, (used, used))
    return path


def test_the_least_recently_used_goes_first_but_nothing_that_is_needed(tmp_path: Path) -> None:
    for number, key in enumerate(["aa1", "ab2", "aa3", "cc4"]):
        put(tmp_path, key, 100, 1000 + number)
    removed = cache.trim(tmp_path, 250, {"aa1"})
    assert (removed.windows, removed.size, removed.kept) == (2, 200, 200)
    assert [one.key for one in cache.entries(tmp_path)] == ["aa1", "cc4"]
    assert cache.trim(tmp_path, 250, set()).windows == 0
    assert cache.trim(tmp_path, 0, {"aa1", "cc4"}).kept == 200


def test_the_cache_is_told_by_clip(tmp_path: Path) -> None:
    put(tmp_path, "aa1", 100, 1000)
    put(tmp_path, "ab2", 50, 3000)
    put(tmp_path, "cc3", 10, 2000)
    (tmp_path / "dd").mkdir()
    (tmp_path / "dd" / "dd4.json").write_text("{}")  # an exposure
    named_by = {"aa1": ("/a.mov", "draft"), "ab2": ("/a.mov", "draft")}
    assert cache.by_clip(cache.entries(tmp_path), named_by, {"ab2"}) == [
        CachedClip("/a.mov", "draft", 2, 150, 3000, is_open=True),
        CachedClip("", "", 1, 10, 2000),
    ]


def test_what_a_killed_process_was_writing_is_swept_and_nothing_else(tmp_path: Path) -> None:
    kept = put(tmp_path, "aa1", 100, 1000)
    (tmp_path / "aa" / ".aa2.npz.123.part").write_bytes(b"half")
    cache.sweep(tmp_path)
    assert list((tmp_path / "aa").iterdir()) == [kept]


def test_a_small_cache_stays_small_and_can_be_cleared(
    tmp_path: Path, running_server, make_clip: Callable[..., Path]
) -> None:
    (tmp_path / "media").mkdir()
    clip = make_clip(tmp_path / "media" / "clip.mp4")
    size = 0.000_02  # GB: about two takes' windows
    with running_server(tmp_path / "home", tmp_path / "media", "--cache-size", size) as server:
        for n in range(4):
            rendered(server, server.request(clip, f"{n}.mp4"))
        deadline = time.monotonic() + 10
        while (kept := server.client.cache()).bytes > kept.limit_bytes:
            assert time.monotonic() < deadline, "it is not trimmed"
        assert 0 < kept.bytes <= kept.limit_bytes == 20_000
        (one,) = kept.clips
        assert (one.path, one.engine, one.is_open) == (str(clip), "fault", False)
        freed = server.client.clear_cache()
        assert (freed.windows, freed.kept_bytes) == (one.windows, 0)
        assert server.client.cache().bytes == 0
        rendered(server, server.request(clip, "after.mp4"))


def test_too_little_room_is_said_with_both_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    room.check_now(Needs(take=300_000, maps=300_000), tmp_path, tmp_path)
    with pytest.raises(LavError, match=r"about 1\.1 MB, but .* has 1\.0 MB left") as short:
        room.check_now(Needs(take=400_000, maps=300_000), tmp_path, tmp_path)
    assert short.value.code == Code.disk_short
    with pytest.raises(LavError, match="of memory") as short:
        room.check_ever(Needs(memory=2**50), tmp_path, tmp_path)
    assert short.value.code == Code.memory_short


def test_the_same_right_after_the_first_is_a_copy_too(server, clip: Path) -> None:
    """The queue looks for its next job at that very moment."""
    for n in range(5):
        request = server.request(clip, f"again-{n}.mp4")
        rendered(server, request)
        _, said = rendered(server, named(server, request, f"again-{n}-copy.mp4"))
        assert len(said) == 1
