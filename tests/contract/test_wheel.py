"""What users install."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"lav_engine", "lav_server", "lav_client", "lav_plugin", "lav_proto"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT]
    subprocess.run(command, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_its_top_level_is_exactly_our_packages(wheel: zipfile.ZipFile):
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_every_source_file_is_in_it(wheel: zipfile.ZipFile):
    roots = [ROOT / "lav_engine", *(ROOT / "server").iterdir(), *(ROOT / "plugin").iterdir()]
    ours = {
        str(path.relative_to(root.parent))
        for root in roots
        for path in root.rglob("*.py")
        if root.name in PACKAGES
    }
    assert ours <= set(wheel.namelist())


def test_the_wire_travels_with_its_source(wheel: zipfile.ZipFile):
    assert "lav_proto/v1/relight.proto" in wheel.namelist()


def test_it_names_its_licence(wheel: zipfile.ZipFile):
    metadata = next(name for name in wheel.namelist() if name.endswith("METADATA"))
    assert "License-Expression: Apache-2.0" in wheel.read(metadata).decode()


def test_the_add_on_is_whole_in_it(wheel: zipfile.ZipFile):
    for name in ("blender_manifest.toml", "LICENSE.txt"):
        assert f"lav_plugin/{name}" in wheel.namelist()


def test_the_menu_scripts_and_the_page_are_in_it(wheel: zipfile.ZipFile):
    for name in (
        "lav_client/_hosts/Light-A-Video.lua",
        "lav_client/_hosts/Light-A-Video.py",
        "lav_server/web/static/index.html",
        "lav_server/web/static/app.js",
    ):
        assert name in wheel.namelist()
