"""The committed wire code is fresh, and imports on the oldest and newest runtimes we allow."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

from lav_proto.v1 import relight_pb2 as wire

ROOT = Path(__file__).parents[2]


def test_the_generated_code_is_what_the_proto_says():
    check = [sys.executable, ROOT / "proto" / "generate.py", "--check"]
    result = subprocess.run(check, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "versions",
    [("protobuf==6.31.0", "grpcio==1.73.1"), ("protobuf<8", "grpcio")],
    ids=["oldest", "newest"],
)
def test_it_imports_on(versions: tuple[str, ...], tmp_path: Path):
    venv.create(tmp_path, with_pip=True)
    python = tmp_path / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", *versions], check=True)
    code = (
        "from lav_proto.v1 import relight_pb2 as w, relight_pb2_grpc as g;"
        "assert w.Job.FromString(w.Job(id='a').SerializeToString()).id == 'a'; g.RelightStub"
    )
    subprocess.run([python, "-W", "error", "-c", code], check=True, cwd=ROOT / "proto")


def test_every_enum_starts_unspecified():
    for enum in wire.DESCRIPTOR.enum_types_by_name.values():
        assert enum.values_by_number[0].name.endswith("_UNSPECIFIED")
