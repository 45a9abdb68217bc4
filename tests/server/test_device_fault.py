"""A fault on a device spoils the process that met it: the job fails, the next gets a new worker."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from lav_engine.errors import Code
from lav_proto.v1 import relight_pb2 as pb
from lav_server.executor import WORKER


def run(server, engine: str, clip: Path, name: str, fault: str = "") -> pb.Job:
    request = server.request(clip, name, fault=f"{fault} {name}")  # a take of its own, no copy
    request.engine = engine
    job = server.client.submit(request, key=uuid4().hex)
    for event in server.client.watch(job.id):
        if event.job.id:
            job = event.job
    return job


def workers(server) -> set[int]:
    family = psutil.Process(server.process.pid).children()
    return {one.pid for one in family if WORKER in one.cmdline()}


@pytest.mark.parametrize(
    ("engine", "fault", "is_kept"),
    [
        ("fault", "error", True),
        ("fault-on-device", "error", False),
        ("fault-on-device", "not-a-number", True),
        ("fault-on-device", "memory", True),
    ],
)
def test_the_job_has_its_own_sentence_and_the_next_one_runs(
    server, clip: Path, engine: str, fault: str, is_kept: bool
) -> None:
    assert run(server, engine, clip, f"{engine}-{fault}-a.mp4").state == pb.JOB_STATE_DONE
    before = workers(server)
    failed = run(server, engine, clip, f"{engine}-{fault}-b.mp4", fault)
    assert failed.state == pb.JOB_STATE_FAILED
    assert failed.problem.code != Code.worker_lost
    assert ("not a number" in failed.problem.message) == (fault == "not-a-number")
    assert server.left_behind() == []
    assert run(server, engine, clip, f"{engine}-{fault}-c.mp4").state == pb.JOB_STATE_DONE
    assert (workers(server) == before) == is_kept
    assert len(workers(server)) == 1


def test_a_surprise_is_in_the_log_with_its_job(server, clip: Path) -> None:
    failed = run(server, "fault-on-device", clip, "logged.mp4", "error")
    assert failed.problem.code == Code.internal
    assert failed.problem.retryable
    assert "unexpected" in failed.problem.message
    assert "log" in failed.problem.hint
    said = "".join(path.read_text() for path in server.home.rglob("worker.log"))
    assert failed.id in said
    assert "RuntimeError: a bug in an engine" in said
