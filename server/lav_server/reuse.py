"""The same request once more: the earlier take is copied, if its files are as they were made."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from lav_engine.errors import LavError
from lav_engine.journal import Journal
from lav_engine.publish import Reserved, discard, finish, publish, reserve, writing
from lav_engine.spec import Output, RelightRequest, Take
from lav_server.security import check_unmoved
from lav_server.wire import request_to_wire


def fingerprint(request: RelightRequest, versions: tuple[str, ...]) -> str:
    """Of all that shapes a take but its name, and what is in the files it is made from.

    `versions` are those of the programs and models.
    """
    message = request_to_wire(request)
    message.output.path = request.output.path.suffix.lower()
    message.output.sheet = "sheet" if request.output.sheet else ""
    said = json.dumps([versions, message.SerializeToString(deterministic=True).hex()])
    return hashlib.sha256(said.encode()).hexdigest()


def sources(request: RelightRequest) -> str:
    """How the files that a take is made from are now, by what the disk says of them.

    Only of files that were the same before and after a render is it known what was rendered. Where
    they merely look changed the take is made again, of windows that go by what is in the frames.
    "" where one can't be seen.
    """
    return _stamps(_sources(request))


def changed(before: str, now: str) -> str:
    """The name of the first source that is another by now; "" where none is, or can be seen."""
    pairs = zip(json.loads(before), json.loads(now), strict=True) if before and now else ()
    return next((Path(new[0]).name for old, new in pairs if old != new), "")


def made(take: Take) -> str:
    """How a take's files are now, to be remembered; "" where they can't be seen."""
    return _stamps(_files(take.path, take.sheet))


def is_unchanged(take: Take, files: str) -> bool:
    return files != "" and made(take) == files


def copied(take: Take, output: Output, notes: Journal) -> Take:
    """The take under the output's names: whole or not at all, and over nothing.

    Raises OSError; LavError where the output's folder has become another one, or takes no file.
    """
    check_unmoved(output.path.parent, output.sheet and output.sheet.parent)
    again = replace(take, path=output.path, sheet=output.sheet)
    pairs = zip(_files(take.path, take.sheet), _files(output.path, output.sheet), strict=True)
    files: list[Reserved] = []
    try:
        for source, target in reversed(list(pairs)):  # the take comes last, as when it is rendered
            files.append(reserve(target, notes.announce))
            _fill(files[-1], source)
        notes.finish(files, again)
        _publish(files)
    finally:
        for one in files:
            discard(one)
    return again


def _stamps(paths: Iterable[Path]) -> str:
    """Path, size, times of modification and of any change, and inode of each: another content has
    another one, for nobody can set the time of change back."""
    try:
        found = [(str(path), path.stat()) for path in paths]
    except OSError:
        return ""
    return json.dumps(
        [[path, one.st_size, one.st_mtime_ns, one.st_ctime_ns, one.st_ino] for path, one in found]
    )


def _sources(request: RelightRequest) -> list[Path]:
    diffusion = request.options.diffusion
    loras = (*diffusion.image_loras, *diffusion.video_loras)
    optional = (request.mask, diffusion.light_image, diffusion.models)
    return [request.clip.path, *(one.path for one in loras), *filter(None, optional)]


def _files(path: Path, sheet: Path | None) -> list[Path]:
    return [path, sheet] if sheet else [path]


def _fill(reserved: Reserved, source: Path) -> None:
    with (
        writing(reserved.path),
        source.open("rb") as original,
        reserved.temp.open("wb") as copy,
    ):
        shutil.copyfileobj(original, copy, 2**20)
    finish(reserved)


def _publish(files: list[Reserved]) -> None:
    """All or none."""
    done: list[Path] = []
    try:
        for one in files:
            publish(one)
            done.append(one.path)
    except LavError:
        for path in done:
            path.unlink()
        raise
