"""A fault on a device spoils the process that met it: the job fails, the next gets a new worker."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from lav_engine.errors import Code
from lav_proto.v1 import relight_pb2 as pb


def run(server, request: pb.RelightRequest) -> pb.Job:
    job = server.client.submit(request, key=uuid4().hex)
    for event in server.client.watch(job.id):
        if event.job.id:
            job = event.job
    return job


@pytest.mark.parametrize(
    ("engine", "code"), [("fault", Code.internal), ("fault-on-device", Code.worker_lost)]
)
def test_the_next_job_runs(server, clip: Path, engine: str, code: Code) -> None:
    request = server.request(clip, f"{engine}.mp4", fault="error")
    request.engine = engine
    failed = run(server, request)
    assert failed.state == pb.JOB_STATE_FAILED
    assert (failed.problem.code, failed.problem.retryable) == (code, True)
    assert server.left_behind() == []
    request.prompts.relight = ""
    assert run(server, request).state == pb.JOB_STATE_DONE
