"""The bridge as an editor's main thread has it: the real process, killed, frozen and missing."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from lav_plugin import messages, record
from lav_plugin.bridge_client import Answer, Bridge
from lav_server.config import home_folder

GREETING = messages.Greeting(messages.PROTOCOL, "test", "1", "0.1.0")
LIMIT = 60.0  # seconds; test machines are shared
BLOCKED = 0.5  # seconds; a call that waits for a frozen bridge never comes back


def command(home: Path) -> list[str]:
    return [sys.executable, "-P", "-m", "lav_client.entry", "--home", str(home), "bridge"]


class Editor:
    """Its main thread: asks, and pumps as a timer would."""

    def __init__(self, words: list[str], greeting: messages.Greeting = GREETING) -> None:
        self.news: list[tuple[str, str, dict[str, Any]]] = []
        self.bridge = Bridge(words, greeting, lambda *said: self.news.append(said))
        self.longest = 0.0  # seconds that a call took

    def ask(self, name: str, message: Any = None) -> list[Answer]:
        """A list that the answer will be in."""
        answers: list[Answer] = []
        self.timed(lambda: self.bridge.ask(name, message, answers.append))
        return answers

    def answer(self, name: str, message: Any = None) -> Answer:
        answers = self.ask(name, message)
        self.until(lambda: bool(answers))
        return answers[0]

    def until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT
        while not done():
            assert time.monotonic() < deadline, f"nothing came; state {self.bridge.state}"
            self.timed(self.bridge.pump)
            time.sleep(0.005)

    def timed(self, call: Callable[[], Any]) -> None:
        began = time.monotonic()
        call()
        self.longest = max(self.longest, time.monotonic() - began)

    def process(self) -> psutil.Process:
        """The bridge's; only one is ours."""
        (found,) = [child for child in psutil.Process().children() if is_bridge(child)]
        return found


def is_bridge(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.status() != psutil.STATUS_ZOMBIE and process.cmdline()[-1:] == ["bridge"]
    return False


@pytest.fixture
def editor(server) -> Iterator[Editor]:
    editor = Editor(command(server.home))
    yield editor
    editor.bridge.close()
    gone(editor)


def gone(editor: Editor) -> None:
    """Waits until the threads of the bridge have ended."""
    deadline = time.monotonic() + LIMIT
    while any(one.name == "lav bridge" for one in threading.enumerate()):
        assert time.monotonic() < deadline, threading.enumerate()
        time.sleep(0.02)


def render_of(server, clip: Path, name: str) -> messages.SubmitJobRequest:
    output = messages.Output(str(server.folder / name), for_host=True, no_audio=True)
    light = messages.LightRequest(lamp=messages.Lamp(azimuth=-60.0))
    request = messages.RelightRequest(messages.ClipRange(str(clip)), light, "draft", output=output)
    return messages.SubmitJobRequest(request, idempotency_key=name)


def test_an_ask_starts_the_bridge_and_is_answered_in_pump_alone(editor, server):
    assert editor.bridge.state == "stopped"
    answers = editor.ask("Connect", messages.Connecting())
    assert editor.bridge.state == "starting"
    time.sleep(0.5)
    assert answers == []
    editor.until(lambda: bool(answers))
    assert editor.bridge.state == "running"
    assert editor.bridge.greeted.version
    info = messages.from_json(messages.ServerInfo, answers[0].message)
    assert info.server_id == server.client.server_info().server_id


def test_a_problem_comes_as_one(editor):
    answer = editor.answer("GetJob", messages.JobName("none"))
    assert (answer.message, answer.problem.code) == ({}, "JOB_UNKNOWN")
    assert answer.problem.message.endswith(".")


def test_news_arrive_until_the_job_has_ended(editor, server, clip):
    job = editor.answer("SubmitJob", render_of(server, clip, "news.mp4")).message["id"]
    editor.answer("WatchJob", messages.Watching(job))
    editor.until(lambda: any(m.get("state") == "JOB_STATE_DONE" for _, _, m in editor.news))
    assert {(kind, about) for kind, about, _ in editor.news} == {("JobEvent", job)}


def test_a_bridge_killed_mid_job_is_told_once_and_the_next_ask_finds_the_job(
    editor, server, make_clip
):
    clip = make_clip(server.folder / "long.mp4", 300)
    job = editor.answer("SubmitJob", render_of(server, clip, "killed.mp4")).message["id"]
    editor.answer("WatchJob", messages.Watching(job))
    editor.process().kill()
    open_asks = [editor.ask("GetJob", messages.JobName(job)) for _ in range(3)]
    editor.until(lambda: all(open_asks) and ("BridgeLost", "") in [n[:2] for n in editor.news])
    assert [kind for kind, _, _ in editor.news].count("BridgeLost") == 1
    for (answer,) in open_asks:
        assert answer.problem is not None
        assert answer.problem.code == "BRIDGE_LOST"
        assert "Renders go on" in answer.problem.hint
    assert editor.bridge.state == "stopped"
    editor.news.clear()
    seq = editor.answer("GetJob", messages.JobName(job)).message["seq"]
    editor.answer("WatchJob", messages.Watching(job, int(seq)))
    editor.until(lambda: any(m.get("state") == "JOB_STATE_DONE" for _, _, m in editor.news))


def test_a_frozen_bridge_holds_the_main_thread_never(editor):
    editor.answer("Connect", messages.Connecting())
    frozen = editor.process()
    frozen.send_signal(signal.SIGSTOP)
    editor.longest = 0.0
    large = messages.PreviewRequest(path="x" * 200_000)  # more than a pipe holds
    answers = [editor.ask("Preview", large) for _ in range(5)]
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        editor.timed(editor.bridge.pump)
        time.sleep(0.01)
    assert not any(answers)
    assert editor.longest < BLOCKED
    frozen.send_signal(signal.SIGCONT)
    editor.until(lambda: all(answers))


def test_a_frozen_bridge_is_ended_when_it_is_closed(editor):
    editor.answer("Connect", messages.Connecting())
    frozen = editor.process()
    frozen.send_signal(signal.SIGSTOP)
    editor.longest = 0.0
    editor.timed(editor.bridge.close)
    assert editor.longest < BLOCKED
    gone(editor)
    assert not frozen.is_running()


def test_closing_ends_the_process_and_the_next_ask_starts_another(editor):
    editor.answer("Connect", messages.Connecting())
    first = editor.process()
    unheard = editor.ask("ListJobs", messages.ListJobsRequest(1))
    editor.bridge.close()
    first.wait(LIMIT)
    editor.bridge.pump()
    assert unheard == []
    assert editor.answer("ListJobs", messages.ListJobsRequest(1)).problem is None


def test_a_pump_keeps_to_its_budget_and_says_that_more_waits(editor):
    editor.answer("Connect", messages.Connecting())
    slow: list[Answer] = []

    def take(answer: Answer) -> None:
        slow.append(answer)
        time.sleep(0.02)

    for _ in range(5):
        editor.bridge.ask("ListJobs", messages.ListJobsRequest(1), take)
    time.sleep(2.0)
    assert editor.bridge.pump(0.01)
    assert len(slow) == 1
    editor.until(lambda: len(slow) == 5)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["/nowhere/python", "bridge"], "No such file"),
        (["/"], "ermission"),
        (["a\0b"], "null"),
        ([sys.executable, "-c", "raise SystemExit('no lav_client here')"], "no lav_client here"),
        ([sys.executable, "-c", "print('hello')"], "could not be started"),
    ],
)
def test_a_bridge_that_cannot_be_started_says_why(words, why):
    editor = Editor(words)
    problem = editor.answer("Connect", messages.Connecting()).problem
    assert problem is not None
    assert problem.code == "BRIDGE_MISSING"
    assert why in problem.message
    assert "lav install blender" in problem.hint
    assert editor.bridge.state == "stopped"
    gone(editor)


def test_a_program_that_only_echoes_is_no_bridge():
    editor = Editor([sys.executable, "-uc", "import sys\nfor x in sys.stdin: print(x, end='')"])
    answers = editor.ask("Connect", messages.Connecting())
    time.sleep(0.5)
    editor.bridge.pump()
    assert (answers, editor.bridge.state) == ([], "starting")
    editor.bridge.close()
    gone(editor)


def test_another_version_is_told_to_every_ask_and_asked_again_next_time(server):
    editor = Editor(command(server.home), messages.Greeting(99))
    first, second = editor.ask("Connect", messages.Connecting()), editor.ask("ListJobs")
    editor.until(lambda: bool(first and second))
    for answer in (*first, *second):
        assert answer.problem is not None
        assert answer.problem.code == "VERSION_SKEW"
    assert editor.bridge.state == "stopped"
    assert editor.answer("ListJobs").problem is not None
    editor.bridge.close()
    gone(editor)


def test_what_an_editor_sets_for_its_own_python_does_not_reach_ours(server, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    editor = Editor(command(server.home))
    assert editor.answer("Connect", messages.Connecting()).problem is None
    editor.bridge.close()
    gone(editor)


def test_the_record_lies_where_the_clients_home_is(monkeypatch, tmp_path):
    assert record.path() == home_folder(None, {}) / "install.json"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    if sys.platform.startswith("linux"):
        assert record.path() == tmp_path / "lav-bridge" / "install.json"
    assert record.path() == home_folder(None, {}) / "install.json"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="moves the user's data folder")
def test_the_command_is_the_preference_then_the_variable_then_the_record(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("LAV_BRIDGE", raising=False)
    assert record.bridge_command() is None
    path = record.path()
    path.parent.mkdir()
    for unusable in ("", "{", "[]", '{"bridge": "lav"}', '{"bridge": []}', '{"bridge": [3]}'):
        path.write_text(unusable)
        assert record.bridge_command() is None
    path.write_text(json.dumps({"bridge": ["/a/python", "bridge"], "version": "1"}))
    assert record.bridge_command() == ["/a/python", "bridge"]
    monkeypatch.setenv("LAV_BRIDGE", "/b c/lav")
    assert record.bridge_command() == ["/b c/lav", "bridge"]
    monkeypatch.setenv("LAV_BRIDGE", json.dumps(["/b", "-P", "bridge"]))
    assert record.bridge_command() == ["/b", "-P", "bridge"]
    assert record.bridge_command(" ~/lav ") == [os.path.expanduser("~/lav"), "bridge"]
