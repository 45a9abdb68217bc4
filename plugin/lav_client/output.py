"""Where results go: default names beside the source, and files written whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Collection, Mapping
from itertools import chain, count
from pathlib import Path
from uuid import uuid4

from lav_engine.catalog import CODECS
from lav_engine.errors import Code, LavError
from lav_engine.spec import Codec
from lav_proto.v1 import relight_pb2 as pb
from lav_server.security import check_local

FULL = (errno.ENOSPC, errno.EDQUOT)


def natural_codec(facts: pb.MediaFacts) -> Codec:
    """What a take of this source is written as when nobody says: what its editor can use."""
    if facts.codec == Codec.ffv1:
        return Codec.ffv1
    return Codec.prores if facts.bit_depth > 8 or facts.has_alpha else Codec.h264


def absolute(path: Path) -> Path:
    """Raises LavError for a network address."""
    check_local(path)
    return path.expanduser().absolute()


def named(
    path: Path | None, codec: Codec | None, facts: pb.MediaFacts, promised: Collection[Path] = ()
) -> tuple[Path, Codec | None]:
    """Path and codec of the take; with a path given, the server picks the codec that suits it.

    `promised`: takes that are still to come, whose names are not free any more.
    """
    if path:
        return absolute(path), codec
    codec = codec or natural_codec(facts)
    return beside(Path(facts.path), codec, promised), codec


def beside(source: Path, codec: Codec, promised: Collection[Path] = ()) -> Path:
    """`clip_relit.mp4` next to the source, then `clip_relit_v002.mp4`; nothing that exists."""
    suffixes = CODECS[codec].suffixes
    suffix = source.suffix.lower() if source.suffix.lower() in suffixes else suffixes[0]
    first = source.with_name(f"{source.stem}_relit{suffix}")
    numbered = (first.with_stem(f"{first.stem}_v{n:03}") for n in count(2))
    return next(one for one in chain([first], numbered) if one not in promised and not one.exists())


def check_new(path: Path) -> Path:
    """The absolute path of a file still to be written. Raises LavError where that cannot work."""
    path = absolute(path)
    if path.exists():
        raise _exists(path)
    if not path.parent.is_dir():
        raise LavError(
            f"{path.name} cannot be written: {path.parent} is not a folder.",
            "Choose another folder, or make this one first.",
            Code.output_unwritable,
        )
    temporary = _temporary(path)
    try:
        temporary.touch()  # nothing less tells: /proc lets everybody write, and nobody does
        temporary.unlink()
    except OSError as error:
        raise refused(path, error) from None
    return path


def check_apart(outputs: Mapping[str, Path | None]) -> None:
    """Raises LavError where two of the outputs, by their options, would be one file."""
    seen: dict[Path, str] = {}
    for option, path in outputs.items():
        if path is None:
            continue
        first = seen.setdefault(absolute(path).resolve(), option)
        if first != option:
            raise LavError(f"{first} and {option} both name {path}.", "Give two names.")


def write_new(path: Path, data: bytes) -> None:
    """All of `data` or nothing; a file that appeared meanwhile is kept and refused."""
    check_new(path)
    temporary = _temporary(path)
    try:
        temporary.write_bytes(data)
        if path.exists():
            raise _exists(path)
        temporary.rename(path)
    except OSError as error:
        raise refused(path, error) from None
    finally:
        temporary.unlink(missing_ok=True)


def refused(path: Path, error: OSError) -> LavError:
    """What the system said against writing `path`."""
    if error.errno in FULL:
        return LavError(
            f"{path.name} cannot be written: the disk of {path.parent} is full.",
            "Free some space, or choose another folder.",
            Code.disk_short,
        )
    return LavError(
        f"{path.name} cannot be written to {path.parent}: {error.strerror}.",
        "Choose another folder or another name.",
        Code.output_unwritable,
    )


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")


def _exists(path: Path) -> LavError:
    return LavError(
        f"{path} already exists, and nothing is ever replaced.",
        "Choose another name, or move the old file away.",
        Code.output_exists,
    )
