"""Regenerates the committed protobuf code: `python proto/generate.py [--check]`.

The generator is pinned in a throw-away environment of its own: grpcio-tools demands an older
protobuf than we run on, and code from this version imports on every runtime we allow.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

GENERATOR = ("grpcio-tools==1.73.1", "setuptools<81")
ROOT = Path(__file__).parent
SOURCE = "lav_proto/v1/relight.proto"
GENERATED = ("relight_pb2.py", "relight_pb2.pyi", "relight_pb2_grpc.py")


def generate(target: Path, environment: Path) -> None:
    """Writes the generated files below `target`, making the generator's environment if needed."""
    python = environment / "bin" / "python"
    if not python.exists():
        venv.create(environment, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *GENERATOR], check=True)
    outputs = [f"--{kind}_out={target}" for kind in ("python", "pyi", "grpc_python")]
    subprocess.run(
        [python, "-m", "grpc_tools.protoc", f"-I{ROOT}", *outputs, str(ROOT / SOURCE)], check=True
    )


def stale(fresh: Path) -> list[str]:
    """Names of committed files that differ from freshly generated ones."""
    folder = Path(SOURCE).parent
    return [
        name
        for name in GENERATED
        if (fresh / folder / name).read_bytes() != (ROOT / folder / name).read_bytes()
    ]


def main() -> int:
    environment = ROOT.parent / "out" / "proto-venv"
    if "--check" not in sys.argv:
        generate(ROOT, environment)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), environment)
        names = stale(Path(folder))
    if names:
        sys.stderr.write(f"Stale: {', '.join(names)}. Run `make proto` and commit the result.\n")
    return 1 if names else 0


if __name__ == "__main__":
    raise SystemExit(main())
