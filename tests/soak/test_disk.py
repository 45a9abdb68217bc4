"""Full, faulty, read-only and vanishing disks: a clear error, and a job to go on with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from soaking import ENDED, Ground, digest, is_long, size, until

from lav_client.client import Client
from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb

VOLUME = 4 * 2**20  # bytes
LEVELS = (0, 4, 16, 40, 80, 120, 200, 400, 800, 1600)  # KiB that are free
FULL = {Code.disk_short, Code.output_unwritable}
GONE = {*FULL, Code.media_missing, Code.media_unreadable, Code.outside_roots}
PLACES = {  # what has this in its path cannot be written; and what is said then
    "the take": (".lav-part", {Code.output_unwritable}),
    "the database": ("/jobs.sqlite", {Code.internal}),
    "the light": ("/cache/maps/", {Code.output_unwritable}),
    "the job's own folder": ("/home/jobs/", {Code.output_unwritable}),
    "all": ("/ground/", {Code.output_unwritable, Code.internal}),
}
EIO = Path(__file__).with_name("eio.c")
FRAMES = 24
WAITING = 6.0  # seconds on a full disk: longer than the job takes


def mount(*arguments: str) -> bool:
    done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    return done.returncode == 0


@pytest.fixture
def volume(ground: Ground) -> Iterator[Callable[[str], Path]]:
    """Puts a small disk in the place of one of the ground's folders."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root on Linux")
    mounted: list[Path] = []

    def put(name: str) -> Path:
        path = ground.base / name
        if not mount("-t", "tmpfs", "-o", f"size={VOLUME},mode=0700", "lav-soak", str(path)):
            pytest.skip("mounting is not allowed here")
        mounted.append(path)
        return path

    yield put
    if ground.is_running:
        ground.stop()
    for path in mounted:
        subprocess.run(["umount", "-l", str(path)], capture_output=True, check=False)


@pytest.fixture(scope="module")
def faulty_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes writes fail: loaded into a process before any other."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("making a disk report errors takes Linux and a C compiler")
    library = tmp_path_factory.mktemp("eio") / "eio.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, EIO, "-ldl"], check=True)
    return library


@pytest.fixture
def fault(ground: Ground, faulty_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """While this file holds a word, the ground's server cannot write what has it in its path."""
    path = ground.base / "eio"
    monkeypatch.setenv("LD_PRELOAD", str(faulty_disk))
    monkeypatch.setenv("LAV_TEST_EIO", str(path))
    return path


def fill(path: Path, free: int) -> Path:
    """Leaves `free` KiB on the disk."""
    ballast = path / "ballast.bin"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        left = os.statvfs(path).f_bavail * os.statvfs(path).f_frsize - free * 1024
        file.write(b"\0" * max(left, 0))
    return ballast


def tried(client: Client, request: pb.RelightRequest, key: str, codes: set[Code]) -> pb.Job | None:
    """The job as it ended, None where it was refused; both only for one of these reasons."""
    try:
        job = client.submit(request, key=key)
    except LavError as refused:
        if refused.code not in codes or not is_clear(refused.message, refused.hint):
            raise
        return None
    until(lambda: client.job(job.id).state in ENDED)
    job = client.job(job.id)
    if job.state == pb.JOB_STATE_FAILED:
        assert job.problem.code in codes, job.problem
        assert is_clear(job.problem.message, job.problem.hint), job.problem
    return job


def is_clear(message: str, hint: str) -> bool:
    return bool(hint) and "unexpected" not in message


def goes_on(client: Client, job: pb.Job | None, request: pb.RelightRequest) -> None:
    """Once there is room, a refused job is taken and a failed one goes on."""
    if job is None:
        job = client.submit(request)
    elif job.state == pb.JOB_STATE_FAILED:
        job = client.retry(job.id)
    until(lambda: client.job(job.id).state in ENDED)
    assert client.job(job.id).state == pb.JOB_STATE_DONE, client.job(job.id).problem


def whole(ground: Ground, client: Client, clip: Path) -> str:
    """The hash of an undisturbed take, of another light with the same pixels."""
    request = ground.request(clip, "whole.mp4")
    request.light.lamp.azimuth = 170
    job = tried(client, request, "whole", set())
    assert job is not None
    assert job.state == pb.JOB_STATE_DONE
    found = digest(ground.media / "whole.mp4")
    (ground.media / "whole.mp4").unlink()
    return found


def check_rest(ground: Ground) -> None:
    ground.check_database()
    if ground.left_behind():  # half a file of the store goes with the next start
        ground.start()
        ground.stop()
    assert ground.left_behind() == []


@pytest.mark.parametrize("name", ["media", "home"][: size(1, 2)])
def test_a_disk_that_is_full_before_a_job_starts(ground, volume, make_clip, name) -> None:
    clip = make_clip(ground.base / "clip.mp4", FRAMES)
    ground.options = ("--root", str(ground.base))
    path = volume(name)
    with ground.served() as client:
        expected = whole(ground, client, clip)
        for free in LEVELS if is_long() else LEVELS[::5]:
            take = ground.media / f"take-{free}.mp4"
            request = ground.request(clip, take.name)
            request.light.lamp.azimuth = free / 10
            ballast = fill(path, free)
            job = tried(client, request, f"key-{free}", FULL)
            ballast.unlink()
            goes_on(client, job, request)
            assert digest(take) == expected
            take.unlink()
            ground.check_database()
    check_rest(ground)


@pytest.mark.skipif(not is_long(), reason="minutes of full disks")
@pytest.mark.parametrize("name", ["media", "home"])
def test_a_disk_that_fills_while_a_job_runs(ground, volume, make_clip, name) -> None:
    """The job fails with a reason and is tried again, or waits and goes on by itself."""
    clip = make_clip(ground.base / "clip.mp4", FRAMES)
    ground.options = ("--root", str(ground.base))
    path = volume(name)
    with ground.served() as client:
        expected = whole(ground, client, clip)
        for free in LEVELS:
            take = ground.media / f"take-{free}.mp4"
            request = ground.request(clip, take.name, "slow")
            request.light.lamp.azimuth = free / 10
            before = sum(ground.windows_lit().values())
            job = client.submit(request)
            until(lambda lit=before: sum(ground.windows_lit().values()) > lit + 1)
            ballast = fill(path, free)
            ends_or_waits(client, job.id)
            ballast.unlink()
            until(lambda job=job: client.job(job.id).state in ENDED, 60)
            ended = client.job(job.id)
            assert ended.problem.code in ("", *FULL), ended.problem
            goes_on(client, ended, request)
            assert digest(take) == expected
            take.unlink()
            ground.check_database()
    check_rest(ground)


def ends_or_waits(client: Client, job_id: str) -> None:
    """The server answers all the while."""
    deadline = time.monotonic() + WAITING
    while time.monotonic() < deadline and client.job(job_id).state not in ENDED:
        time.sleep(0.1)


@pytest.mark.parametrize("place", list(PLACES)[: size(2, len(PLACES))])
def test_a_disk_that_reports_errors_before_a_job_starts(ground, fault, make_clip, place) -> None:
    clip = make_clip(ground.base / "clip.mp4", FRAMES)
    ground.options = ("--root", str(ground.base))
    with ground.served() as client:
        expected = whole(ground, client, clip)
        request = ground.request(clip, "take.mp4")
        word, codes = PLACES[place]
        fault.write_text(word)
        job = tried(client, request, "key", codes)
        assert job is None or job.state == pb.JOB_STATE_FAILED
        fault.unlink()
        goes_on(client, job, request)
        assert digest(ground.media / "take.mp4") == expected
    check_rest(ground)


@pytest.mark.parametrize("place", list(PLACES)[: size(2, len(PLACES))])
def test_a_disk_that_reports_errors_while_a_job_runs(ground, fault, make_clip, place) -> None:
    """The job fails with a reason and is tried again, or waits and goes on by itself."""
    clip = make_clip(ground.base / "clip.mp4", FRAMES)
    ground.options = ("--root", str(ground.base))
    with ground.served() as client:
        expected = whole(ground, client, clip)
        request = ground.request(clip, "take.mp4", "slow")
        before = sum(ground.windows_lit().values())
        job = client.submit(request)
        until(lambda: sum(ground.windows_lit().values()) > before + 1)
        word, codes = PLACES[place]
        fault.write_text(word)
        ends_or_waits(client, job.id)
        fault.unlink()
        until(lambda: client.job(job.id).state in ENDED, 60)
        ended = client.job(job.id)
        assert ended.problem.code in ("", *codes), ended.problem
        assert not ended.problem.code or is_clear(ended.problem.message, ended.problem.hint)
        goes_on(client, ended, request)
        assert digest(ground.media / "take.mp4") == expected
        assert ground.redone(2) <= 1
    check_rest(ground)


def test_a_disk_that_becomes_read_only(ground, volume, make_clip) -> None:
    clip = make_clip(ground.base / "clip.mp4", FRAMES)
    ground.options = ("--root", str(ground.base))
    path = volume("media")
    with ground.served() as client:
        request = ground.request(clip, "take.mp4")
        assert mount("-o", "remount,ro", str(path))
        job = tried(client, request, "key", FULL)
        assert job is None or job.state == pb.JOB_STATE_FAILED
        assert mount("-o", "remount,rw", str(path))
        goes_on(client, job, request)
    check_rest(ground)


def test_a_disk_that_vanishes_while_a_job_runs_and_comes_back(ground, volume, make_clip) -> None:
    disk = ground.base / "disk"
    disk.mkdir()
    path = volume("media")
    subprocess.run(["umount", str(path)], check=True)
    if not mount("--bind", str(disk), str(path)):
        pytest.skip("mounting is not allowed here")
    with ground.served() as client:
        clip = make_clip(path / "clip.mp4", FRAMES)
        request = ground.request(clip, "take.mp4", "slow")
        client.submit(request, key="key")
        until(lambda: len(ground.windows_lit()) > 1)
        subprocess.run(["umount", "-l", str(path)], check=True)
        job = tried(client, request, "key", GONE)
        assert list(path.iterdir()) == []
        assert mount("--bind", str(disk), str(path))
        goes_on(client, job, request)
        assert (path / "take.mp4").exists()
    check_rest(ground)
