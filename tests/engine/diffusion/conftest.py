"""The tiny models and stored results of the paper's own code (tests/golden)."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

GOLDEN = Path(__file__).parents[2] / "golden"

if find_spec("diffusers") is None:  # an optional extra
    collect_ignore_glob = ["test_*.py"]
else:
    sys.path.insert(0, str(GOLDEN))

if TYPE_CHECKING:
    from models import Tiny  # pyright: ignore[reportMissingImports]


@pytest.fixture(scope="session")
def golden() -> Path:
    return GOLDEN


@pytest.fixture(scope="session")
def tiny() -> Tiny:
    from models import Tiny  # pyright: ignore[reportMissingImports]

    return Tiny(GOLDEN)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """diffusers hands tensors to numpy the old way."""
    old_way = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(old_way)
