"""A take never lands in the empty folder that its disk was mounted at."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lav_engine.errors import Code, LavError
from lav_proto.v1 import relight_pb2 as pb
from lav_server.mounts import check_there, mount_of


def test_a_folder_has_the_mount_that_is_nearest_above_it(tmp_path: Path) -> None:
    mount = mount_of(tmp_path / "not" / "there")
    assert os.path.ismount(mount)
    assert tmp_path.is_relative_to(mount)
    check_there(tmp_path, mount)
    check_there(tmp_path, None)
    with pytest.raises(LavError, match="has gone") as gone:
        check_there(tmp_path / "takes", mount)
    assert gone.value.code == Code.output_unwritable
    with pytest.raises(LavError, match=f"The disk at {tmp_path} is not the one") as gone:
        check_there(tmp_path, tmp_path)
    assert gone.value.code == Code.output_unwritable


@pytest.fixture
def share(server, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A disk of its own among the server's folders."""
    path = server.folder / f"share-{request.node.name[:60]}"
    path.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=8m", "lav-test", str(path)]
    if sys.platform != "linux" or subprocess.run(mounting, capture_output=True).returncode:
        pytest.skip("mounting a small disk takes root on Linux")
    yield path
    if os.path.ismount(path):
        unmount(path)


def unmount(share: Path) -> None:
    subprocess.run(["umount", "-l", str(share)], capture_output=True, check=True)


def failed(server, job: pb.Job) -> pb.Problem:
    *_, last = server.client.watch(job.id)
    assert last.job.state == pb.JOB_STATE_FAILED
    assert last.job.problem.code == Code.output_unwritable
    assert last.job.problem.retryable
    assert "lav-part" not in last.job.problem.message
    return last.job.problem


def wanted(server, clip: Path, folder: Path, fault: str = "") -> pb.RelightRequest:
    request = server.request(clip, "take.mp4", fault=fault)
    request.output.path = str(folder / "take.mp4")
    return request


def test_a_disk_that_goes_while_its_job_waits_is_missed(server, clip: Path, share: Path) -> None:
    server.client.pause_queue()
    job = server.client.submit(wanted(server, clip, share))
    unmount(share)
    server.client.resume_queue()
    assert str(share) in failed(server, job).message
    assert list(share.iterdir()) == []


def test_a_disk_that_goes_while_its_job_is_lit_is_missed(server, clip: Path, share: Path) -> None:
    job = server.client.submit(wanted(server, clip, share, "slow"))
    server.until_lit(job)
    unmount(share)
    assert str(share) in failed(server, job).message
    assert list(share.iterdir()) == []


@pytest.mark.parametrize("when", ["waits", "is lit"])
def test_a_folder_that_goes_is_named(server, clip: Path, when: str) -> None:
    folder = server.folder / f"takes while it {when}"
    folder.mkdir()
    if when == "waits":
        server.client.pause_queue()
    job = server.client.submit(wanted(server, clip, folder, "slow"))
    if when == "is lit":
        server.until_lit(job)
    shutil.rmtree(folder)
    server.client.resume_queue()
    assert str(folder) in failed(server, job).message
    folder.mkdir()
    again = server.client.retry(job.id)
    *_, last = server.client.watch(again.id)
    assert last.job.state == pb.JOB_STATE_DONE
