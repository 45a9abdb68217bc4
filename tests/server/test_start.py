"""What a server is started with: refused in a sentence, and what it makes is its user's own."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from lav_client.client import connect
from lav_proto.v1 import relight_pb2 as pb
from lav_server import watching
from lav_server.config import from_arguments


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "99999"], "'99999' is no port. Give one of 0 to 65535."),
        (["--port", "-1"], "'-1' is no port."),
        (["--port", "http"], "'http' is no port."),
        (["--idle-unload", "0"], "'0' is no number above 0."),
        (["--idle-unload", "soon"], "'soon' is no number above 0."),
        (["--cache-size", "inf"], "'inf' is no number above 0."),
        (["--patience", "-3"], "'-3' is no number above 0."),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_in_a_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        from_arguments(arguments, {})
    assert said in capsys.readouterr().err


def test_the_last_port_is_one() -> None:
    assert from_arguments(["--port", "65535"], {}).port == 65535


def test_a_server_with_a_damaged_database_says_so_last(tmp_path: Path) -> None:
    database = tmp_path / "home" / "jobs.sqlite"
    database.parent.mkdir()
    database.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    command = [sys.executable, "-m", "lav_server.cli", "--home", str(database.parent)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert ended.returncode == 1
    last = ended.stderr.splitlines()[-1]
    assert f"The job database {database} is damaged" in ended.stderr
    assert "Move it away and start the server again" in last
    assert "Traceback" not in ended.stderr


def test_a_server_whose_database_is_damaged_meanwhile_ends_with_the_same_words(
    tmp_path: Path, running_server, make_clip: Callable[..., Path]
) -> None:
    (tmp_path / "media").mkdir()
    clip = make_clip(tmp_path / "media" / "clip.mp4")
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        server.client.pause_queue()
        job = server.client.submit(server.request(clip, "take.mp4"))
        with sqlite3.connect(server.home / "jobs.sqlite") as db:
            db.execute("UPDATE jobs SET request = ?", (b"\xff" * 1000,))
        db.close()
        server.client.resume_queue()
        assert server.process.wait(20) == 1
        said = (server.home / "output.log").read_text().splitlines()
    assert f"What the job database has of job {job.id} is damaged" in "\n".join(said)
    assert "move jobs.sqlite in its home away" in said[-1]


def test_what_a_server_keeps_is_its_users_own_and_a_take_is_for_all_who_see_the_folder(
    server, clip: Path
) -> None:
    for turn in range(2):  # the second one is a copy
        request = server.request(clip, f"take-{turn}.mp4", seed=1)
        request.output.sheet = str(server.folder / f"sheet-{turn}.png")
        *_, last = server.client.watch(server.client.submit(request).id)
        assert last.job.state == pb.JOB_STATE_DONE
    usual = server.folder / "usual"
    usual.touch()
    made = [*server.folder.glob("take-*"), *server.folder.glob("sheet-*")]
    assert len(made) == 4
    assert {path.stat().st_mode for path in made} == {usual.stat().st_mode}
    for name in ("jobs.sqlite", "logs", "jobs", "cache/maps"):
        assert (server.home / name).stat().st_mode & 0o077 == 0


def refusal(call: Any) -> Any:
    """Of a watch that got no news; None where it got some."""
    try:
        next(call)
    except grpc.RpcError as error:
        return error
    return None


def test_however_many_watch_a_call_that_asks_gets_through(server, clip: Path) -> None:
    server.client.pause_queue()
    job = server.client.submit(server.request(clip, "watched.mp4"))
    crowd, calls = connect(server.home, start=False), []
    try:
        for _ in range(watching.MOST + 100):
            wanted = pb.WatchJobRequest(id=job.id)
            calls.append(crowd._stub.WatchJob(wanted, metadata=crowd._token()))
        assert server.client.job(job.id).state == pb.JOB_STATE_QUEUED
        refusals = [error for call in calls if (error := refusal(call)) is not None]
        assert len(refusals) == 100
        for error in refusals:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED
            assert f"{watching.MOST} others watch" in error.details()
        assert server.client.job(job.id).state == pb.JOB_STATE_QUEUED
    finally:
        for call in calls:
            call.cancel()
        crowd.close()
        server.client.cancel(job.id)
        server.client.resume_queue()
