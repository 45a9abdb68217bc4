"""The logs: one record a line, none of them lost when a log is full, nothing private in them."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from pathlib import Path

import pytest

from lav_server import logs
from lav_server.children import Child
from lav_server.redaction import Redaction

HOME = Path("/home/ada")


def line(text: str, *arguments: object, job: str | None = None) -> dict[str, str]:
    record = logging.LogRecord("lav_server.queue", logging.INFO, "", 0, text, arguments, None)
    lines = logs.Lines(HOME)
    lines.job = job
    return json.loads(lines.format(record))


def test_a_record_is_one_line_that_names_its_job() -> None:
    told = line("Job %s is\n%s", "0123456789ab", "done")
    assert told["job"] == "0123456789ab"
    assert told["text"] == "Job 0123456789ab is\ndone"
    assert (told["level"], told["from"]) == ("info", "lav_server.queue")
    assert line("Window 3 is stored", job="ba9876543210")["job"] == "ba9876543210"
    assert "job" not in line("Listening on port %d", 1)


def test_a_traceback_stays_in_the_line_of_its_record() -> None:
    try:
        raise RuntimeError("in /home/ada/clips")
    except RuntimeError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "failed", (), (type(error), error, error.__traceback__)
        )
    told = logs.Lines(HOME).format(record)
    assert "\n" not in told
    assert json.loads(told)["error"].endswith("RuntimeError: in ~/clips")


def test_home_and_tokens_are_left_out_and_hashes_stay() -> None:
    token = secrets.token_urlsafe(32)
    told = line("%s Bearer abc '%s' /home/ada/a.mov /home/adam/b.mov", "ab" * 32, token)["text"]
    assert told == f"{'ab' * 32} Bearer [token] '[token]' ~/a.mov /home/adam/b.mov"


def test_a_home_that_is_the_whole_drive_is_no_secret() -> None:
    assert Redaction(Path("/")).text("/var/lib") == "/var/lib"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST", 140)


@pytest.mark.usefixtures("small")
def test_the_servers_log_rotates(tmp_path: Path) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        logs.start(tmp_path)
        for number in range(10):
            logging.getLogger("lav_server.test").info("Number %d" + "." * 50, number)
    finally:
        for handler in [handler for handler in root.handlers if handler not in before]:
            handler.close()
            root.removeHandler(handler)
        root.setLevel(level)
    assert len(list(tmp_path.iterdir())) == 1 + logs.KEPT
    assert json.loads((tmp_path / "server.log").read_text())["text"].startswith("Number 9.")
    assert json.loads((tmp_path / "server.log.5").read_text())["text"].startswith("Number 4.")


@pytest.mark.usefixtures("small")
def test_what_a_child_said_before_it_was_replaced_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    for number in range(7):
        log.write_text(f"crash {number} " + "x" * 140)
        logs.rotate(log)
    kept = [(tmp_path / f"worker.log.{n}").read_text()[:7] for n in range(1, 6)]
    assert kept == ["crash 6", "crash 5", "crash 4", "crash 3", "crash 2"]
    assert not log.exists()


@pytest.mark.usefixtures("small")
def test_a_child_that_stays_goes_on_in_the_cut_log(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with log.open("ab", buffering=0) as child:
        child.write(b"a" * 141)
        logs.cut(log)
        child.write(b"b")
    assert log.read_bytes() == b"b"
    assert (tmp_path / "worker.log.1").read_bytes() == b"a" * 141


@pytest.mark.usefixtures("small")
def test_a_respawned_child_loses_nothing_its_forerunner_said(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"

    async def spawn() -> None:
        child = await Child.start("no_module_of_this_name", log)
        assert await child.receive() is None
        await child.close(1)

    log.write_bytes(b"crash" * 30)
    for _ in range(2):
        asyncio.run(spawn())
    assert (tmp_path / "worker.log.1").read_bytes() == b"crash" * 30
    assert log.read_text().count("No module named no_module_of_this_name") == 2
