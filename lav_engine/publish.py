"""Files that appear whole or not at all, and never take the place of another."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lav_engine.errors import Code, LavError

NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}  # exFAT, some shares
NEW_NAME = "Choose another name; nothing is ever overwritten."
OTHER_FOLDER = "Choose a folder you can write to."
LOST_FOLDER = "Make it again or connect its disk, then try again, or choose another one."
OTHER_DISK = "Check the disk, then try again, or choose a folder on another one."


@dataclass(frozen=True, slots=True)
class Reserved:
    """A file being made: private and hidden beside its final name until `publish`."""

    path: Path  # the final name
    temp: Path
    mode: int  # what the file may end with, after the umask


def reserve(path: Path, announce: Callable[[Reserved], None] = lambda _: None) -> Reserved:
    """Makes the hidden file, of which `announce` hears before it is there.

    Raises LavError for a taken name or a folder that takes no file.
    """
    if os.path.lexists(path):
        raise _taken(path)
    temp = path.with_name(f".{path.name}.{secrets.token_hex(4)}.lav-part{path.suffix}")
    announce(Reserved(path, temp, 0o600))
    with writing(path):
        handle = os.open(temp, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        mode = os.fstat(handle).st_mode & 0o777
        os.close(handle)
        os.chmod(temp, 0o600)
    return Reserved(path, temp, mode)


def finish(reserved: Reserved) -> None:
    """Puts the whole file on the disk, still hidden."""
    with writing(reserved.path):
        os.chmod(reserved.temp, reserved.mode)
        _sync(reserved.temp, os.O_RDWR)


def publish(reserved: Reserved) -> None:
    """Puts the finished file, safe on disk, under its name. Raises LavError if that is taken."""
    path, temp = reserved.path, reserved.temp
    finish(reserved)
    with writing(path):
        try:
            os.link(temp, path)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))  # ours from here on
            os.replace(temp, path)
        else:
            os.unlink(temp)
        if os.name == "posix":
            _sync(path.parent, os.O_RDONLY)


def replace_text(path: Path, text: str) -> None:
    """A small file of our own, which appears or changes whole. Raises LavError."""
    temp = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing(path):
        try:
            with temp.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temp.replace(path)
        finally:
            temp.unlink(missing_ok=True)


def discard(reserved: Reserved) -> None:
    with suppress(FileNotFoundError):
        reserved.temp.unlink()


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what a disk says while `path` is being written into a sentence."""
    try:
        yield
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> LavError:
    if error.errno in NO_SPACE:
        return LavError(
            f"The disk is full: {path.name} could not be written, and nothing was left behind.",
            "Free some space or choose another disk.",
            Code.disk_short,
        )
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return _gone(path)
    return LavError(
        f"{path.name} cannot be written to {path.parent}: {error.strerror}.",
        OTHER_DISK if error.errno == errno.EIO else OTHER_FOLDER,
        Code.output_unwritable,
    )


def _gone(path: Path) -> LavError:
    """Without a word of the unfinished file, which has a name that nobody knows."""
    folder = path.parent
    if folder.is_dir():
        said = f"{path.name} was taken out of {folder} before it was finished."
        return LavError(said, "Try again.", Code.output_unwritable)
    said = f"There is no folder {folder}, or no longer, so {path.name} could not be written."
    return LavError(said, LOST_FOLDER, Code.output_unwritable)


def _taken(path: Path) -> LavError:
    return LavError(f"{path.name} exists already.", NEW_NAME, Code.output_exists)


def _sync(path: Path, access: int) -> None:
    handle = os.open(path, access)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
