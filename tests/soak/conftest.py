"""Every test here is a soak test: small with the others, large with `make soak`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from soaking import Ground, size

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.soak)
            item.add_marker(pytest.mark.timeout(size(180, 1800)))


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    ground = Ground(tmp_path / "ground")
    yield ground
    if ground.is_running:
        family = psutil.Process(ground.pid).children(recursive=True)
        for process in (psutil.Process(ground.pid), *family):
            process.kill()
