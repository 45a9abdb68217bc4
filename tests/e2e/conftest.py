"""The `lav` command as people run it: a process of its own, against a real server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Lav = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def lav(server) -> Lav:
    def call(*argv: object) -> subprocess.CompletedProcess[str]:
        words = [Path(sys.executable).with_name("lav"), "--home", server.home, *argv]
        return subprocess.run(
            [str(word) for word in words],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "COLUMNS": "200"},
        )

    return call


@pytest.fixture
def folder(server, request: pytest.FixtureRequest) -> Path:
    """An empty folder that the server may write to."""
    path = server.folder / request.node.name.replace("/", "-")[:80]
    path.mkdir()
    return path
