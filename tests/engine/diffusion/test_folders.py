"""Models are found where users keep them, offline, and never replaced by others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lav_engine.engines.diffusion import folders
from lav_engine.engines.diffusion.models import MODELS
from lav_engine.errors import Code, LavError

IC_LIGHT, WAN = MODELS["iclight-fc"], MODELS["wan2.1-1.3b"]


def test_a_folder_by_name_is_found(tmp_path: Path) -> None:
    (tmp_path / IC_LIGHT.name).mkdir()
    (tmp_path / IC_LIGHT.name / IC_LIGHT.file).touch()
    assert folders.folder(IC_LIGHT, tmp_path) == tmp_path / IC_LIGHT.name


def test_what_is_missing_is_said_with_size_licence_and_command(tmp_path: Path) -> None:
    with pytest.raises(LavError) as caught:
        folders.folder(WAN, tmp_path)
    assert caught.value.code == Code.model_missing
    for words in ("Wan2.1", "28.9 GB", "Apache-2.0", "lav models pull wan2.1-1.3b", str(tmp_path)):
        assert words in str(caught.value)


def test_half_a_model_is_a_missing_model(tmp_path: Path) -> None:
    part = tmp_path / WAN.name / "vae"
    part.mkdir(parents=True)
    (part / "diffusion_pytorch_model.safetensors").touch()
    assert folders.installed(WAN, tmp_path) is None


def test_other_weights_are_another_identity(tmp_path: Path) -> None:
    weights = tmp_path / IC_LIGHT.name / IC_LIGHT.file
    weights.parent.mkdir()
    weights.write_bytes(b"one")
    before = folders.identity(IC_LIGHT, tmp_path)
    (weights.parent / "README.md").touch()  # which is never read
    assert folders.identity(IC_LIGHT, tmp_path) == before
    weights.write_bytes(b"other")
    assert folders.identity(IC_LIGHT, tmp_path) != before


def test_an_identity_of_what_is_missing_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(LavError) as caught:
        folders.identity(IC_LIGHT, tmp_path)
    assert caught.value.code == Code.model_missing


def asked(home: Path, name: str) -> dict[str, str | None]:
    """In a process of its own: the cache's place is read when its library is imported."""
    code = (
        "import json, sys; from lav_engine.engines.diffusion import folders, models; "
        f"found = folders.cached(models.MODELS[{name!r}]); "
        "print(json.dumps({'path': found and str(found)}))"
    )
    environment = {**os.environ, "HF_HOME": str(home), "HF_ENDPOINT": "http://127.0.0.1:9"}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return json.loads(ran.stdout)


def test_the_shared_cache_is_read_without_the_network(tmp_path: Path) -> None:
    commit = "0" * 40
    repo = tmp_path / "hub" / "models--lllyasviel--ic-light"
    snapshot = repo / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(commit)
    assert asked(tmp_path, "iclight-fc") == {"path": None}
    (snapshot / IC_LIGHT.file).touch()
    assert asked(tmp_path, "iclight-fc") == {"path": str(snapshot)}
    assert asked(tmp_path, "wan2.1-1.3b") == {"path": None}
