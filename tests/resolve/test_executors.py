"""Both menu scripts answer the same: one table of requests, asked of each, and what they print."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from resolve.here import executor
from resolve.lua_run import lua
from resolve.luajit import PROGRAM, LuaJIT, needs_luajit
from resolve.project import Resolve
from resolve.vectors import ODD, VECTORS, World, plain

from lav_client import resolve_entries
from lav_client.resolve_entries import Language
from lav_client.resolve_link import CONTRACT, Gone, Link
from lav_client.resolve_proxy import connect

SCRIPTS = Path(resolve_entries.__file__).parents[2] / "resolve_scripts"

Ask = Callable[[dict[str, Any]], dict[str, Any]]


def in_python(resolve: Any) -> Iterator[Ask]:
    entry = executor(resolve)
    yield lambda request: json.loads(json.dumps(entry.answer(json.loads(json.dumps(request)))))


def in_lua(resolve: Any, folder: Path, objects: str) -> Iterator[Ask]:
    run, spool = lua(folder / "Zoë's run", resolve, objects)

    asked: list[dict[str, Any]] = []

    def ask(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request)
        spool.send(request)
        answer = spool.next(20)
        assert answer is not None
        return answer

    with run:
        hello = spool.next(20)
        assert hello is not None
        assert hello["hello"]["language"] == "lua"
        yield ask
        if "end" not in asked[-1]:
            ask({"n": 0, "end": "That is all."})
        assert "Light-A-Video: " in run.output()
    spool.close()


EACH = ["python", *(pytest.param(kind, marks=needs_luajit) for kind in ("userdata", "tables"))]


def executing(way: str, resolve: Any, folder: Path) -> Iterator[Ask]:
    """In Python, or in Lua with that kind of objects."""
    return in_python(resolve) if way == "python" else in_lua(resolve, folder, way)


@pytest.fixture(scope="module", params=EACH)
def ask(request, tmp_path_factory) -> Iterator[Ask]:
    """One run for all vectors, which follow one another."""
    folder = tmp_path_factory.mktemp("executors")
    yield from executing(request.param, World(), folder)


def test_each_request_of_the_table_is_answered_as_it_says(ask):
    for number, vector in enumerate(VECTORS, 1):
        answer = ask({"n": number, **vector.request})
        assert plain(answer) == plain({"n": number, **vector.answer}), vector.name


def test_tables_without_an_end_are_an_error_and_not_the_end(ask):
    endless: list[Any] = []
    for _ in range(40):
        endless = [endless]
    answer = ask({"n": 1, "calls": [[0, "Echo", endless]]})
    assert "without an end" in answer["error"]
    assert ask({"n": 2, "calls": [[0, "Echo", 1]]}) == {"n": 2, "values": [1]}


@pytest.mark.parametrize("way", EACH)
def test_the_talk_in_the_documentation_is_what_is_said(tmp_path, way):
    text = (SCRIPTS.parent / "docs" / "resolve.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```\n< (.*?)\n```", text, re.DOTALL)
    said = [json.loads(line) for line in re.findall(r"^[<>] (.*)$", block, re.MULTILINE)]
    assert len(said) == 14
    for ask in executing(way, Resolve(), tmp_path):
        for request, answer in zip(said[0::2], said[1::2], strict=True):
            assert plain(ask(request)) == plain(answer)


def test_both_scripts_are_of_this_contract():
    for language in Language:
        assert f"CONTRACT = {CONTRACT}\n" in resolve_entries.source(language)


@needs_luajit
def test_text_that_is_no_utf8_goes_back_as_it_came(tmp_path):
    class Old(World):
        def GetName(self) -> str:
            return "caf\udce9.mov"  # Latin-1, as an old disk has it

        def IsThis(self, name: str) -> bool:
            return name == "caf\udce9.mov"

    run, spool = lua(tmp_path / "run", Old())
    with run:
        spool.next(20)
        spool.send({"n": 1, "calls": [[0, "GetName"]]})
        answer = spool.next(20)
        assert answer is not None
        spool.send({"n": 2, "calls": [[0, "IsThis", answer["values"][0]]], "end": ""})
        assert spool.next(20) == {"n": 2, "values": [True]}
    spool.close()


@needs_luajit
def test_lua_ends_and_tidies_when_the_bridge_says_nothing_more(tmp_path):
    run, spool = lua(tmp_path / "run", World(), SILENCE="0.3")
    with run:
        assert "LAV Bridge's process ended. Renders go on" in run.output()
    assert not spool.folder.exists()


@needs_luajit
def test_a_bridge_notices_when_resolve_is_closed_and_its_scripts_with_it(tmp_path):
    run, spool = lua(tmp_path / "run", World())
    link = Link(spool, pause=0.05, sign_limit=0.5)
    with run:
        assert link.hello().language == "lua"
        resolve = connect(link)
        assert resolve.GetVersion()[0] == 21
        run.process.kill()
        assert link.gone.wait(10)
    with pytest.raises(Gone):
        resolve.GetVersion()
    link.close()
    assert not spool.folder.exists()


@needs_luajit
def test_lua_says_that_the_folder_was_taken_away(tmp_path):
    run, spool = lua(tmp_path / "run", World(), SILENCE="0.3")
    with run:
        spool.next(20)
        spool.close()
        assert "LAV Bridge's process ended" in run.output()


@needs_luajit
@pytest.mark.parametrize(
    ("command", "spool", "said"),
    [
        (["/nowhere/at all/python"], ".", "/nowhere/at all/python is no longer there."),
        ([], ".", "Run `lav install resolve` first."),
        (["FOLDER/dies"], "never made", "Nothing can be written in FOLDER/never made."),
        (["FOLDER/dies"], ".", f"LAV Bridge did not start. {ODD.splitlines()[0]}"),
    ],
)
def test_lua_says_which_link_is_broken(tmp_path, command, spool, said):
    dies = tmp_path / "dies"
    dies.write_text(f"#!/bin/sh\ncat >&2 <<'END'\nfirst\n{ODD.splitlines()[0]}\n\nEND\nexit 1\n")
    dies.chmod(0o755)
    words = [word.replace("FOLDER", str(tmp_path)) for word in command]
    text = resolve_entries.source(Language.lua).replace("START_LIMIT = 30", "START_LIMIT = 0.5")
    script = tmp_path / "entry.lua"
    script.write_text(resolve_entries.baked(text, Language.lua, words, tmp_path / spool))
    with LuaJIT(script, World(), tmp_path) as run:
        assert said.replace("FOLDER", str(tmp_path)) in run.output()


@needs_luajit
def test_lua_outside_of_resolve_says_where_to_start_it():
    import subprocess

    script = SCRIPTS / "Light-A-Video.lua"
    ended = subprocess.run([PROGRAM, str(script)], capture_output=True, text=True, check=True)
    assert "Start this from Workspace > Scripts" in ended.stdout
