"""The tiny models and stored results of the paper's own code (tests/golden)."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

GOLDEN = Path(__file__).parents[2] / "golden"

if find_spec("diffusers") is None:  # an optional extra
    collect_ignore_glob = ["test_*.py"]
else:
    sys.path[:0] = [str(Path(__file__).parent), str(GOLDEN)]  # importlib mode leaves it to us

if TYPE_CHECKING:
    from models import Tiny  # pyright: ignore[reportMissingImports]


@pytest.fixture(scope="session")
def golden() -> Path:
    return GOLDEN


@pytest.fixture(scope="session")
def tiny() -> Tiny:
    from models import Tiny  # pyright: ignore[reportMissingImports]

    return Tiny(GOLDEN)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of the same models, as they come; copy what a test changes."""
    from tiny_models import write_models  # pyright: ignore[reportMissingImports]

    return write_models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def own(models: Path, tmp_path: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copytree(models, tmp_path / "models"))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Tensors this small cost threads ten times what they save, most of all on a busy machine."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
