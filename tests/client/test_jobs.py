"""`lav jobs` and `lav cache`: what is told of the queue and the cache, and asked of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from lav_client.jobs import _course, _record
from lav_client.show import Lines, _tell
from lav_proto.v1 import relight_pb2 as pb


@pytest.fixture
def waiting(server, shot: Path, lav) -> Iterator[list[pb.Job]]:
    """Two jobs in a paused queue."""
    assert lav("jobs", "pause").stderr == "The queue is paused; 0 renders are waiting.\n"
    names = (f"waiting-{len(server.client.jobs(limit=1000))}-{n}.mov" for n in range(2))
    jobs = [server.client.submit(server.request(shot, name)) for name in names]
    yield jobs
    for job in jobs:
        server.client.cancel(job.id)
    assert lav("jobs", "resume").stderr == "The queue goes on; 0 renders are waiting.\n"


def test_the_list_says_where_a_job_stands(lav, waiting: list[pb.Job]) -> None:
    first, second = waiting
    listed = lav("jobs", "list", "--open")
    assert "The queue is paused; `lav jobs resume` starts it again." in listed.stderr
    lines = listed.stdout.splitlines()
    assert [line.split()[:3] for line in lines] == [
        [second.id, "waiting", "#2"],
        [first.id, "waiting", "#1"],
    ]
    record = json.loads(lav("jobs", "list", "--open", "--json").stdout)[0]
    assert (record["position"], record["priority"], record["is_paused"]) == (2, 0, False)


def test_a_waiting_job_says_how_long_it_still_takes(capsys: pytest.CaptureFixture[str]) -> None:
    job = pb.Job(id="a1", state=pb.JOB_STATE_QUEUED, position=2, eta_seconds=75.0)
    assert _course(job) == "#2, 1:15 left"
    assert _record(job)["eta_seconds"] == 75.0
    with Lines() as lines:
        _tell(pb.JobEvent(state=pb.JOB_STATE_QUEUED, job=job), lines)
        for position, eta in ((2, 70.0), (2, 65.0), (1, 60.0), (0, None)):
            _tell(pb.JobEvent(waiting=pb.Waiting(position=position, eta_seconds=eta)), lines)
    assert capsys.readouterr().err.splitlines() == [
        "Job a1 is number 2 in the queue, 1:15 left.",
        "Waiting: number 2 in the queue, 1:10 left",
        "Waiting: number 1 in the queue, 1:00 left",
    ]


def test_jobs_are_moved_and_given_priorities(lav, waiting: list[pb.Job]) -> None:
    first, second = waiting
    moved = lav("jobs", "move", second.id)
    assert moved.stderr == f"Job {second.id} is waiting, number 1 in the queue.\n"
    moved = lav("jobs", "move", first.id, "--before", second.id)
    assert moved.stderr == f"Job {first.id} is waiting, number 1 in the queue.\n"
    lowered = lav("jobs", "priority", first.id, "-5")
    assert lowered.stderr == f"Job {first.id} has priority -5, number 2 in the queue.\n"
    refused = lav("jobs", "priority", first.id, "500")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_a_job_is_paused_resumed_and_tried_again(lav, waiting: list[pb.Job]) -> None:
    first, _ = waiting
    assert lav("jobs", "pause", first.id).stderr == f"Job {first.id} is paused.\n"
    assert "paused" in lav("jobs", "list", "--open").stdout
    resumed = lav("jobs", "resume", first.id)
    assert resumed.stderr == f"Job {first.id} is waiting, number 1 in the queue.\n"
    refused = lav("jobs", "retry", first.id)
    assert refused.returncode == 2
    assert "there is nothing to try again" in refused.stderr
    lav("jobs", "cancel", first.id)
    assert lav("jobs", "pause", first.id).stderr == f"Job {first.id} is cancelled already.\n"
    again = json.loads(lav("jobs", "retry", first.id, "--json").stdout)
    assert again["parent"] == first.id
    assert lav("jobs", "cancel", again["job"]).returncode == 0


def test_the_cache_is_listed_and_cleared(server, lav, shot: Path) -> None:
    job = server.client.submit(server.request(shot, "cached.mov"))
    assert list(server.client.watch(job.id))[-1].job.state == pb.JOB_STATE_DONE
    listed = lav("cache", "ls")
    assert "of 20.0 GB are used in" in listed.stderr
    assert listed.stdout.startswith("shot.mov  fault  3 sections")
    cleared = json.loads(lav("cache", "clear", "--json").stdout)
    assert (cleared["sections"], cleared["kept_bytes"]) == (3, 0)
    assert "No light is kept in" in lav("cache", "ls").stderr
    assert lav("cache", "clear").stderr == "0.0 kB were freed.\n"


def test_a_take_is_extended_in_the_same_light(server, lav, shot: Path, folder: Path) -> None:
    request = server.request(shot, f"{folder.name}/old.mkv", amount=0.5)
    request.clip.first, request.clip.count = 6, 9
    request.output.codec = pb.CODEC_FFV1
    request.exposures.add(first=0, end=24, exposure=0.75)  # the engine would solve 0
    old = list(server.client.watch(server.client.submit(request).id))[-1].job
    said = lav("jobs", "extend", old.id, "--range", "2:18", "-o", folder / "new.mkv", "--json")
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    new = server.client.job(told["job"])
    assert (new.parent_job, told["first"], told["frames"]) == (old.id, 2, 18)
    assert (told["amount"], told["codec"], told["exposure"]) == (0.5, "ffv1", 0.75)
    assert [(one.first, one.end, one.exposure) for one in new.take.exposures] == [(2, 20, 0.75)]
    assert pictures(folder / "new.mkv")[4:13] == pictures(folder / "old.mkv")
    whole = json.loads(lav("jobs", "extend", new.id, "-o", folder / "whole.mov", "--json").stdout)
    assert (whole["frames"], whole["codec"], whole["exposure"]) == (24, "h264", 0.75)


def pictures(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray().tobytes() for frame in container.decode(video=0)]


def test_only_takes_are_extended(lav, waiting: list[pb.Job]) -> None:
    refused = lav("jobs", "extend", waiting[0].id)
    assert refused.returncode == 2
    assert "has no take that could be extended" in refused.stderr
