"""Who may import whom: the walls of the house."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAVY = ("numpy", "cv2", "av", "numba", "torch", "grpc", "google.protobuf", "opentimelineio")


def test_the_import_contracts_hold():
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split()) & set(HEAVY)


def test_importing_the_engine_loads_nothing_heavy():
    assert loaded_by("import lav_engine, lav_engine.spec, lav_engine.errors") == set()


def test_listing_engines_and_looks_loads_nothing_heavy():
    statement = "from lav_engine import catalog; catalog.engines(); catalog.looks()"
    assert loaded_by(statement) == set()


def test_the_daemon_loads_no_media_models_or_arrays():
    assert loaded_by("import lav_server.app, lav_server.service") <= {"grpc", "google.protobuf"}


def test_the_client_loads_no_media_models_or_arrays():
    assert not loaded_by("import lav_client.cli") & {"numpy", "cv2", "av", "numba", "torch"}


def test_no_one_turns_on_pyavs_logging_which_deadlocks():
    modules = "lav_engine.relight, lav_engine.preview, lav_server.worker, lav_server.desk"
    code = f"import {modules}; import av; assert av.logging.get_level() is None"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_plugin_needs_only_the_standard_library():
    for path in (ROOT / "plugin" / "lav_plugin").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            else:
                continue
            for name in names:
                assert name.partition(".")[0] in {*sys.stdlib_module_names, "bpy", "gpu", "blf"}
