"""The page looks at the computer and fetches models: by our own commands, and no others."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import psutil
import pytest
from pages import Browser

from lav_engine.errors import LavError
from lav_server.web import commands
from lav_server.web.commands import LONGEST_LINE, Tasks, answered
from lav_server.web.setup import FRESH


@pytest.fixture
def browser(server) -> Browser:
    return Browser(server.client.open_page()).let_in()


def commands_of(server) -> list[psutil.Process]:
    """Children of the daemon that are commands."""
    found = []
    for child in psutil.Process(server.process.pid).children(recursive=True):
        try:
            if "-c" in child.cmdline():
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def test_the_setup_tells_what_the_commands_tell(server, browser: Browser) -> None:
    told = browser.told("GET", "/setup")
    assert {"name", "state", "text", "fix"} <= set(told["doctor"][0])
    assert "wan2.1-1.3b" in {model["name"] for model in told["models"]}
    assert {one["host"] for one in told["hosts"]} <= {"blender", "resolve"}
    assert str(server.home) in json.dumps(told["doctor"])
    assert commands_of(server) == []


@pytest.mark.skipif(sys.platform != "linux", reason="where Resolve lies in a home of its own")
def test_resolve_is_found_and_installed_into(
    running_server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "own"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    (tmp_path / "own" / ".local" / "share" / "DaVinciResolve").mkdir(parents=True)
    (tmp_path / "media").mkdir()

    def resolve() -> dict:
        time.sleep(FRESH)
        hosts = browser.told("GET", "/setup")["hosts"]
        return next(one for one in hosts if one["host"] == "resolve")

    with running_server(tmp_path / "home", tmp_path / "media") as server:
        browser = Browser(server.client.open_page()).let_in()
        assert not resolve()["installed"]
        with browser.events("/setup/tasks") as seen:
            browser.told("POST", "/setup/install", json.dumps({"host": "resolve"}))
            line = seen.next("task")
            while "exit" not in line:
                line = seen.next("task")
        assert (line["title"], line["exit"]) == ("Install in DaVinci Resolve", 0)
        assert resolve() == {
            "host": "resolve",
            "title": "DaVinci Resolve",
            "version": "",
            "installed": True,
        }
    assert len(list((tmp_path / "own").rglob("Light-A-Video*.lua"))) >= 1


def test_a_commands_lines_and_its_end_are_told(browser: Browser) -> None:
    with browser.events("/setup/tasks") as seen:
        started = browser.told("POST", "/setup/models/pull", json.dumps({"name": "no-such-model"}))
        assert started["title"] == "Fetch no-such-model"
        lines = [seen.next("task")]
        while "exit" not in lines[-1]:
            lines.append(seen.next("task"))
    assert {line["id"] for line in lines} == {started["id"]}
    assert any("There is no model called 'no-such-model'" in line["line"] for line in lines)
    assert lines[-1]["exit"] != 0


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("models/pull", {}),
        ("models/pull", {"name": ""}),
        ("models/pull", {"name": "--models"}),
        ("models/pull", {"name": "-h"}),
        ("models/pull", {"name": "a b"}),
        ("models/pull", {"name": "a;b"}),
        ("models/pull", {"name": "../a"}),
        ("models/pull", {"name": "a/b"}),
        ("models/pull", {"name": "a\n"}),
        ("models/pull", {"name": "a\0"}),
        ("models/pull", {"name": "a" * 65}),
        ("models/pull", {"name": "wan2.1-1.3b", "models": "/etc"}),
        ("models/verify", {"name": "--models"}),
        ("install", {}),
        ("install", {"host": "resolve; rm"}),
        ("install", {"host": "--blender"}),
        ("install", {"host": "blender", "program": "/bin/sh"}),
        ("uninstall", {"host": "blender"}),
        ("models/path", {"name": "wan2.1-1.3b"}),
    ],
    ids=str,
)
def test_nothing_else_can_be_run(server, browser: Browser, path: str, said: dict[str, str]) -> None:
    status, text = browser.ask("POST", f"/setup/{path}", json.dumps(said))
    assert status in (400, 404), text
    assert commands_of(server) == []


def test_a_command_is_not_started_by_a_form_or_a_link(server, browser: Browser) -> None:
    body = json.dumps({"name": "no-such-model"})
    path = "/setup/models/pull"
    assert browser.ask("POST", path, body, Content_Type="text/plain")[0] == 400
    assert browser.ask("GET", path)[0] == 405
    assert browser.ask("POST", path, body, Origin="http://evil.example")[0] == 401


# --- children -----------------------------------------------------------------------------------

SLOW = "import time\nprint('begun', flush=True)\ntime.sleep(600)"
CHATTY = (
    "import sys\n"
    "sys.stdout.write('\\x1b[31mred\\x1b[0m\\n\\n' + 'x' * 10000 + '\\n')\n"
    "sys.stdout.write(''.join(f'{n} %\\r' for n in range(100)))\n"
    "sys.stdout.flush()\n"
    "sys.stdout.buffer.write(b'\\xff\\xfe end')\n"
)


async def until(claim) -> None:
    async with asyncio.timeout(20):
        while not claim():
            await asyncio.sleep(0.02)


def lines(tasks: Tasks) -> list[str]:
    return [str(told["line"]) for _, told in tasks.since(0) or tasks.since(1)]


def test_one_of_a_kind_runs_at_a_time_and_ends_with_the_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(commands, "PROGRAM", SLOW)

    async def act() -> None:
        tasks = Tasks(tmp_path)
        task = await tasks.start("pull", "Fetch a", "models")
        with pytest.raises(LavError, match="Fetch a is not finished"):
            await tasks.start("pull", "Fetch b", "models")
        other = await tasks.start("verify", "Verify", "models")
        await until(lambda: lines(tasks).count("begun") == 2)
        await tasks.close()
        assert task.exit is not None
        assert other.exit is not None
        assert tasks.since(0) == []  # to those who come now, nothing runs

    asyncio.run(act())


def test_what_a_command_says_is_bounded_and_plain(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(commands, "PROGRAM", CHATTY)

    async def act() -> None:
        tasks = Tasks(tmp_path)
        task = await tasks.start("pull", "Fetch a")
        await until(lambda: task.exit is not None)
        said = lines(tasks)
        assert said[0] == "red"
        assert max(map(len, said)) == LONGEST_LINE
        assert "99 %" in said
        assert said[-2].endswith("end")

    asyncio.run(act())


def test_a_look_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(commands, "PROGRAM", SLOW)
    monkeypatch.setattr(commands, "LIMIT", 0.5)
    started, before = time.monotonic(), psutil.Process().children()
    with pytest.raises(LavError, match="took longer"):
        asyncio.run(answered(tmp_path, "doctor"))
    assert time.monotonic() - started < 10
    assert psutil.Process().children() == before


def test_commands_die_with_a_daemon_that_is_killed(running_server, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    with running_server(tmp_path / "home", tmp_path / "media") as server:
        browser = Browser(server.client.open_page()).let_in()
        connection = browser.connect()
        connection.request("GET", "/setup", headers={"Cookie": browser.cookie})
        deadline = time.monotonic() + 20
        while not (found := commands_of(server)):
            assert time.monotonic() < deadline
        server.process.kill()
        gone, alive = psutil.wait_procs(found, 20)
        connection.close()
        assert not alive
        assert gone
