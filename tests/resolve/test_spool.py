"""The folder between the bridge and Lua: whole files in order, a private folder, tidied after."""

from __future__ import annotations

import json
import stat
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from resolve.luajit import PROGRAM, needs_luajit
from resolve.vectors import ODD

from lav_client import resolve_lua
from lav_client.resolve_link import Gone
from lav_client.resolve_spool import LONGEST, Spool, sweep
from lav_engine.errors import LavError


@pytest.fixture
def spool(tmp_path) -> Spool:
    return Spool(tmp_path / "talk" / "run-1")


def answer(spool: Spool, number: int, text: str | bytes) -> None:
    data = text.encode() if isinstance(text, str) else text
    path = spool.folder / f"{number:06d}.new"
    path.write_bytes(data)
    path.replace(path.with_suffix(".json"))


def test_the_folder_is_its_user_s_alone_and_new(spool):
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(spool.folder.parent.stat().st_mode) == 0o700
    with pytest.raises(LavError, match="cannot be made"):
        Spool(spool.folder)


def test_answers_come_in_order_and_leave_nothing(spool):
    answer(spool, 2, '{"n": 2}')
    assert spool.next(0.05) is None
    answer(spool, 1, '{"n": 1}')
    assert [spool.next(1), spool.next(1)] == [{"n": 1}, {"n": 2}]
    assert list(spool.folder.iterdir()) == []
    spool.close()
    assert not spool.folder.exists()


def test_an_answer_is_waited_for(spool):
    threading.Timer(0.3, answer, (spool, 1, '{"n": 1}')).start()
    assert spool.next(10) == {"n": 1}


@pytest.mark.parametrize("said", ["{", "[]", "", b"\xff{", '"text"', "[" * 100_000])
def test_what_cannot_be_understood_ends_the_talk(spool, said):
    answer(spool, 1, said)
    with pytest.raises(Gone, match="cannot be understood"):
        spool.next(1)


def test_an_answer_without_end_is_not_read(spool):
    with (spool.folder / "000001.json").open("wb") as file:
        file.truncate(LONGEST + 1)
    with pytest.raises(Gone):
        spool.next(1)


def test_a_folder_that_was_removed_is_noticed_on_both_ways(spool):
    spool.close()
    with pytest.raises(Gone, match="was removed"):
        spool.next(60)
    with pytest.raises(Gone, match="cannot be written"):
        spool.send({"n": 1})


def test_what_cannot_be_sent_takes_no_number(spool):
    with pytest.raises(ValueError, match="Lua holds no"):
        spool.send({"n": 1, "calls": [[0, "Echo", float("nan")]]})
    spool.send({"n": 1})
    assert [path.name for path in spool.folder.iterdir()] == ["000001.lua"]


def test_a_sweep_removes_what_was_left_and_nothing_else(tmp_path):
    talk, elsewhere = tmp_path / "talk", tmp_path / "elsewhere"
    elsewhere.mkdir()
    mine, old = Spool(talk / "run-2"), Spool(talk / "run-1")
    answer(old, 1, "{}")
    (talk / "run-3").symlink_to(elsewhere)
    names = "run-1.log", "run-2.log", "server.lock", "resolve-answers.jsonl", "mine"
    for name in names:
        (talk / name).write_text(name)
    sweep(talk, mine.folder)
    left = {path.name for path in talk.iterdir()}
    assert left == {"run-2", "run-3", *names} - {"run-1.log"}
    assert elsewhere.is_dir()


def lua_reads(chunk: str) -> Any:
    """What LuaJIT made of it, as the bytes it holds."""
    program = (
        "local t = loadstring(io.read('*a'))(); io.write(('%d %s|'):format(t.n, type(t.n)), t.say)"
    )
    said = subprocess.run(
        [PROGRAM, "-e", program], input=chunk.encode("ascii"), capture_output=True
    )
    assert said.returncode == 0, said.stderr
    return said.stdout


@needs_luajit
@pytest.mark.parametrize(
    "text", [ODD, "", "]]--", '"', "\\", "\x00 zero", "9" * 3, "a\r\nb", "\x7f\x80", "x" * 200_000]
)
def test_lua_reads_every_text_as_it_was(text):
    assert lua_reads(resolve_lua.request({"n": 7, "say": text})) == b"7 number|" + text.encode()


@needs_luajit
def test_digits_after_an_escape_stay_digits():
    assert lua_reads(resolve_lua.request({"n": 1, "say": "ä1\n23"})) == "1 number|ä1\n23".encode()


@pytest.mark.parametrize("value", [2**53 + 1, float("inf"), float("nan"), b"bytes", object()])
def test_what_lua_does_not_hold_is_refused(value):
    with pytest.raises(ValueError, match="Lua holds no"):
        resolve_lua.literal(value)


def test_a_chunk_is_ascii_and_data_alone():
    chunk = resolve_lua.request({"n": 1, "calls": [[0, "Echo", ODD, None, {"a b": [1.5, True]}]]})
    assert chunk.isascii()
    assert chunk.startswith("return {")
    assert "n=3" in chunk
    assert json.dumps(chunk).count("function") == 0


def test_names_of_files_do_not_run_out_of_order(tmp_path):
    spool = Spool(Path(tmp_path) / "run-1")
    for number in range(12):
        spool.send({"n": number})
    names = sorted(path.name for path in spool.folder.iterdir())
    assert names == [f"{number:06d}.lua" for number in range(1, 13)]
