"""The Blender add-on as a zip, made from the installed package: the same bytes every time.

Blender 4.2 and newer install it as an extension, older ones as an add-on.
`python -m lav_client.addon DIR` writes it there.
"""

from __future__ import annotations

import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

import lav_plugin
from lav_client import output

ID = "lav_bridge"
MANIFEST = "blender_manifest.toml"
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # zip's own beginning: no file tells when it was made
REGULAR = 0o100644 << 16
OTHERS = ("resolve",)  # folders of other editors


def version() -> str:
    return manifest((_root() / MANIFEST).read_text(encoding="utf-8"))["version"]


def manifest(text: str) -> dict[str, Any]:
    """Empty where the text is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def contents() -> Iterator[tuple[str, bytes]]:
    """Names below the add-on's folder, sorted, and what is in the files."""
    root = _root()
    names = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    for name in sorted(names, key=lambda name: name.as_posix()):
        if name.suffix in (".py", ".toml", ".txt") and name.parts[0] not in OTHERS:
            yield name.as_posix(), (root / name).read_bytes()


def archive() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, data in contents():
            entry = zipfile.ZipInfo(f"{ID}/{name}", LONG_AGO)
            entry.create_system, entry.external_attr = 3, REGULAR
            packed.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    return made.getvalue()


def write(folder: Path) -> Path:
    """Replaces a zip of the same version: it is made, not kept."""
    path = folder / f"{ID}-{version()}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(archive())
    except OSError as error:
        raise output.refused(path, error) from None
    return path


def _root() -> Path:
    return Path(str(files(lav_plugin)))


if __name__ == "__main__":
    sys.stdout.write(f"{write(Path(sys.argv[1]))}\n")
