"""`make demo`: relights one clip through a server of its own and says where the results lie.

CLIP and PROMPT come in the environment, where no shell reads them once more.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

OUT = Path("out")
LAV = [str(Path(sys.executable).with_name("lav")), "--home", str(OUT / "demo-server")]


def main(clip: str, prompt: str) -> int:
    if not Path(clip).is_file():
        print(f"There is no clip {clip}. Name yours: make demo CLIP=path/to/clip.mov")
        return 1
    folder = _new_folder(f"{Path(clip).stem}-{_slug(prompt)}")
    files = {
        "Relit clip": folder / f"{Path(clip).stem}_relit{_suffix(clip)}",
        "Before and after": folder / "sheet.png",
        "Timeline": folder / "timeline.otio",
    }
    output, sheet, timeline = (str(path) for path in files.values())
    roots = ["--root", str(OUT.resolve()), "--root", str(Path(clip).resolve().parent)]
    options = ["--prompt", prompt, "-o", output, "--sheet", sheet, "--otio", timeline]
    code = _relit(roots, clip, options)
    if code:
        with suppress(OSError):  # what is in it stays
            folder.rmdir()
        return code
    for title, path in files.items():
        print(f"{title:<17} {path}")
    return 0


def _relit(roots: list[str], clip: str, options: list[str]) -> int:
    started = subprocess.run([*LAV, "server", "start", *roots])
    if started.returncode:
        return started.returncode
    try:
        return subprocess.run([*LAV, "relight", clip, *options]).returncode
    finally:
        subprocess.run([*LAV, "server", "stop"], stdout=subprocess.DEVNULL)


def _suffix(clip: str) -> str:
    return ".mov" if Path(clip).suffix.lower() in {".mov", ".mxf"} else ".mp4"


def _slug(prompt: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", prompt.lower()).strip("-")[:40] or "light"


def _new_folder(name: str) -> Path:
    """A folder that is not there yet: what an earlier demo made is kept."""
    OUT.mkdir(exist_ok=True)
    for number in itertools.count(1):
        folder = OUT / (name if number == 1 else f"{name}-{number}")
        if not folder.exists():
            folder.mkdir()
            return folder
    raise AssertionError


if __name__ == "__main__":
    raise SystemExit(main(os.environ["CLIP"], os.environ["PROMPT"]))
