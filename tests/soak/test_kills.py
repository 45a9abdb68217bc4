"""Killing anything at any moment costs at most the window in flight, and changes no byte."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from soaking import Ground, digest, size, until

from lav_proto.v1 import relight_pb2 as pb

FRAMES = size(26, 80)
KILLS = size(2, 60)
LONGEST_WAIT = 3.0  # seconds from one kill to the next: a server and its worker are up in 2
PATIENT = 2  # workers lost in a row without a new window; the third fails the job, as it should
EARLY = ("claim-before", "claim-after", "epoch-before", "commit-before")  # passed once, at first
POINTS = {  # and whether server and worker go together
    "map-before": "",
    "publish-after": "both",
    "commit-before": "",
    "step": "",
    "lit": "both",
    "map-after": "",
    "window-before": "",
    "window-after": "",
    "sync-before": "",
    "sync-after": "both",
    "publish-before": "both",
    "journal-before": "",
    "journal-after": "",
    "publishing-before": "",
    "publishing-after": "",
    "done-before": "",
    "done-after": "",
    "claim-before": "",
    "claim-after": "",
    "epoch-before": "",
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, make_clip) -> tuple[bytes, str]:
    """A clip, and the hash of its take when nothing happens."""
    ground = Ground(tmp_path_factory.mktemp("undisturbed"))
    clip = make_clip(ground.media / "clip.mp4", FRAMES)
    with ground.served() as client:
        job = client.submit(ground.request(clip, "take.mp4"))
        assert ground.ended(job.id).state == pb.JOB_STATE_DONE
    assert ground.redone() == 0
    assert ground.left_behind() == []
    return clip.read_bytes(), digest(ground.media / "take.mp4")


def slow_request(ground: Ground, clip: bytes, number: int = 0) -> pb.RelightRequest:
    """Its take is the same whatever the number; its light is not, so nothing is taken from it."""
    path = ground.media / "clip.mp4"
    path.write_bytes(clip)
    request = ground.request(path, f"take-{number}.mp4", "slow")
    request.light.lamp.azimuth = number
    return request


def check(ground: Ground, job_id: str, take: Path, whole: str, kills: int, jobs: int = 1) -> None:
    ended = ground.ended(job_id)
    assert ended.state == pb.JOB_STATE_DONE, ended.problem
    assert ground.redone(jobs) <= kills
    assert digest(take) == whole


def check_rest(ground: Ground) -> None:
    """Nothing is left but the takes, and a database that is whole."""
    assert ground.stop() < 10
    ground.check_database()
    if ground.left_behind():  # half a file of a killed worker goes with the next start
        ground.start()
        time.sleep(0.5)
        ground.stop()
    assert ground.left_behind() == []
    assert {path.name.split("-")[0] for path in ground.media.iterdir()} == {"clip.mp4", "take"}


@pytest.mark.parametrize("point", list(POINTS)[: size(2, len(POINTS))])
def test_a_kill_at_a_named_point_changes_nothing(ground, undisturbed, point) -> None:
    clip, whole = undisturbed
    request = slow_request(ground, clip)
    ground.start()
    if point in EARLY:
        ground.arm(point, POINTS[point])
    job = ground.submitted(request, "key")
    if point not in EARLY:
        until(lambda: len(ground.windows_lit()) > 2)
        ground.arm(point, POINTS[point])
    check(ground, job.id, Path(request.output.path), whole, kills=1)
    assert not ground.is_armed(point), "nobody got there"
    check_rest(ground)


def test_kills_at_random_moments_change_nothing(ground, undisturbed) -> None:
    clip, whole = undisturbed
    kills = number = 0
    while kills < KILLS:
        request = slow_request(ground, clip, number)
        job = ground.submitted(request, f"key-{number}")
        kills += harassed(ground, job.id, KILLS - kills)
        number += 1
        check(ground, job.id, Path(request.output.path), whole, kills, number)
        ground.check_database()
    check_rest(ground)


def harassed(ground: Ground, job_id: str, most: int) -> int:
    """Kills the server, the worker or both until the job has ended; how often."""
    kills = lost = 0
    stored = ground.stored()
    while kills < most:
        if not ground.is_running:
            ground.start()
        if lost == PATIENT:
            until_further(ground, job_id, stored)
        time.sleep(ground.chance.uniform(0, LONGEST_WAIT))
        if ground.has_ended(job_id):
            break
        lost = 0 if ground.stored() > stored else lost
        victim = ground.chance.choice(("server", "worker", "both"))
        lost += victim == "worker"
        stored = ground.stored()
        ground.kill(victim)
        kills += 1
    return kills


def until_further(ground: Ground, job_id: str, stored: int) -> None:
    until(lambda: ground.stored() > stored or ground.has_ended(job_id))
    time.sleep(0.3)  # until the server has noted that
