"""A Lua script under the real LuaJIT, whose `resolve` is any Python object, such as the fake."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from lav_client import resolve_lua

STUB = Path(__file__).with_name("stub.lua")
PROGRAM = shutil.which("luajit") or ""
needs_luajit = pytest.mark.skipif(not PROGRAM, reason="LuaJIT 2.1 is not installed")


class LuaJIT:
    """A run of the script; a context manager that ends it. `objects` are "userdata", or "tables",
    for nobody says which they are in Resolve."""

    def __init__(self, script: Path, resolve: Any, folder: Path, objects: str = "userdata") -> None:
        self._objects, self._folder = [resolve], folder
        self._pipes = folder / "there", folder / "back"
        for pipe in self._pipes:
            os.mkfifo(pipe)
        self.process = subprocess.Popen(
            [PROGRAM, str(STUB), *map(str, self._pipes), str(script), objects],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def __enter__(self) -> LuaJIT:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.output()

    def output(self, seconds: float = 60.0) -> str:
        """What it printed by its end; the script itself gives up after 30 s and says why."""
        try:
            said, _ = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as late:
            self.process.kill()
            left = [path.read_text() for path in self._folder.rglob("run-*.log")]
            raise AssertionError(f"it did not end: {late.output!r}, {left}") from None
        self._thread.join(seconds)
        return said.decode() if said else ""

    def _serve(self) -> None:
        there, back = self._pipes
        with there.open("rb") as asked, back.open("wb", buffering=0) as answers:
            for line in asked:
                try:
                    answers.write(self._answer(*json.loads(line)) + b"\n")
                except BrokenPipeError:
                    return

    def _answer(self, handle: int, name: str, arguments: list[Any] | None) -> bytes:
        member = getattr(self._objects[handle], name, None)
        if arguments is None:
            told = "method=true" if callable(member) else f"value={self._lua(member)}"
            return f"{{{told}}}".encode()
        assert callable(member)
        try:
            value = member(*map(self._python, arguments))
        except Exception as error:  # noqa: BLE001, it is Lua's to handle
            return f"{{error={resolve_lua.literal(str(error))}}}".encode()
        return f"{{value={self._lua(value)}}}".encode()

    def _python(self, said: Any) -> Any:
        if isinstance(said, float) and said.is_integer():
            return int(said)
        if not isinstance(said, dict):
            return said
        if "@" in said:
            return self._objects[said["@"]]
        if "s" in said:
            return bytes.fromhex(said["s"]).decode("utf-8", "surrogateescape")
        table = {self._python(key): self._python(value) for key, value in said["t"]}
        is_list = set(table) == set(range(1, len(table) + 1))
        return [table[at] for at in sorted(table)] if is_list else table

    def _lua(self, value: Any) -> str:
        if value is None or isinstance(value, bool | int | str):
            return resolve_lua.literal(value)
        if isinstance(value, float):
            return {"inf": "1/0", "-inf": "-1/0", "nan": "0/0"}.get(str(value), repr(value))
        if isinstance(value, list | tuple):
            return "{" + ",".join(map(self._lua, value)) + "}"
        if isinstance(value, dict):
            pairs = (f"[{self._lua(key)}]={self._lua(one)}" for key, one in value.items())
            return "{" + ",".join(pairs) + "}"
        self._objects.append(value)
        return f"o({len(self._objects) - 1})"
