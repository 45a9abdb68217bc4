"""The same request once more: the earlier take is copied, if its files are as they were made."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from lav_engine.spec import Output, RelightRequest, Take
from lav_server.security import check_unmoved
from lav_server.wire import request_to_wire


def fingerprint(request: RelightRequest, versions: tuple[str, ...]) -> str:
    """Of all that shapes a take but its name, and of the files it is made from, by what the disk
    says of them. `versions` are those of the programs and models. "" where a file can't be seen.
    """
    message = request_to_wire(request)
    message.output.path = request.output.path.suffix.lower()
    message.output.sheet = "sheet" if request.output.sheet else ""
    try:
        files = stamps(_sources(request))
    except OSError:
        return ""
    said = json.dumps([versions, files, message.SerializeToString(deterministic=True).hex()])
    return hashlib.sha256(said.encode()).hexdigest()


def stamps(paths: Iterable[Path]) -> list[list[str | int]]:
    """Path, size, modification time and inode of each: another content has another one.

    Raises OSError.
    """
    found = [(path, path.stat()) for path in paths]
    return [[str(path), one.st_size, one.st_mtime_ns, one.st_ino] for path, one in found]


def made(take: Take) -> str:
    """How a take's files are now, to be remembered; "" where they can't be seen."""
    try:
        return json.dumps(stamps(_files(take.path, take.sheet)))
    except OSError:
        return ""


def is_unchanged(take: Take, files: str) -> bool:
    return files != "" and made(take) == files


def copied(take: Take, output: Output) -> Take:
    """The take under the output's names: whole or not at all, and over nothing.

    Raises OSError, or LavError where the output's folder has become another one.
    """
    check_unmoved(output.path.parent, output.sheet and output.sheet.parent)
    pairs = zip(_files(take.path, take.sheet), _files(output.path, output.sheet), strict=True)
    done: list[Path] = []
    try:
        for source, target in reversed(list(pairs)):  # the take comes last, as when it is rendered
            _copy(source, target)
            done.append(target)
    except OSError:
        for target in done:
            target.unlink()
        raise
    return replace(take, path=output.path, sheet=output.sheet)


def _sources(request: RelightRequest) -> list[Path]:
    diffusion = request.options.diffusion
    loras = (*diffusion.image_loras, *diffusion.video_loras)
    optional = (request.mask, diffusion.light_image, diffusion.models)
    return [request.clip.path, *(one.path for one in loras), *filter(None, optional)]


def _files(path: Path, sheet: Path | None) -> list[Path]:
    return [path, sheet] if sheet else [path]


def _copy(source: Path, target: Path) -> None:
    """A temporary file with the name that the sweep knows, then its own name if that is free."""
    temp = target.with_name(f".{target.name}.{secrets.token_hex(4)}.lav-part{target.suffix}")
    try:
        with source.open("rb") as original, temp.open("xb") as copy:
            shutil.copyfileobj(original, copy, 2**20)
            copy.flush()
            os.fsync(copy.fileno())
        shutil.copymode(source, temp)
        _name(temp, target)
    finally:
        with suppress(FileNotFoundError):
            temp.unlink()


def _name(temp: Path, target: Path) -> None:
    try:
        os.link(temp, target)
    except FileExistsError:
        raise
    except OSError:  # no links on this file system: reserve the name, then fill it
        os.close(os.open(target, os.O_CREAT | os.O_EXCL))
        os.replace(temp, target)
