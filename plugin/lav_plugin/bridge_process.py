"""One run of the bridge: threads that move its lines, so that nobody waits for it.

Standard library only.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

GRACE = 5.0  # seconds that a process closed may still take
SAID = 20  # lines of what it complained about
NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows


class Process:
    """One run of the bridge. Its methods return at once."""

    def __init__(self, command: list[str]) -> None:
        self.arrived: queue.Queue[dict[str, Any] | None] = queue.Queue()  # None: it has ended
        self._command = command
        self._leaving: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._child: subprocess.Popen[bytes] | None = None
        self._complaints: deque[str] = deque(maxlen=SAID)
        self._is_closed = threading.Event()
        _thread(self._run)

    def send(self, said: dict[str, Any]) -> None:
        self._leaving.put(said)

    def close(self) -> None:
        """It ends by itself when nothing more can come, and is ended where it does not."""
        self._is_closed.set()
        self._leaving.put(None)
        _thread(self._end)

    def last_words(self) -> str:
        return self._complaints[-1] if self._complaints else ""

    def _run(self) -> None:
        try:
            child = self._child = self._spawned()
        except (OSError, ValueError) as error:  # ValueError: a name with a zero in it
            self._complaints.append(getattr(error, "strerror", None) or str(error))
            self.arrived.put(None)
            return
        complaints = _thread(self._listen, child)
        _thread(self._write, child)
        assert child.stdout is not None
        with child.stdout as lines:
            for line in lines:
                said = _object(line)
                if said is not None:
                    self.arrived.put(said)
        complaints.join(GRACE)  # what it said last, before it is told that it has ended
        self.arrived.put(None)
        self._leaving.put(None)
        child.wait()

    def _spawned(self) -> subprocess.Popen[bytes]:
        """In a session of its own, without what the editor sets for its own Python."""
        ours = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=ours,
            start_new_session=True,
            creationflags=NO_WINDOW,
        )

    def _write(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdin is not None
        with suppress(OSError), child.stdin:  # where it has ended the reader tells
            while (said := self._leaving.get()) is not None:
                child.stdin.write(json.dumps(said).encode() + b"\n")
                child.stdin.flush()

    def _listen(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stderr is not None
        with child.stderr as lines:
            for line in lines:
                if text := line.decode(errors="replace").strip():
                    self._complaints.append(text)

    def _end(self) -> None:
        deadline = time.monotonic() + GRACE
        while self._child is None and time.monotonic() < deadline:
            time.sleep(0.05)  # it is just being started
        if self._child is not None:
            try:
                self._child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._child.kill()


def _thread(target: Callable[..., None], *arguments: Any) -> threading.Thread:
    made = threading.Thread(target=target, args=arguments, daemon=True, name="lav bridge")
    made.start()
    return made


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None
